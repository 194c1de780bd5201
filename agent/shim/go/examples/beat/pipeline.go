package main

import (
	"context"
	"log/slog"
	"sync"
	"sync/atomic"
	"time"

	cortexd "cortexd.example/shim/go"
)

// shipment is an input's batch on its way: settled when the last of its documents is decided.
type shipment struct {
	batch *cortexd.Batch
	left  atomic.Int32
	lock  sync.Mutex // of the batch: one goroutine at a time
}

// event is one document on its way.
type event struct {
	doc      cortexd.Document
	index    string
	pipeline string
	number   int // in the batch
	of       *shipment
}

// pipeline is the queue, the batcher and the workers.
type pipeline struct {
	config     config
	queue      chan event
	requests   chan []event
	underWay   atomic.Int64 // shipments
	delivered  atomic.Int64
	duplicates atomic.Int64
	rejected   atomic.Int64
	workers    sync.WaitGroup
	ctx        context.Context
	stop       context.CancelFunc
}

func newPipeline(c config) *pipeline {
	p := &pipeline{config: c, queue: make(chan event, c.queue), requests: make(chan []event)}
	p.ctx, p.stop = context.WithCancel(context.Background())
	go p.batcher()
	for i := 0; i < c.workers; i++ {
		p.workers.Add(1)
		go p.worker()
	}
	return p
}

// publish waits for room in the queue: then the agent's queue fills, and its inputs wait in turn.
func (p *pipeline) publish(ctx context.Context, batch *cortexd.Batch) error {
	s := &shipment{batch: batch}
	s.left.Store(int32(batch.Len()))
	p.underWay.Add(1)
	index, name, count := batch.DataStream(), batch.Pipeline(), batch.Len()
	for i := 0; i < count; i++ {
		select {
		case p.queue <- event{doc: batch.At(i), index: index, pipeline: name, number: i, of: s}:
		case <-ctx.Done():
			p.underWay.Add(-1) // never settled: it comes again
			return ctx.Err()
		}
	}
	return nil
}

// batcher cuts requests by count, size and time.
func (p *pipeline) batcher() {
	defer close(p.requests)
	timer := time.NewTimer(p.config.flush)
	defer timer.Stop()
	for open := true; open; {
		var events []event
		size := 0
		timer.Reset(p.config.flush)
		for full := false; !full && open; {
			select {
			case e, ok := <-p.queue:
				if open = ok; ok {
					events = append(events, e)
					size += len(e.doc.Source)
				}
				full = len(events) >= p.config.batch || size >= p.config.batchSize
			case <-timer.C:
				full = true
			}
		}
		if len(events) > 0 {
			p.requests <- events
		}
	}
}

func (p *pipeline) worker() {
	defer p.workers.Done()
	for events := range p.requests {
		p.ship(events)
	}
}

const (
	retryFirst = 200 * time.Millisecond
	retryMax   = 30 * time.Second
)

// ship sends until each document is decided, or the pipeline ends.
func (p *pipeline) ship(events []event) {
	for wait := retryFirst; len(events) > 0; wait = min(2*wait, retryMax) {
		verdicts, err := p.config.es.bulk(p.ctx, events)
		if err != nil {
			slog.Warn("sending again", "documents", len(events), "in", wait, "error", err)
		}
		again := events[:0]
		for i, e := range events {
			if err != nil || !p.decide(e, verdicts[i]) {
				again = append(again, e)
			}
		}
		events = again
		if len(events) == 0 {
			return
		}
		select {
		case <-p.ctx.Done():
			return
		case <-time.After(wait):
		}
	}
}

// decide takes Elasticsearch's word for one document. False: not decided, it is sent again.
func (p *pipeline) decide(e event, v verdict) bool {
	switch {
	case v.status == 200 || v.status == 201:
		p.delivered.Add(1)
	case v.status == 409: // there already, from before a crash
		p.duplicates.Add(1)
	case v.status == 429 || v.status >= 500:
		return false
	default:
		p.rejected.Add(1)
		e.of.lock.Lock()
		err := e.of.batch.Reject(e.number, v.reason) // to the agent's dead letters
		e.of.lock.Unlock()
		if err != nil {
			slog.Warn("not kept", "error", err)
			return false
		}
	}
	if e.of.left.Add(-1) == 0 {
		e.of.lock.Lock()
		if err := e.of.batch.Ack(); err != nil {
			slog.Warn("not acknowledged, it comes again", "error", err)
		}
		e.of.lock.Unlock()
		p.underWay.Add(-1)
	}
	return true
}

// flush waits until all that was published whole is decided, or the time is over.
func (p *pipeline) flush(limit time.Duration) {
	for end := time.Now().Add(limit); p.underWay.Load() > 0 && time.Now().Before(end); {
		time.Sleep(10 * time.Millisecond)
	}
}

// close ends the workers; what they have not decided is not acknowledged.
func (p *pipeline) close() {
	p.stop()
	close(p.queue)
	p.workers.Wait()
}
