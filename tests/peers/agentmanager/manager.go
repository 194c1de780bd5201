// What an agent is made of here: Elastic Agent's own loader of specs, its own model of a policy and its own manager of processes.
package main

import (
	"context"
	"encoding/json"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"reflect"
	"sync"
	"time"

	"github.com/elastic/elastic-agent-client/v7/pkg/client"
	"github.com/elastic/elastic-agent-libs/logp"
	"github.com/elastic/elastic-agent/pkg/component"
	"github.com/elastic/elastic-agent/pkg/component/runtime"
	"github.com/elastic/elastic-agent/pkg/core/logger"
	"github.com/elastic/elastic-agent/pkg/ecsmeta"
	"github.com/elastic/elastic-agent/version"
	"go.uber.org/zap"
	"go.uber.org/zap/zapcore"
)

const componentID = "cortex_xdr/gcs-default"

// Where the manager looks, below the folder of this program.
func home() string {
	commit := version.Commit()
	return filepath.Join("data", fmt.Sprintf("elastic-agent-%s-%s", version.GetAgentPackageVersion(), commit[:min(6, len(commit))]))
}

type identity struct{}

func (identity) AgentID() string                                   { return "11111111-2222-3333-4444-555555555555" }
func (identity) Headers() map[string]string                        { return nil }
func (identity) GetLogLevelRuntime() string                        { return "info" }
func (identity) GetLogLevelPolicy() string                         { return "info" }
func (identity) GetLogLevelOverride() string                       { return "" }
func (identity) SetLogLevelPolicy(string)                          {}
func (identity) SetLogLevelOverride(context.Context, string) error { return nil }
func (identity) ReloadID(context.Context) error                    { return nil }
func (identity) Snapshot() bool                                    { return false }
func (identity) Version() string                                   { return version.GetAgentPackageVersion() }
func (identity) Unprivileged() bool                                { return false }
func (identity) IsStandalone() bool                                { return true }
func (identity) ECSMetadata(*logger.Logger) (*ecsmeta.ECSMeta, error) {
	return &ecsmeta.ECSMeta{}, nil
}

// As for a Beat: words that the program is to pass over.
type monitoring struct{}

func (monitoring) EnrichArgs(_, _ string, args []string) []string {
	return append(append([]string{}, args...), "-E", "logging.metrics.enabled=false", "-E", "http.enabled=true")
}
func (monitoring) Prepare(string) error { return nil }
func (monitoring) Cleanup(string) error { return nil }

type agent struct {
	sync.Mutex
	specs   component.RuntimeSpecs
	manager *runtime.Manager
	run     string // folder of the components' folders
	comps   []component.Component
	state   runtime.ComponentState
	words   []string // of the component's states, as they came
	updates chan error
	cancel  context.CancelFunc
	ended   chan error
}

func newLogger(path string) *logger.Logger {
	file := must(os.OpenFile(path, os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600))
	core := zapcore.NewCore(zapcore.NewJSONEncoder(zap.NewProductionEncoderConfig()), zapcore.Lock(file), zapcore.DebugLevel)
	return logp.NewLogger("agent", zap.WrapCore(func(zapcore.Core) zapcore.Core { return core }))
}

func freePort() uint16 {
	l := must(net.Listen("tcp4", "127.0.0.1:0"))
	defer l.Close()
	return uint16(l.Addr().(*net.TCPAddr).Port)
}

// The type of the last argument is internal to the agent's module: it is made from the function's own.
func newManager(log *logger.Logger, maxMessage int) *runtime.Manager {
	make := reflect.ValueOf(runtime.NewManager)
	config := reflect.New(make.Type().In(5).Elem())
	config.Elem().FieldByName("Address").SetString("127.0.0.1")
	config.Elem().FieldByName("Port").SetUint(uint64(freePort()))
	config.Elem().FieldByName("MaxMsgSize").SetInt(int64(maxMessage))
	values := make.Call([]reflect.Value{reflect.ValueOf(log), reflect.ValueOf(log), reflect.ValueOf(identity{}),
		reflect.Zero(make.Type().In(3)), reflect.ValueOf(monitoring{}), config})
	if err, _ := values[1].Interface().(error); err != nil {
		panic(err)
	}
	return values[0].Interface().(*runtime.Manager)
}

func start(specs component.RuntimeSpecs, top, log string, maxMessage int) *agent {
	ctx, cancel := context.WithCancel(context.Background())
	a := &agent{specs: specs, run: filepath.Join(top, home(), "run"), cancel: cancel, ended: make(chan error, 1)}
	a.manager = newManager(newLogger(log), maxMessage)
	go func() { a.ended <- a.manager.Run(ctx) }()
	states := a.manager.SubscribeAll(ctx)
	go func() {
		for {
			select {
			case <-ctx.Done():
				return
			case s := <-states.Ch():
				a.Lock()
				if s.Component.ID == componentID {
					a.state = s.State
					word := s.State.State.String() + ": " + s.State.Message
					if len(a.words) == 0 || a.words[len(a.words)-1] != word {
						a.words = append(a.words, word)
					}
				}
				a.Unlock()
			}
		}
	}()
	return a
}

// A policy as the agent's own file has it, JSON; components that it no longer has are stopped.
func (a *agent) apply(policy map[string]any) error {
	copied := map[string]any{} // the model takes keys out
	if err := json.Unmarshal(must(json.Marshal(policy)), &copied); err != nil {
		return err
	}
	comps, err := a.specs.PolicyToComponents(copied, component.DefaultRuntimeConfig(), logp.InfoLevel, identity{}, map[string]bool{})
	if err != nil {
		return err
	}
	for i := range comps {
		if comps[i].Err != nil {
			return comps[i].Err
		}
		if err := comps[i].PrepareWorkDir(a.run); err != nil {
			return err
		}
	}
	a.comps = comps
	a.manager.Update(component.Model{Components: comps})
	return <-a.manager.Errors()
}

func (a *agent) now() runtime.ComponentState {
	a.Lock()
	defer a.Unlock()
	return a.state
}

// Until the component is as it is to be; what it was last is said when it is not.
func (a *agent) wait(what string, limit time.Duration, test func(runtime.ComponentState) bool) bool {
	for end := time.Now().Add(limit); time.Now().Before(end); time.Sleep(20 * time.Millisecond) {
		if test(a.now()) {
			say(true, "%s", what)
			return true
		}
	}
	s := a.now()
	say(false, "%s: not within %s; component %s (%s)", what, limit, s.State, s.Message)
	for k, u := range s.Units {
		fmt.Printf("   %s %s: %s (%s)\n", k.UnitType, k.UnitID, u.State, u.Message)
	}
	return false
}

// The states of the units: the output's under "", an input's under its id in the policy.
func unitsOf(s runtime.ComponentState) map[string]runtime.ComponentUnitState {
	units := map[string]runtime.ComponentUnitState{}
	for k, u := range s.Units {
		if k.UnitType == client.UnitTypeOutput {
			units[""] = u
		} else {
			units[k.UnitID[len(componentID)+1:]] = u
		}
	}
	return units
}

// Component healthy, with units of these states: "" is the output.
func are(want map[string]client.UnitState) func(runtime.ComponentState) bool {
	return func(s runtime.ComponentState) bool {
		units := unitsOf(s)
		for id, state := range want {
			if u, ok := units[id]; !ok || u.State != state {
				return false
			}
		}
		return s.State == client.UnitStateHealthy && len(units) == len(want)
	}
}

func (a *agent) stop() {
	a.cancel()
	select {
	case <-a.ended:
	case <-time.After(60 * time.Second):
		say(false, "the manager does not end")
	}
}
