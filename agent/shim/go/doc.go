// Package cortexd is the collection agent cortexd inside a Go program, without cgo.
//
// The program opens a policy, pulls batches of documents, and acknowledges each when it is safe:
//
//	agent, err := cortexd.Open(ctx, cortexd.Options{PolicyPath: "policy.yml", DataDir: "/var/lib/mybeat"})
//	if err != nil {
//		return err
//	}
//	defer agent.Close()
//	for {
//		batch, err := agent.Pull(ctx)
//		if err != nil {
//			return err // io.EOF when the inputs have ended
//		}
//		for i := 0; i < batch.Len(); i++ {
//			publish(batch.DataStream(), batch.At(i))
//		}
//		if err := batch.Ack(); err != nil {
//			return err
//		}
//	}
//
// A cursor is saved only for what was acknowledged: after a crash of the program, or of the machine, everything else comes again,
// with the same document ids. While unacknowledged batches fill the policy's queue, inputs wait.
//
// # Two ways to run
//
// By default the agent's library, libcortexd.so.1, is loaded into the program. With [Options.Program] the agent runs as a child
// process instead, and a module that crashes ends that process only: Pull then gives a [*CrashError], the program goes on, and
// may open again. All else is the same.
//
// # Documents and memory
//
// A batch is copied once, from the agent's memory into the program's. [Document] values are slices of that copy: they are good until
// the batch is settled by [Batch.Ack] or [Batch.Nack], when its memory is used again.
//
// # Goroutines
//
// An [Agent] may be used by any number of goroutines at once; a [Batch] belongs to one at a time.
//
// The package is for Linux on amd64 and arm64, with glibc.
package cortexd
