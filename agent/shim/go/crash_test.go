package cortexd_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"syscall"
	"testing"
	"time"

	cortexd "cortexd.example/shim/go"
)

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
