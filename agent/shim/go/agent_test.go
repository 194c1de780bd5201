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
		_ = agent.Close()
		goroutinesSettle(t, before)
	})
}
