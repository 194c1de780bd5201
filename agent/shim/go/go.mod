module cortexd.example/shim/go

go 1.21

require github.com/ebitengine/purego v0.10.1
