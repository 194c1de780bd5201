// Command beat shows a shipper of its own making with the agent as its input: a queue with a bound, batching by size and time,
// several workers, and a client for Elasticsearch's _bulk on net/http. Nothing is acknowledged to the agent before Elasticsearch
// has said yes or no to each document of a batch, so nothing is lost, however this program ends.
//
//	beat -policy policy.yml -data /var/lib/beat -es https://localhost:9200 -api-key id:key [-ca ca.pem] [-program /usr/bin/cortexd]
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"log/slog"
	"os"
	"os/signal"
	"syscall"
	"time"

	cortexd "cortexd.example/shim/go"
)

type config struct {
	agent     cortexd.Options
	es        client
	workers   int
	batch     int           // documents of one request
	batchSize int           // or bytes
	flush     time.Duration // how long a part of one waits
	queue     int           // documents between input and workers
}

func configRead() (config, error) {
	var c config
	var ca string
	flag.StringVar(&c.agent.PolicyPath, "policy", "policy.yml", "what to collect")
	flag.StringVar(&c.agent.DataDir, "data", "", "state folder (default: the policy's)")
	flag.StringVar(&c.agent.Library, "library", "", "path of libcortexd.so.1")
	flag.StringVar(&c.agent.Program, "program", "", "path of cortexd: run it as a child process")
	flag.BoolVar(&c.agent.Once, "once", false, "end when all that is there is shipped")
	flag.StringVar(&c.es.url, "es", "http://localhost:9200", "Elasticsearch")
	flag.StringVar(&c.es.apiKey, "api-key", "", "id:key")
	flag.StringVar(&ca, "ca", "", "file with the authorities that are trusted")
	flag.IntVar(&c.workers, "workers", 2, "requests at the same time")
	flag.IntVar(&c.batch, "batch", 2000, "documents of one request")
	flag.IntVar(&c.batchSize, "batch-bytes", 4<<20, "bytes of one request")
	flag.DurationVar(&c.flush, "flush", time.Second, "how long a part of a request waits")
	flag.IntVar(&c.queue, "queue", 8000, "documents that wait")
	flag.Parse()
	c.agent.Log = func(line []byte) { fmt.Fprintf(os.Stderr, "%s\n", line) }
	err := c.es.setup(ca, c.workers)
	return c, err
}

func main() {
	c, err := configRead()
	if err == nil {
		ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
		defer stop()
		err = run(ctx, c)
	}
	if err != nil {
		slog.Error("beat", "error", err)
		os.Exit(1)
	}
}

const (
	restartFirst = time.Second
	restartMax   = time.Minute
)

// run goes on after a crash of the agent's process: what was not acknowledged comes again.
func run(ctx context.Context, c config) error {
	p := newPipeline(c)
	defer p.close()
	wait := restartFirst
	for {
		begin := time.Now()
		err := collect(ctx, c, p)
		if !errors.Is(err, cortexd.ErrCrashed) {
			slog.Info("done", "delivered", p.delivered.Load(), "duplicates", p.duplicates.Load(), "rejected", p.rejected.Load())
			return err
		}
		if time.Since(begin) > restartMax {
			wait = restartFirst
		}
		slog.Warn("the agent's process ended, starting it again", "error", err, "in", wait)
		select {
		case <-ctx.Done():
			return nil
		case <-time.After(wait):
		}
		wait = min(2*wait, restartMax)
	}
}

// collect is the input: it hands batch after batch to the pipeline, which acknowledges them. It returns nil at the end of all, or
// when ctx is over and what was collected is shipped.
func collect(ctx context.Context, c config, p *pipeline) error {
	agent, err := cortexd.Open(ctx, c.agent)
	if err != nil {
		return err
	}
	for err == nil {
		var batch *cortexd.Batch
		if batch, err = agent.Pull(ctx); err == nil {
			err = p.publish(ctx, batch)
		}
	}
	if errors.Is(err, io.EOF) || errors.Is(err, context.Canceled) {
		err = nil
	}
	p.flush(5 * time.Second) // what is under way may still be acknowledged
	if closeErr := agent.Close(); err == nil && !errors.Is(closeErr, cortexd.ErrAgain) {
		err = closeErr
	}
	return err
}
