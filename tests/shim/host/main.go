// Command host is a program with the agent inside, for tests: it writes the id of each document to a file, and acknowledges the batch
// when they are written. -null: it only counts, and says how fast it was.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"runtime"
	"syscall"
	"time"

	cortexd "cortexd.example/shim/go"
)

func main() {
	var o cortexd.Options
	ids := flag.String("ids", "", "file that ids are appended to")
	null := flag.Bool("null", false, "count only")
	empty := flag.Int("empty", 0, "afterwards, pull so often with nothing there")
	flag.StringVar(&o.PolicyPath, "policy", "", "")
	flag.StringVar(&o.DataDir, "data", "", "")
	flag.StringVar(&o.Library, "library", "", "")
	flag.StringVar(&o.Program, "program", "", "")
	flag.Parse()
	o.Once = true
	o.CloseTimeout = 30 * time.Second
	o.Log = func(line []byte) { fmt.Fprintf(os.Stderr, "%s\n", line) }
	if err := run(o, *ids, *null, *empty); err != nil {
		fmt.Fprintln(os.Stderr, "host:", err)
		os.Exit(1)
	}
}

// idsOpen goes on in the file; a line that a kill has torn ends here.
func idsOpen(path string) (*os.File, error) {
	f, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE|os.O_APPEND, 0o644)
	if err != nil {
		return nil, err
	}
	_, err = f.Write([]byte("\n"))
	return f, err
}

// agentOpen waits for the end of an agent's process whose host was killed: it has the folder until it has seen that.
func agentOpen(o cortexd.Options) (agent *cortexd.Agent, err error) {
	for end := time.Now().Add(20 * time.Second); ; time.Sleep(20 * time.Millisecond) {
		agent, err = cortexd.Open(context.Background(), o)
		if !errors.Is(err, cortexd.ErrBusy) || time.Now().After(end) {
			return agent, err
		}
	}
}

func run(o cortexd.Options, idsPath string, null bool, empty int) error {
	var ids *os.File
	var err error
	if !null {
		if ids, err = idsOpen(idsPath); err != nil {
			return err
		}
	}
	agent, err := agentOpen(o)
	if err != nil {
		return err
	}
	begin := time.Now()
	documents, batches, size := 0, 0, 0
	var text []byte
	for {
		batch, err := agent.Pull(context.Background())
		if err == io.EOF {
			break
		}
		if err != nil {
			return err
		}
		text = text[:0]
		for i := 0; i < batch.Len(); i++ {
			doc := batch.At(i)
			size += len(doc.Source)
			if !null {
				text = append(append(text, doc.ID...), '\n')
			}
		}
		if !null {
			if _, err := ids.Write(text); err != nil {
				return err
			}
		}
		documents += batch.Len()
		batches++
		if err := batch.Ack(); err != nil {
			return err
		}
	}
	seconds := time.Since(begin).Seconds()
	emptyNS := emptyPulls(agent, empty)
	if err := agent.Close(); err != nil {
		return err
	}
	var usage syscall.Rusage
	var memory runtime.MemStats
	runtime.ReadMemStats(&memory)
	_ = syscall.Getrusage(syscall.RUSAGE_SELF, &usage)
	fmt.Printf(`{"documents":%d,"batches":%d,"bytes":%d,"seconds":%.3f,"user_ms":%d,"system_ms":%d,"max_rss_kib":%d,"go_allocated":%d,"empty_ns":%.1f}`+"\n",
		documents, batches, size, seconds, usage.Utime.Nano()/1e6, usage.Stime.Nano()/1e6, usage.Maxrss, memory.TotalAlloc, emptyNS)
	return nil
}

// emptyPulls gives the nanoseconds of one Pull that finds the end.
func emptyPulls(agent *cortexd.Agent, count int) float64 {
	if count == 0 {
		return 0
	}
	begin := time.Now()
	for i := 0; i < count; i++ {
		if _, err := agent.Pull(context.Background()); err != io.EOF {
			return -1
		}
	}
	return float64(time.Since(begin).Nanoseconds()) / float64(count)
}
