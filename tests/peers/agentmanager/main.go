// Elastic Agent's own runtime manager driving the component: what its user would see of it. Prints a line for each check; exit code 1 when
// one failed.
//
//	agentmanager home                          the folder below that of this program in which an agent of this version lives
//	agentmanager CONFIG.json CONTROL STORE COUNT     CONFIG: output and inputs; CONTROL: URL of the simulator's faults; STORE: its documents, COUNT
package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"time"

	"github.com/elastic/elastic-agent-client/v7/pkg/client"
	"github.com/elastic/elastic-agent/pkg/component"
	"github.com/elastic/elastic-agent/pkg/component/runtime"
)

const (
	healthy  = client.UnitStateHealthy
	degraded = client.UnitStateDegraded
	failed   = client.UnitStateFailed
)

var anyFailed bool

type states = map[string]client.UnitState

func say(ok bool, format string, args ...any) {
	word := "ok: "
	if !ok {
		word, anyFailed = "FAILED: ", true
	}
	fmt.Println(word + fmt.Sprintf(format, args...))
}

func must[T any](v T, err error) T {
	if err != nil {
		panic(err)
	}
	return v
}

type config struct {
	Output map[string]any
	Inputs []map[string]any
}

// A policy of the output and the inputs of these numbers; change (may be nil) may change its own copy.
func (c config) policy(change func(policy map[string]any), numbers ...int) map[string]any {
	inputs := []any{}
	for _, n := range numbers {
		inputs = append(inputs, c.Inputs[n])
	}
	p := map[string]any{"outputs": map[string]any{"default": c.Output}, "inputs": inputs, "revision": 7}
	copied := map[string]any{}
	if err := json.Unmarshal(must(json.Marshal(p)), &copied); err != nil {
		panic(err)
	}
	if change != nil {
		change(copied)
	}
	return copied
}

func input(policy map[string]any, number int) map[string]any {
	return policy["inputs"].([]any)[number].(map[string]any)
}

func stream(policy map[string]any, number int) map[string]any {
	return input(policy, number)["streams"].([]any)[0].(map[string]any)
}

func fault(control, rules string) {
	request := must(http.NewRequest(http.MethodPut, control+"/_sim/fault", strings.NewReader("["+rules+"]")))
	reply := must(http.DefaultClient.Do(request))
	reply.Body.Close()
	if reply.StatusCode != http.StatusOK {
		panic("fault: " + reply.Status)
	}
}

func documents(store string) int {
	count := 0
	files, _ := filepath.Glob(filepath.Join(store, "*.ndjson"))
	for _, f := range files {
		text, _ := os.ReadFile(f)
		count += bytes.Count(text, []byte("\n"))
	}
	return count
}

func waitFor(what string, limit time.Duration, test func() bool) {
	for end := time.Now().Add(limit); time.Now().Before(end); time.Sleep(10 * time.Millisecond) {
		if test() {
			say(true, "%s", what)
			return
		}
	}
	say(false, "%s: not within %s", what, limit)
}

// The process as the manager names it in the component's message.
func pidOf(s runtime.ComponentState) int {
	parts := strings.Split(s.Message, "'")
	if len(parts) < 2 {
		return 0
	}
	pid, _ := strconv.Atoi(parts[1])
	return pid
}

func specsLoad(top string) component.RuntimeSpecs {
	platform := must(component.LoadPlatformDetail())
	specs, err := component.LoadRuntimeSpecs(filepath.Join(top, home(), "components"), platform)
	say(err == nil, "the loader of specs takes ours: %v", err)
	inputs := specs.Inputs()
	slices.Sort(inputs)
	say(slices.Equal(inputs, []string{"cortex_xdr/cel", "cortex_xdr/gcs", "cortex_xdr/httpjson"}), "its inputs: %v", inputs)
	for _, name := range inputs {
		_, err := specs.GetInput(name)
		say(err == nil, "%s runs on this platform: %v", name, err)
	}
	return specs
}

