package cortexd_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	cortexd "cortexd.example/shim/go"
)

func waitFor(t testing.TB, what string, is func() bool) {
	t.Helper()
	for end := time.Now().Add(30 * time.Second); !is(); time.Sleep(5 * time.Millisecond) {
		if time.Now().After(end) {
			t.Fatal("waited 30 s for ", what)
		}
	}
}

func open(t testing.TB, mode string, o cortexd.Options) *cortexd.Agent {
	t.Helper()
	agent, err := cortexd.Open(context.Background(), options(t, mode, o))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = agent.Close() })
	return agent
}

// drain pulls and acknowledges until the end; documents are ticks from next on. It gives the tick after the last.
func drain(t testing.TB, agent *cortexd.Agent, next int) int {
	t.Helper()
	for {
		batch, err := agent.Pull(context.Background())
		if err == io.EOF {
			return next
		}
		if err != nil {
			t.Fatal(err)
		}
		next = ticks(t, batch, next)
		if err := batch.Ack(); err != nil {
			t.Fatal(err)
		}
	}
}

func ticks(t testing.TB, batch *cortexd.Batch, next int) int {
	t.Helper()
	if batch.Stream() != "t" || batch.DataStream() != "logs-generic-default" || batch.Pipeline() != "" {
		t.Fatalf("stream %q, data stream %q, pipeline %q", batch.Stream(), batch.DataStream(), batch.Pipeline())
	}
	size := 0
	batch.All()(func(i int, doc cortexd.Document) bool {
		var source struct {
			Message string `json:"message"`
		}
		if err := json.Unmarshal(doc.Source, &source); err != nil || source.Message != fmt.Sprintf(`{"tick":%d}`, next) {
			t.Fatalf("document %d: %v %s", i, err, doc.Source)
		}
		if string(doc.ID) != fmt.Sprintf("tick-%d", next) || string(batch.At(i).ID) != string(doc.ID) {
			t.Fatalf("document %d: id %q, wanted tick-%d", i, doc.ID, next)
		}
		next++
		size += len(doc.Source)
		return true
	})
	if size != batch.Bytes() || batch.Len() == 0 {
		t.Fatalf("%d documents of %d bytes, counted %d", batch.Len(), batch.Bytes(), size)
	}
	return next
}

func TestAllIsPulledOnce(t *testing.T) {
	eachMode(t, func(t *testing.T, mode string) {
		before := runtime.NumGoroutine()
		o := options(t, mode, cortexd.Options{Policy: ticker(5000, "queue.mem.batch_bytes: 16KiB,"), Once: true})
		for _, wanted := range []int{5000, 0} { // a second run has nothing to do
			agent := open(t, mode, o)
			if got := drain(t, agent, 0); got != wanted {
				t.Fatalf("%d documents, wanted %d", got, wanted)
			}
			h, err := agent.Health()
			if err != nil || h.Health != "HEALTHY" || int(h.Delivered) != wanted || len(h.Units) != 2 || h.Units[0].ID != "t" {
				t.Fatalf("%v %+v", err, h)
			}
			if err := agent.Close(); err != nil {
				t.Fatal(err)
			}
			if _, err := agent.Pull(context.Background()); !errors.Is(err, cortexd.ErrClosed) {
				t.Fatal(err)
			}
			if err := agent.Close(); err != nil {
				t.Fatal(err)
			}
		}
		goroutinesSettle(t, before)
	})
}

func TestNackComesAgain(t *testing.T) {
	eachMode(t, func(t *testing.T, mode string) {
		agent := open(t, mode, cortexd.Options{Policy: ticker(1000, "queue.mem.batch_bytes: 16KiB,"), Once: true})
		for i := 0; i < 3; i++ {
			batch, err := agent.Pull(context.Background())
			if err != nil {
				t.Fatal(err)
			}
			ticks(t, batch, 0)
			if err := batch.Nack(); err != nil {
				t.Fatal(err)
			}
			if err := batch.Ack(); !errors.Is(err, cortexd.ErrHandle) {
				t.Fatal(err)
			}
			if err := batch.Reject(0, "late"); !errors.Is(err, cortexd.ErrHandle) {
				t.Fatal(err)
			}
		}
		if got := drain(t, agent, 0); got != 1000 {
			t.Fatal(got)
		}
	})
}

