package cortexd_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log"
	"os"

	cortexd "cortexd.example/shim/go"
)

// A folder for the examples' state; a program has one of its own, such as /var/lib/mybeat.
func folder() string {
	dir, err := os.MkdirTemp("", "cortexd-example")
	if err != nil {
		log.Fatal(err)
	}
	return dir
}

// Everything is pulled, shipped and acknowledged, until nothing more comes.
func Example() {
	ctx := context.Background()
	dir := folder()
	defer os.RemoveAll(dir)
	agent, err := cortexd.Open(ctx, cortexd.Options{
		Policy:     []byte("inputs: [{id: numbers, type: ticker, count: 1000}]"),
		DataDir:    dir,
		ModuleDirs: modules, // where this input lies
		Library:    library, // usually left out
		Once:       true,
	})
	if err != nil {
		log.Fatal(err)
	}
	defer agent.Close()

	shipped := 0
	for {
		batch, err := agent.Pull(ctx)
		if err == io.EOF {
			break
		}
		if err != nil {
			log.Fatal(err)
		}
		for i := 0; i < batch.Len(); i++ {
			_ = batch.At(i).Source // ship it
			shipped++
		}
		if err := batch.Ack(); err != nil {
			log.Fatal(err)
		}
	}
	fmt.Println(shipped, "documents")
	// Output: 1000 documents
}

// Errors have a kind, and say where in the policy something is wrong.
func ExampleOpen_errors() {
	dir := folder()
	defer os.RemoveAll(dir)
	_, err := cortexd.Open(context.Background(), cortexd.Options{
		Policy:     []byte("inputs:\n- type: ticker\n  count: many\n"),
		DataDir:    dir,
		ModuleDirs: modules,
		Library:    library,
	})
	var e *cortexd.Error
	if errors.Is(err, cortexd.ErrConfig) && errors.As(err, &e) {
		fmt.Println("mend the policy:", e.Text)
	}
	// Output: mend the policy: policy:3: option "count" of input ticker: expected a whole number
}

// A destination that is not there: the batch is given back, and comes again before all others.
func ExampleBatch_Nack() {
	ctx := context.Background()
	dir := folder()
	defer os.RemoveAll(dir)
	agent, err := cortexd.Open(ctx, cortexd.Options{Policy: []byte("inputs: [{type: ticker, count: 10}]"), DataDir: dir,
		ModuleDirs: modules, Library: library, Once: true})
	if err != nil {
		log.Fatal(err)
	}
	defer agent.Close()
	for try := 1; ; try++ {
		batch, err := agent.Pull(ctx)
		if err != nil {
			break // io.EOF
		}
		fmt.Printf("try %d: %s to %s\n", try, batch.At(0).ID, batch.At(batch.Len()-1).ID)
		if try < 3 {
			_ = batch.Nack()
			continue
		}
		_ = batch.Ack()
	}
	// Output:
	// try 1: tick-0 to tick-9
	// try 2: tick-0 to tick-9
	// try 3: tick-0 to tick-9
}

// The agent as a child process: a module that crashes does not take the program with it.
func ExampleCrashError() {
	ctx := context.Background()
	dir := folder()
	defer os.RemoveAll(dir)
	agent, err := cortexd.Open(ctx, cortexd.Options{
		Policy:     []byte("inputs: [{type: crash-poll}]"),
		DataDir:    dir,
		ModuleDirs: []string{build + "/tests/modules/stubborn"},
		Program:    program, // /usr/bin/cortexd
	})
	if err != nil {
		log.Fatal(err)
	}
	defer agent.Close()
	for err == nil {
		var batch *cortexd.Batch
		if batch, err = agent.Pull(ctx); err == nil {
			err = batch.Ack()
		}
	}
	if errors.Is(err, cortexd.ErrCrashed) {
		fmt.Println("the agent has crashed, this program has not")
	}
	// Output: the agent has crashed, this program has not
}

// How the agent is doing, stream by stream.
func ExampleAgent_Health() {
	dir := folder()
	defer os.RemoveAll(dir)
	agent, err := cortexd.Open(context.Background(), cortexd.Options{Policy: []byte("inputs: [{id: numbers, type: ticker, count: 0}]"),
		DataDir: dir, ModuleDirs: modules, Library: library})
	if err != nil {
		log.Fatal(err)
	}
	defer agent.Close()
	health, err := agent.Health()
	if err != nil {
		log.Fatal(err)
	}
	for _, unit := range health.Units {
		fmt.Println(unit.Kind, unit.ID, unit.State)
	}
	// Output:
	// input numbers HEALTHY
	// output default HEALTHY
}