// Nothing is written by anybody else, or the manager does not start it.
func modeChecked(a *agent, c config, top string) {
	program := filepath.Join(top, home(), "components", "cortexd")
	_ = os.Chmod(program, 0o775)
	say(a.apply(c.policy(nil, 0)) == nil, "a policy: taken")
	a.wait("a program that others may write is not started", 10*time.Second, func(s runtime.ComponentState) bool {
		return s.State == failed && strings.Contains(s.Message, "prevented")
	})
	_ = os.Chmod(program, 0o755)
	say(a.apply(map[string]any{}) == nil, "no policy: taken")
	time.Sleep(time.Second)
}

func lifeBegins(a *agent, c config) {
	say(a.apply(c.policy(nil, 0)) == nil, "a policy: taken")
	a.wait("component, output and input healthy", 20*time.Second, are(states{"": healthy, "in": healthy}))
	s := a.now()
	say(s.VersionInfo.Name == "cortexd" && s.VersionInfo.Meta["version"] != "", "it says who it is: %v", s.VersionInfo)
	streams, _ := unitsOf(s)["in"].Payload["streams"].(map[string]any)
	one, _ := streams["component-event"].(map[string]any)
	say(one["status"] == "HEALTHY", "its payload: %v", streams)
}

// What comes while documents are under way comes again, and none twice.
func crash(a *agent, store string, all int) {
	waitFor("documents are under way", 20*time.Second, func() bool { return documents(store) > 0 })
	first, before := pidOf(a.now()), documents(store)
	_ = syscall.Kill(first, syscall.SIGKILL)
	a.wait("killed: it is gone", 10*time.Second, func(s runtime.ComponentState) bool { return s.State != healthy })
	say(before < all, "killed with %d of %d documents stored", before, all)
	a.wait("killed: started again, healthy", 30*time.Second, func(s runtime.ComponentState) bool {
		return are(states{"": healthy, "in": healthy})(s) && pidOf(s) != first
	})
	waitFor("killed: all documents arrive", 60*time.Second, func() bool { return documents(store) >= all })
}

func changes(a *agent, c config, control string) {
	pid := pidOf(a.now())
	say(a.apply(c.policy(nil, 0, 1)) == nil, "an input with a wrong bucket: taken")
	a.wait("it fails, the other does not", 20*time.Second, are(states{"": healthy, "in": healthy, "bad": failed}))
	say(unitsOf(a.now())["bad"].Message != "", "its reason: %s", unitsOf(a.now())["bad"].Message)
	mended := func(p map[string]any) { stream(p, 1)["buckets"] = stream(p, 0)["buckets"] }
	say(a.apply(c.policy(mended, 0, 1)) == nil, "mended: taken")
	a.wait("mended: healthy", 20*time.Second, are(states{"": healthy, "in": healthy, "bad": healthy}))

	fault(control, `{"server":"storage","kind":"list","status":503}`)
	a.wait("a source with errors: its inputs are not healthy, its output is", 40*time.Second, func(s runtime.ComponentState) bool {
		u := unitsOf(s)
		return u[""].State == healthy && u["in"].State == degraded && u["bad"].State == degraded
	})
	fault(control, "")
	a.wait("a source that answers again: healthy by itself", 60*time.Second, are(states{"": healthy, "in": healthy, "bad": healthy}))

	say(a.apply(c.policy(func(p map[string]any) { stream(p, 0)["poll_interval"] = "soon" }, 0)) == nil, "an option with a wrong value: taken")
	a.wait("it fails, and the input that was taken out is gone", 20*time.Second, are(states{"": healthy, "in": failed}))
	say(strings.Contains(unitsOf(a.now())["in"].Message, "poll_interval"), "its reason: %s", unitsOf(a.now())["in"].Message)
	on := func(p map[string]any) {
		p["agent"] = map[string]any{"features": map[string]any{"fqdn": map[string]any{"enabled": true}}, "limits": map[string]any{"go_max_procs": 2.0}}
		input(p, 0)["log_level"] = "debug"
	}
	say(a.apply(c.policy(on, 0)) == nil, "right again, with features, limits and another log level: taken")
	a.wait("healthy, and what was sent is settled", 20*time.Second, func(s runtime.ComponentState) bool {
		return are(states{"": healthy, "in": healthy})(s) && s.Features.GetFqdn().GetEnabled() && s.FeaturesIdx >= 2 && s.ComponentIdx >= 2
	})
	say(pidOf(a.now()) == pid, "all of it in one process: %d, %d", pid, pidOf(a.now()))
}