func TestUnacknowledgedComesAgainAfterClose(t *testing.T) {
	eachMode(t, func(t *testing.T, mode string) {
		o := options(t, mode, cortexd.Options{Policy: ticker(300, ""), Once: true, CloseTimeout: -1})
		agent := open(t, mode, o)
		batch, err := agent.Pull(context.Background())
		if err != nil {
			t.Fatal(err)
		}
		if err := agent.Close(); !errors.Is(err, cortexd.ErrAgain) {
			t.Fatal(err)
		}
		if err := batch.Ack(); !errors.Is(err, cortexd.ErrClosed) {
			t.Fatal(err)
		}
		if got := drain(t, open(t, mode, o), 0); got != 300 {
			t.Fatal(got)
		}
	})
}

func TestRejectedIsDeadLetter(t *testing.T) {
	eachMode(t, func(t *testing.T, mode string) {
		o := options(t, mode, cortexd.Options{Policy: ticker(10, ""), Once: true})
		agent := open(t, mode, o)
		batch, err := agent.Pull(context.Background())
		if err != nil {
			t.Fatal(err)
		}
		if err := batch.Reject(10, "no"); !errors.Is(err, cortexd.ErrInvalid) {
			t.Fatal(err)
		}
		if err := batch.Reject(4, "its mapping does not fit"); err != nil {
			t.Fatal(err)
		}
		if err := batch.Reject(4, "its mapping does not fit"); !errors.Is(err, cortexd.ErrState) {
			t.Fatal(err)
		}
		if err := batch.Ack(); err != nil {
			t.Fatal(err)
		}
		if h, err := agent.Health(); err != nil || h.Delivered != 9 || h.DeadLettered != 1 {
			t.Fatalf("%v %+v", err, h)
		}
		if err := agent.Close(); err != nil {
			t.Fatal(err)
		}
		letters, err := os.ReadFile(filepath.Join(o.DataDir, "dead_letter", "dead.ndjson"))
		if err != nil || !bytes.Contains(letters, []byte("its mapping does not fit")) || !bytes.Contains(letters, []byte("tick-4")) {
			t.Fatalf("%v %s", err, letters)
		}
	})
}

func TestContextEndsPull(t *testing.T) {
	eachMode(t, func(t *testing.T, mode string) {
		agent := open(t, mode, cortexd.Options{Policy: ticker(0, "")})
		ctx, cancel := context.WithCancel(context.Background())
		time.AfterFunc(50*time.Millisecond, cancel)
		begin := time.Now()
		if _, err := agent.Pull(ctx); !errors.Is(err, context.Canceled) {
			t.Fatal(err)
		}
		if mode == "library" && time.Since(begin) > 900*time.Millisecond {
			t.Error("the wait went on for ", time.Since(begin))
		}
		if _, err := agent.Pull(ctx); !errors.Is(err, context.Canceled) {
			t.Fatal(err)
		}
		if _, err := cortexd.Open(ctx, options(t, mode, cortexd.Options{Policy: ticker(0, "")})); !errors.Is(err, context.Canceled) {
			t.Fatal(err)
		}
		// another goroutine's wait goes on meanwhile, until the agent is closed
		ended := make(chan error)
		go func() { _, err := agent.Pull(context.Background()); ended <- err }()
		short, stop := context.WithTimeout(context.Background(), 30*time.Millisecond)
		defer stop()
		if _, err := agent.Pull(short); !errors.Is(err, context.DeadlineExceeded) {
			t.Fatal(err)
		}
		select {
		case err := <-ended:
			t.Fatal("a wait of another ended: ", err)
		case <-time.After(30 * time.Millisecond):
		}
		_ = agent.Close()
		if err := <-ended; !errors.Is(err, cortexd.ErrClosed) && err != io.EOF {
			t.Fatal(err)
		}
	})
}

func TestStopDrains(t *testing.T) {
	eachMode(t, func(t *testing.T, mode string) {
		agent := open(t, mode, cortexd.Options{Policy: ticker(20000, "queue.mem.batch_bytes: 16KiB,")})
		batch, err := agent.Pull(context.Background())
		if err != nil {
			t.Fatal(err)
		}
		next := ticks(t, batch, 0)
		short, cancel := context.WithTimeout(context.Background(), 20*time.Millisecond)
		defer cancel()
		if err := agent.Stop(short); !errors.Is(err, context.DeadlineExceeded) {
			t.Fatal(err) // one batch at least is unacknowledged
		}
		stopped := make(chan error)
		go func() { stopped <- agent.Stop(context.Background()) }()
		if err := batch.Ack(); err != nil {
			t.Fatal(err)
		}
		next = drain(t, agent, next)
		if err := <-stopped; err != nil || next == 0 {
			t.Fatal(next, err)
		}
		if err := agent.Close(); err != nil {
			t.Fatal(err)
		}
	})
}

