module cortexd/bench/mito

go 1.22

require (
	github.com/elastic/mito v0.0.0
	github.com/google/cel-go v0.22.1
	golang.org/x/time v0.5.0
	// newer than mito asks for: the one that lost what other modules have by now
	google.golang.org/genproto v0.0.0-20240826202546-f6391c0de4c7
	google.golang.org/protobuf v1.34.2
)
