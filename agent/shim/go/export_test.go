package cortexd

// EmptyPull is one call of the library's function, for the benchmark.
func EmptyPull(a *Agent) Code {
	b := a.buffers.Get().(*Batch)
	c := b.pull(a, 0)
	a.buffers.Put(b)
	return c
}