// The manager sends all units in any order, and does so at each check-in while one has failed: that is nothing new.
func quietAfterFailure(a *agent, c config, log string) {
	const count = 8
	wrong := func(p map[string]any) {
		for i := range count {
			more := map[string]any{}
			_ = json.Unmarshal(must(json.Marshal(input(p, 0))), &more)
			more["id"] = fmt.Sprintf("more-%d", i)
			s := more["streams"].([]any)[0].(map[string]any)
			s["id"] = fmt.Sprintf("component-more-%d", i)
			p["inputs"] = append(p["inputs"].([]any), more)
		}
		stream(p, 1)["poll_interval"] = "soon"
	}
	want := states{"": healthy, "in": healthy, "bad": failed}
	for i := range count {
		want[fmt.Sprintf("more-%d", i)] = healthy
	}
	tries := func() int { return bytes.Count(must(os.ReadFile(log)), []byte("units cannot be applied")) }
	before := tries()
	say(a.apply(c.policy(wrong, 0, 1)) == nil, "an input with a wrong value among %d others: taken", count+1)
	a.wait("it fails, the others do not", 20*time.Second, are(want))
	time.Sleep(4 * time.Second)
	say(tries()-before == 1, "it was tried once: %d", tries()-before)
	say(a.apply(c.policy(nil, 0)) == nil, "without them: taken")
	a.wait("healthy", 20*time.Second, are(states{"": healthy, "in": healthy}))
}

func outputGoes(a *agent, c config, control, store string, all int) {
	gone := func(p map[string]any) {
		p["outputs"].(map[string]any)["default"].(map[string]any)["hosts"] = []any{"https://127.0.0.1:1"}
		input(p, 0)["streams"].([]any)[0].(map[string]any)["tags"] = []any{"again"}
	}
	say(a.apply(c.policy(gone, 0)) == nil, "an output where nobody listens: taken")
	a.wait("the output is not healthy", 60*time.Second, func(s runtime.ComponentState) bool {
		return unitsOf(s)[""].State == degraded || unitsOf(s)[""].State == failed
	})
	say(a.apply(c.policy(nil, 0)) == nil, "the output that is there: taken")
	a.wait("healthy", 60*time.Second, are(states{"": healthy, "in": healthy}))
	say(documents(store) == all, "documents: %d", documents(store))
}

func diagnosticsTaken(a *agent) {
	count := 0
	for _, d := range a.manager.PerformDiagnostics(context.Background()) {
		say(d.Err == nil && len(d.Results) > 0, "diagnostics of unit %s: %d files, %v", d.Unit.ID, len(d.Results), d.Err)
		for _, r := range d.Results {
			say(!bytes.Contains(r.Content, []byte("geheim")), "%s: %d bytes, no secret", r.Filename, len(r.Content))
		}
		count++
	}
	say(count == 2, "diagnostics of units: %d", count)
	all, err := a.manager.PerformComponentDiagnostics(context.Background(), nil)
	say(err == nil && len(all) == 1 && all[0].Err == nil && len(all[0].Results) > 0, "diagnostics of the component: %v", err)
	_, err = a.manager.PerformAction(context.Background(), a.comps[0], a.comps[0].Units[0], "dance", nil)
	say(err != nil && strings.Contains(err.Error(), "action"), "an action that is not known: %v", err)
}