func TestWrongPolicies(t *testing.T) {
	eachMode(t, func(t *testing.T, mode string) {
		before := runtime.NumGoroutine()
		for policy, wanted := range map[string]string{
			"inputs: [{type: tocker}]":           `policy:1: there is no input module of type "tocker"`,
			"inputs: [{type: ticker}]":           "count",
			"inputs: {":                          "policy:",
			"inputs: [{type: ticker, count: x}]": `option "count"`,
		} {
			_, err := cortexd.Open(context.Background(), options(t, mode, cortexd.Options{Policy: []byte(policy)}))
			var e *cortexd.Error
			if !errors.Is(err, cortexd.ErrConfig) || !errors.As(err, &e) || !strings.Contains(e.Text, wanted) || e.Op != "open" {
				t.Errorf("%s: %v", policy, err)
			}
		}
		_, err := cortexd.Open(context.Background(), options(t, mode, cortexd.Options{}))
		if !errors.Is(err, cortexd.ErrConfig) {
			t.Error(err)
		}
		_, err = cortexd.Open(context.Background(), options(t, mode, cortexd.Options{PolicyPath: "/none/such"}))
		if !errors.Is(err, cortexd.ErrIO) {
			t.Error(err)
		}
		o := options(t, mode, cortexd.Options{Policy: ticker(1, ""), CloseTimeout: -1})
		agent := open(t, mode, o)
		if _, err := cortexd.Open(context.Background(), o); !errors.Is(err, cortexd.ErrBusy) {
			t.Error(err)
		}
		if err := agent.Apply(ticker(2, ""), 2); !errors.Is(err, cortexd.ErrUnsupported) {
			t.Error(err)
		}
		if err := agent.Apply([]byte("inputs: []"), 2); !errors.Is(err, cortexd.ErrConfig) {
			t.Error(err)
		}
		_ = agent.Close()
		goroutinesSettle(t, before)
	})
}

func TestVariablesAndLog(t *testing.T) {
	eachMode(t, func(t *testing.T, mode string) {
		var mu sync.Mutex
		var said []string
		agent := open(t, mode, cortexd.Options{
			Policy:    []byte("inputs: [{id: t, type: ticker, count: '${COUNT}', tags: ['${SECRET}']}]\nnonsense: 1\n"),
			Variables: map[string]string{"COUNT": "7", "SECRET": `<pass & "word">` + "\u2028${x}"}, Once: true, LogLevel: "debug",
			Log: func(line []byte) {
				mu.Lock()
				defer mu.Unlock()
				said = append(said, string(line))
			}})
		batch, err := agent.Pull(context.Background())
		if err != nil || batch.Len() != 7 {
			t.Fatal(err)
		}
		var source struct {
			Tags []string `json:"tags"`
		}
		if err := json.Unmarshal(batch.At(0).Source, &source); err != nil || source.Tags[0] != `<pass & "word">`+"\u2028${x}" {
			t.Fatalf("%v %q", err, source.Tags)
		}
		if err := batch.Ack(); err != nil {
			t.Fatal(err)
		}
		if err := agent.Close(); err != nil {
			t.Fatal(err)
		}
		mu.Lock()
		defer mu.Unlock()
		all := strings.Join(said, "\n")
		if !strings.Contains(all, "nonsense") || strings.Contains(all, "pass &") {
			t.Fatal(all)
		}
		for _, line := range said {
			if !json.Valid([]byte(line)) {
				t.Errorf("%q", line)
			}
		}
	})
}

func TestManyGoroutines(t *testing.T) {
	count := 200000
	if testing.Short() {
		count = 20000
	}
	eachMode(t, func(t *testing.T, mode string) {
		agent := open(t, mode, cortexd.Options{Policy: ticker(count, "queue.mem: {bytes: 1MiB, batch_bytes: 8KiB},"), Once: true})
		var got, turns atomic.Int64
		var pullers sync.WaitGroup
		work := func() {
			defer pullers.Done()
			for {
				batch, err := agent.Pull(context.Background())
				if err == io.EOF {
					return
				}
				if err != nil {
					t.Error(err)
					return
				}
				if turns.Add(1)%5 == 0 {
					err = batch.Nack()
				} else {
					got.Add(int64(batch.Len()))
					err = batch.Ack()
				}
				if err != nil {
					t.Error(err)
				}
			}
		}
		for i := 0; i < 100; i++ {
			pullers.Add(1)
			go work()
		}
		tell := make(chan struct{})
		go func() {
			defer close(tell)
			for {
				if _, err := agent.Health(); err != nil {
					return
				}
				runtime.GC()
				time.Sleep(time.Millisecond)
			}
		}()
		pullers.Wait()
		pullers.Add(1)
		work() // one that was given back after the others had gone
		if got.Load() != int64(count) {
			t.Errorf("%d documents, wanted %d", got.Load(), count)
		}
		if err := agent.Close(); err != nil {
			t.Error(err)
		}
		<-tell
	})
}

