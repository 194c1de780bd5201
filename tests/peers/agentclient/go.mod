module cortexd/tests/agentclient

go 1.25.0

require (
	github.com/elastic/elastic-agent-client/v7 v7.18.1
	google.golang.org/grpc v1.79.3
	google.golang.org/protobuf v1.36.10
)

require (
	github.com/Microsoft/go-winio v0.5.2 // indirect
	github.com/elastic/elastic-agent-libs v0.7.2 // indirect
	github.com/gofrs/uuid/v5 v5.2.0 // indirect
	golang.org/x/net v0.48.0 // indirect
	golang.org/x/sys v0.39.0 // indirect
	golang.org/x/text v0.32.0 // indirect
	google.golang.org/genproto/googleapis/rpc v0.0.0-20251202230838-ff82c1b0f217 // indirect
)

exclude google.golang.org/genproto v0.0.0-20230410155749-daa745c078e1
