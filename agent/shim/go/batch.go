package cortexd

import (
	"encoding/binary"
)

// Document is one event, ready to be shipped. Its slices are good until the batch is settled.
type Document struct {
	Source []byte // one line of JSON, without its end
	ID     []byte // the same whenever the same event comes again; empty: none
}

// Batch is what is acknowledged as one: documents of one stream, in their order.
type Batch struct {
	agent      *Agent
	meta       [4]uint64 // as the agent filled it
	item       uint64
	buf        []byte // all of it, kept from batch to batch
	data       []byte // of this batch
	docs       []Document
	bytes      uint64
	stream     string
	dataStream string
	pipeline   string
}

func (b *Batch) pull(a *Agent, timeoutMS uint32) Code {
	var c Code
	b.data, c = a.back.pull(timeoutMS, b.buf, &b.meta)
	b.buf = b.data[:cap(b.data)]
	b.agent, b.item, b.bytes = a, b.meta[0], b.meta[3]
	return c
}

const (
	frameHead = 16
	frameRow  = 8
)

// read finds the documents in the frames (cxd/embed.h, CXD_FORMAT_FRAMES). False: they do not add up.
func (b *Batch) read() bool {
	data := b.data
	if len(data) < frameHead {
		return false
	}
	number := func(at int) uint64 { return uint64(binary.LittleEndian.Uint32(data[at:])) }
	count := number(0)
	texts := [3]uint64{number(4), number(8), number(12)}
	at := frameHead + count*frameRow
	if at+texts[0]+texts[1]+texts[2] > uint64(len(data)) {
		return false
	}
	names := [3]*string{&b.stream, &b.dataStream, &b.pipeline}
	for i, n := range texts {
		if text := data[at : at+n]; *names[i] != string(text) { // mostly the same as before: no garbage
			*names[i] = string(text)
		}
		at += n
	}
	b.docs = b.docs[:0]
	for i := uint64(0); i < count; i++ {
		row := int(frameHead + i*frameRow)
		middle := at + number(row)
		end := middle + number(row+4)
		if end > uint64(len(data)) {
			return false
		}
		b.docs = append(b.docs, Document{Source: data[at:middle:middle], ID: data[middle:end:end]})
		at = end
	}
	return at == uint64(len(data))
}

// Len is the number of documents, 1 at least.
func (b *Batch) Len() int { return len(b.docs) }

// At is the document of that number, from 0.
func (b *Batch) At(i int) Document { return b.docs[i] }

// All goes through the documents: for i, doc := range batch.All() with Go 1.23, and a call with a function before.
func (b *Batch) All() func(yield func(int, Document) bool) {
	return func(yield func(int, Document) bool) {
		for i, doc := range b.docs {
			if !yield(i, doc) {
				return
			}
		}
	}
}

// Bytes is the length of all documents' sources together.
func (b *Batch) Bytes() int { return int(b.bytes) }

// Stream is the id of the policy's stream.
func (b *Batch) Stream() string { return b.stream }

// DataStream is where the documents belong: type-dataset-namespace.
func (b *Batch) DataStream() string { return b.dataStream }

// Pipeline is the ingest pipeline that the policy names; "": none.
func (b *Batch) Pipeline() string { return b.pipeline }

// Ack says that all documents are safe, but for those that were rejected. The batch cannot be used afterwards.
func (b *Batch) Ack() error { return b.settle("ack", verdictDelivered) }

// Nack gives the batch back: it is pulled again, before all others, and at once: whoever does that decides how long to wait before.
// The batch cannot be used afterwards.
func (b *Batch) Nack() error { return b.settle("nack", verdictUndelivered) }

func (b *Batch) settle(op string, verdict int32) error {
	a := b.agent
	if a == nil {
		return &Error{Op: op, Code: ErrHandle}
	}
	b.agent = nil
	c := a.back.ack(b.item, verdict)
	// the caller may still hold this one: its memory goes on in another
	a.buffers.Put(&Batch{buf: b.buf, docs: b.docs, stream: b.stream, dataStream: b.dataStream, pipeline: b.pipeline})
	*b = Batch{}
	if c != codeOK {
		return a.fail(op, c)
	}
	return nil
}

// Reject says that the document of that number can never be delivered: it goes to the agent's dead letters, with the reason. The batch
// is still to be settled.
func (b *Batch) Reject(i int, reason string) error {
	if b.agent == nil {
		return &Error{Op: "reject", Code: ErrHandle}
	}
	if i < 0 || i >= len(b.docs) {
		return &Error{Op: "reject", Code: ErrInvalid, Text: "no such document in the batch"}
	}
	if c := b.agent.back.reject(b.item, uint32(i), reason); c != codeOK {
		return b.agent.fail("reject", c)
	}
	return nil
}