func lifeEnds(a *agent) {
	pid := pidOf(a.now())
	from := time.Now()
	say(a.apply(map[string]any{}) == nil, "a policy without it: taken")
	a.wait("stopped by the manager, exit code 0", 40*time.Second, func(s runtime.ComponentState) bool {
		return s.State == client.UnitStateStopped && strings.Contains(s.Message, "code '0'")
	})
	say(syscall.Kill(pid, 0) != nil, "the process is gone after %d ms", time.Since(from).Milliseconds())
	a.stop()
}

// The time that the manager leaves for a stop is enough, whatever its output does.
func endsWithoutOutput(specs component.RuntimeSpecs, c config, top string) {
	a := start(specs, top, filepath.Join(top, "away.log"), 100<<20)
	away := c.policy(func(p map[string]any) {
		p["outputs"].(map[string]any)["default"].(map[string]any)["hosts"] = []any{"https://127.0.0.1:1"}
		s := stream(p, 0)
		s["id"] = "again" // from the beginning
	}, 0)
	say(a.apply(away) == nil, "documents for an output where nobody listens: taken")
	a.wait("the output is not healthy", 30*time.Second, func(s runtime.ComponentState) bool { return unitsOf(s)[""].State == degraded })
	time.Sleep(3 * time.Second) // documents are read, and held
	pid := pidOf(a.now())
	say(a.apply(map[string]any{}) == nil, "a policy without it: taken")
	a.wait("it ended by itself", 60*time.Second, func(s runtime.ComponentState) bool {
		return s.State == client.UnitStateStopped && strings.Contains(s.Message, "code '3'") && syscall.Kill(pid, 0) != nil
	})
	a.stop()
}

// Messages smaller than the set of units: it comes and goes in parts.
func chunked(specs component.RuntimeSpecs, c config, top string) {
	const count, most = 40, 24 << 10
	a := start(specs, top, filepath.Join(top, "chunked.log"), most)
	many := c.policy(func(p map[string]any) {
		want := []any{}
		for i := range count {
			one := map[string]any{}
			_ = json.Unmarshal(must(json.Marshal(input(p, 0))), &one)
			one["id"] = fmt.Sprintf("many-%d", i)
			s := one["streams"].([]any)[0].(map[string]any)
			s["id"], s["tags"] = fmt.Sprintf("many-stream-%d", i), []any{strings.Repeat("x", 1000)}
			s["buckets"] = []any{map[string]any{"name": "no-such-bucket"}}
			want = append(want, one)
		}
		p["inputs"] = want
	}, 0)
	want := states{"": healthy}
	for i := range count {
		want[fmt.Sprintf("many-%d", i)] = failed
	}
	say(a.apply(many) == nil, "%d inputs, messages of at most %d bytes: taken", count, most)
	a.wait("each unit has its state", 60*time.Second, are(want))
	lifeEnds(a)
}

func main() {
	if len(os.Args) == 2 && os.Args[1] == "home" {
		fmt.Println(home())
		return
	}
	var c config
	if err := json.Unmarshal(must(os.ReadFile(os.Args[1])), &c); err != nil {
		panic(err)
	}
	control, store := os.Args[2], os.Args[3]
	all := must(strconv.Atoi(os.Args[4]))
	top := filepath.Dir(must(os.Executable()))
	specs := specsLoad(top)
	a := start(specs, top, filepath.Join(top, "manager.log"), 100<<20)
	modeChecked(a, c, top)
	fault(control, `{"kind":"bulk","delay_ms":300}`)
	lifeBegins(a, c)
	if anyFailed {
		os.Exit(1) // the rest would only wait
	}
	crash(a, store, all)
	fault(control, "")
	changes(a, c, control)
	quietAfterFailure(a, c, filepath.Join(top, "manager.log"))
	outputGoes(a, c, control, store, all)
	diagnosticsTaken(a)
	lifeEnds(a)
	endsWithoutOutput(specs, c, top)
	chunked(specs, c, top)
	if anyFailed {
		os.Exit(1)
	}
}
