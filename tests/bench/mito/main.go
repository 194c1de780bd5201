// mito SECONDS PROGRAM PAGE: one page of alerts as Filebeat's cel input takes it, by the library that it is built on: a reply's
// body through the program, the result by way of structpb to plain maps, the state kept for the next page, and each event as
// JSON. The transport is in memory, and neither retries, traces nor queues stand in the way: what is measured is the least that
// Filebeat spends. Built by tests/bench/cel against a checkout named by CXD_MITO.
package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"os"
	"reflect"
	"strconv"
	"strings"
	"syscall"
	"time"

	"github.com/elastic/mito/lib"
	"github.com/google/cel-go/cel"
	"golang.org/x/time/rate"
	"google.golang.org/protobuf/types/known/structpb"
)

func must[T any](v T, err error) T {
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	return v
}

// spent is the processor time of the process so far, the garbage collector's included, in nanoseconds.
func spent() float64 {
	var usage syscall.Rusage
	must(0, syscall.Getrusage(syscall.RUSAGE_SELF, &usage))
	return float64(usage.Utime.Nano() + usage.Stime.Nano())
}

// page answers every request with the same body.
type page []byte

func (p page) RoundTrip(r *http.Request) (*http.Response, error) {
	if r.Body != nil {
		_, _ = io.Copy(io.Discard, r.Body)
		_ = r.Body.Close()
	}
	return &http.Response{Status: "200 OK", StatusCode: 200, Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1,
		Header: http.Header{"Date": {"x"}}, Body: io.NopCloser(bytes.NewReader(p)), ContentLength: int64(len(p)), Request: r}, nil
}

// Older versions of the library want the kind of a value that is known only at run time be said. It costs next to nothing.
var kinds = strings.NewReplacer("resp.Body.decode_json()", "bytes(resp.Body).decode_json()",
	"sha256(state.api_token + nonce + stamp)", "sha256(string(state.api_token + nonce + stamp))")

func compile(source string, body []byte) cel.Program {
	mimes := map[string]any{}
	client := &http.Client{Transport: page(body)}
	env := must(cel.NewEnv(cel.OptionalTypes(cel.OptionalTypesVersion(1)), cel.Variable("state", cel.DynType),
		lib.Collections(), lib.Crypto(), lib.JSON(nil), lib.Strings(), lib.Time(), lib.Try(),
		lib.Debug(func(string, any) {}), lib.File(mimes), lib.MIME(mimes), lib.Limit(map[string]lib.LimitPolicy{}),
		lib.Globals(map[string]any{"useragent": "bench", "env": map[string]string{}}),
		lib.HTTPWithContext(context.Background(), client, rate.NewLimiter(rate.Inf, 1), nil)))
	tree, issues := env.Compile(kinds.Replace(source))
	must(0, issues.Err())
	return must(env.Program(tree))
}

// once is one turn of the input's loop: the next state, and how many events came and how long they were as JSON.
func once(program cel.Program, state map[string]any) (next map[string]any, events, size int) {
	out, _, err := program.ContextEval(context.Background(), map[string]any{"now": time.Now(), "state": state})
	must(0, err)
	next = must(out.ConvertToNative(reflect.TypeOf((*structpb.Struct)(nil)))).(*structpb.Struct).AsMap()
	for _, event := range next["events"].([]any) {
		size += len(must(json.Marshal(event)))
		events++
	}
	size += len(must(json.Marshal(next["cursor"])))
	delete(next, "events")
	return next, events, size
}

func main() {
	if len(os.Args) != 4 {
		fmt.Fprintln(os.Stderr, "mito SECONDS PROGRAM PAGE")
		os.Exit(2)
	}
	seconds := must(strconv.ParseFloat(os.Args[1], 64))
	program := compile(string(must(os.ReadFile(os.Args[2]))), must(os.ReadFile(os.Args[3])))
	events, size, count := 0, 0, 0
	start := spent()
	for spent()-start < seconds*1e9 {
		for i := 0; i < 5; i++ {
			_, events, size = once(program, map[string]any{"url": "https://api.example", "token_id": "1", "api_token": "key",
				"advanced_sec_level": true, "initial_interval": "24h"})
		}
		count += 5
	}
	fmt.Printf("%-14s %10.1f ns  %d events, %d bytes\n", "page_input", (spent()-start)/float64(count), events, size)
}
