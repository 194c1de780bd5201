module cortexd.example/tests/host

go 1.21

require cortexd.example/shim/go v0.0.0

require github.com/ebitengine/purego v0.10.1 // indirect

replace cortexd.example/shim/go => ../../../agent/shim/go