// A module that crashes ends the agent's process and nothing else.
func TestCrashIsContained(t *testing.T) {
	before := runtime.NumGoroutine()
	o := options(t, "process", cortexd.Options{Policy: []byte("inputs: [{type: crash-poll}]\nagent.queue.mem.batch_bytes: 1KiB\n"),
		ModuleDirs: []string{filepath.Join(build, "tests", "modules", "stubborn")}})
	agent, err := cortexd.Open(context.Background(), o)
	if err != nil {
		t.Fatal(err)
	}
	documents := 0
	for {
		var batch *cortexd.Batch
		if batch, err = agent.Pull(context.Background()); err != nil {
			break
		}
		documents += batch.Len()
		_ = batch.Ack()
	}
	var crash *cortexd.CrashError
	if !errors.Is(err, cortexd.ErrCrashed) || !errors.As(err, &crash) || !strings.Contains(crash.State, "aborted") {
		t.Fatal(err)
	}
	if documents > 10 {
		t.Error(documents, " documents of 10")
	}
	if _, err := agent.Health(); !errors.Is(err, cortexd.ErrCrashed) {
		t.Error(err)
	}
	if err := agent.Close(); err != nil {
		t.Error(err)
	}
	goroutinesSettle(t, before)
	// the folder is free again, and the program as well as ever
	o.Policy, o.ModuleDirs, o.Once = ticker(100, ""), modules, true
	if got := drain(t, open(t, "process", o), 0); got != 100 {
		t.Error(got)
	}
}

// So does a kill from outside, in the middle of a wait.
func TestKilledProcess(t *testing.T) {
	agent := open(t, "process", cortexd.Options{Policy: ticker(0, ""), Log: func([]byte) {}})
	ended := make(chan error)
	go func() { _, err := agent.Pull(context.Background()); ended <- err }()
	time.Sleep(50 * time.Millisecond)
	children, err := os.ReadFile(fmt.Sprintf("/proc/self/task/%d/children", os.Getpid()))
	for _, task := range tasks(t) {
		if more, err := os.ReadFile(task); err == nil {
			children = append(children, more...)
		}
	}
	killed := 0
	for _, word := range strings.Fields(string(children)) {
		var pid int
		if _, err := fmt.Sscan(word, &pid); err == nil && pid > 1 && syscall.Kill(pid, syscall.SIGKILL) == nil {
			killed++
		}
	}
	if killed == 0 {
		t.Fatal("no child found: ", err)
	}
	if err := <-ended; !errors.Is(err, cortexd.ErrCrashed) || !strings.Contains(err.Error(), "killed") {
		t.Fatal(err)
	}
}

// Only children that this test started are there: each test closes its own.
func tasks(t *testing.T) []string {
	found, err := filepath.Glob("/proc/self/task/*/children")
	if err != nil {
		t.Fatal(err)
	}
	return found
}

func TestWrongLibraryAndProgram(t *testing.T) {
	_, err := cortexd.Open(context.Background(), cortexd.Options{Library: "/none/such.so"})
	if !errors.Is(err, cortexd.ErrIO) || !strings.Contains(err.Error(), "/none/such.so") {
		t.Error(err)
	}
	_, err = cortexd.Open(context.Background(), cortexd.Options{Library: "libc.so.6"})
	if !errors.Is(err, cortexd.ErrVersion) {
		t.Error(err)
	}
	_, err = cortexd.Open(context.Background(), cortexd.Options{Program: "/none/such"})
	if !errors.Is(err, cortexd.ErrIO) {
		t.Error(err)
	}
	_, err = cortexd.Open(context.Background(), cortexd.Options{Program: "/bin/true"})
	if !errors.Is(err, cortexd.ErrCrashed) {
		t.Error(err)
	}
}

// BenchmarkEmptyPull is the price of the crossing: into the library and back, with nothing to fetch.
func BenchmarkEmptyPull(b *testing.B) {
	agent := open(b, "library", cortexd.Options{Policy: ticker(0, "")})
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	b.ReportAllocs()
	b.ResetTimer()
	for i := 0; i < b.N; i++ {
		if cortexd.EmptyPull(agent) != cortexd.ErrAgain {
			b.Fatal("there was something to pull")
		}
	}
	_ = ctx
}
