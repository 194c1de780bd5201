// celgo [SECONDS [PROGRAM PAGE]]: the expressions of bench_cel.c by cel-go, in the same form, for comparison.
package main

import (
	"encoding/json"
	"fmt"
	"os"
	"reflect"
	"strconv"
	"syscall"

	"github.com/google/cel-go/cel"
	"google.golang.org/protobuf/encoding/protojson"
	"google.golang.org/protobuf/types/known/structpb"
)

var cases = [][2]string{
	{"arithmetic", "(n + 3) * 4 - n / 2 % 7 == 42 || n > 100"},
	{"member", "m.alert.severity == 'high' && m.alert.count > 2.0"},
	{"has", "has(m.alert.host) && !has(m.alert.nothing)"},
	{"ternary", "n > 5 ? 'great' : 'small'"},
	{"join", "s + '/' + m.alert.severity + '?' + string(n)"},
	{"in_list", "m.alert.severity in ['low', 'medium', 'high']"},
	{"exists", "l.exists(x, x == 97)"},
	{"map_filter", "l.filter(x, x % 2 == 0).map(x, x * x).size()"},
	{"nested_loops", "l.all(x, l.exists(y, y == x))"},
	{"make_map", "{'a': n, 'b': s, 'c': [n, n + 1], 'd': {'e': s}}"},
	{"time", "timestamp('2024-01-02T03:04:05Z') + duration('1h') > timestamp('2023-01-01T00:00:00Z')"},
	{"optional", "m.?alert.?severity.orValue('none') == 'high'"},
}

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

func main() {
	seconds := 0.3
	if len(os.Args) > 1 {
		seconds = must(strconv.ParseFloat(os.Args[1], 64))
	}
	env := must(cel.NewEnv(cel.OptionalTypes(),
		cel.Variable("n", cel.IntType), cel.Variable("s", cel.StringType),
		cel.Variable("l", cel.ListType(cel.IntType)), cel.Variable("m", cel.DynType)))
	list := make([]int64, 100)
	for i := range list {
		list[i] = int64(i)
	}
	var m any
	must(0, json.Unmarshal([]byte(`{"alert":{"severity":"high","count":3,"host":{"name":"h1"}}}`), &m))
	vars := map[string]any{"n": int64(17), "s": "https://example.com", "l": list, "m": m}
	for _, c := range cases {
		ast, issues := env.Compile(c[1])
		must(0, issues.Err())
		program := must(env.Program(ast, cel.EvalOptions(cel.OptOptimize)))
		start, count := spent(), 0
		out := must2(program.Eval(vars))
		for spent()-start < seconds*1e9 {
			for i := 0; i < 1000; i++ {
				out, _, _ = program.Eval(vars)
			}
			count += 1000
		}
		ns := (spent() - start) / float64(count)
		v := must(out.ConvertToNative(reflect.TypeOf(&structpb.Value{}))).(*structpb.Value)
		fmt.Printf("%-14s %10.1f ns  %s\n", c[0], ns, must(protojson.Marshal(v)))
	}
	if len(os.Args) > 3 {
		page(os.Args[2], os.Args[3], seconds)
	}
}

func must2[A, B any](a A, _ B, err error) A {
	return must(a, err)
}
