package cortexd_test

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"runtime"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	cortexd "cortexd.example/shim/go"
)

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
