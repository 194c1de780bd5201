// page.go: one page of alerts through a collection program by cel-go, with the functions that such programs get, written on
// cel-go as their usual library does: values of JSON as native maps, results by way of structpb.
package main

import (
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"os"
	"reflect"
	"strings"
	"time"

	"github.com/google/cel-go/cel"
	"github.com/google/cel-go/common/ast"
	"github.com/google/cel-go/common/types"
	"github.com/google/cel-go/common/types/ref"
	"github.com/google/cel-go/common/types/traits"
	"google.golang.org/protobuf/types/known/structpb"
)

// x.as(v, e): a fold over nothing whose accumulator is v.
func expandAs(f cel.MacroExprFactory, target ast.Expr, args []ast.Expr) (ast.Expr, *cel.Error) {
	return f.NewComprehension(f.NewList(), "#unused", args[0].AsIdent(), target,
		f.NewLiteral(types.False), f.NewIdent(args[0].AsIdent()), args[1]), nil
}

func with(dst, src ref.Val) ref.Val {
	out := map[ref.Val]ref.Val{}
	for _, m := range []ref.Val{dst, src} {
		for it := m.(traits.Mapper).Iterator(); it.HasNext() == types.True; {
			k := it.Next()
			out[k] = m.(traits.Mapper).Get(k)
		}
	}
	return types.DefaultTypeAdapter.NativeToValue(out)
}

func bytesOf(v ref.Val) []byte {
	if b, ok := v.(types.Bytes); ok {
		return b
	}
	return []byte(v.(types.String))
}

func decodeJSON(v ref.Val) ref.Val {
	var out any
	if err := json.Unmarshal(bytesOf(v), &out); err != nil {
		return types.NewErr("%s", err)
	}
	return types.DefaultTypeAdapter.NativeToValue(out)
}

func encodeJSON(v ref.Val) ref.Val {
	p, err := v.ConvertToNative(reflect.TypeOf(&structpb.Value{}))
	if err != nil {
		return types.NewErr("%s", err)
	}
	return types.String(must(json.Marshal(p.(*structpb.Value).AsInterface())))
}

func listMax(v ref.Val) ref.Val {
	var most ref.Val
	for it := v.(traits.Lister).Iterator(); it.HasNext() == types.True; {
		e := it.Next()
		if most == nil || e.(traits.Comparer).Compare(most) == types.IntOne {
			most = e
		}
	}
	return most
}

func uuid() string {
	var b [16]byte
	must(rand.Read(b[:]))
	return fmt.Sprintf("%x-%x-%x-%x-%x", b[0:4], b[4:6], b[6:8], b[8:10], b[10:])
}

func unary(name string, in, out *cel.Type, f func(ref.Val) ref.Val) cel.EnvOption {
	return cel.Function(name,
		cel.Overload(name+"_call", []*cel.Type{in}, out, cel.UnaryBinding(f)),
		cel.MemberOverload(name+"_method", []*cel.Type{in}, out, cel.UnaryBinding(f)))
}

func pageEnv(body []byte) *cel.Env {
	reply := func(ref.Val) ref.Val {
		return types.DefaultTypeAdapter.NativeToValue(map[string]any{
			"StatusCode": 200, "Status": "200 OK", "Body": body, "Header": map[string][]string{"Date": {"x"}}})
	}
	return must(cel.NewEnv(cel.OptionalTypes(),
		cel.Variable("state", cel.DynType), cel.Variable("now", cel.TimestampType),
		cel.Macros(cel.ReceiverMacro("as", 2, expandAs)),
		cel.Function("with", cel.MemberOverload("with_maps", []*cel.Type{cel.DynType, cel.DynType}, cel.DynType,
			cel.BinaryBinding(with))),
		unary("decode_json", cel.DynType, cel.DynType, decodeJSON),
		unary("encode_json", cel.DynType, cel.StringType, encodeJSON),
		unary("sha256", cel.DynType, cel.BytesType, func(v ref.Val) ref.Val {
			sum := sha256.Sum256(bytesOf(v))
			return types.Bytes(sum[:])
		}),
		unary("hex", cel.DynType, cel.StringType, func(v ref.Val) ref.Val {
			return types.String(hex.EncodeToString(bytesOf(v)))
		}),
		cel.Function("uuid", cel.Overload("uuid_call", nil, cel.StringType,
			cel.FunctionBinding(func(...ref.Val) ref.Val { return types.String(uuid()) }))),
		cel.Function("max", cel.MemberOverload("max_list", []*cel.Type{cel.DynType}, cel.DynType, cel.UnaryBinding(listMax))),
		cel.Function("trim_right", cel.MemberOverload("trim_right_string", []*cel.Type{cel.DynType, cel.StringType}, cel.StringType,
			cel.BinaryBinding(func(a, b ref.Val) ref.Val {
				return types.String(strings.TrimRight(string(a.(types.String)), string(b.(types.String))))
			}))),
		cel.Function("post_request", cel.Overload("post_request_call",
			[]*cel.Type{cel.StringType, cel.StringType, cel.DynType}, cel.DynType,
			cel.FunctionBinding(func(args ...ref.Val) ref.Val {
				return types.DefaultTypeAdapter.NativeToValue(map[string]any{"Method": "POST", "URL": args[0], "Body": args[2],
					"Header": map[string][]string{"Content-Type": {string(args[1].(types.String))}}})
			}))),
		cel.Function("do_request", cel.MemberOverload("do_request_map", []*cel.Type{cel.DynType}, cel.DynType,
			cel.UnaryBinding(reply))),
	))
}

// page prints the time of one page: the program, its result as plain maps, as an input needs them for events and state.
func page(source, file string, seconds float64) {
	env := pageEnv(must(os.ReadFile(file)))
	parsed, issues := env.Parse(string(must(os.ReadFile(source)))) // programs of this kind are not type checked all the way
	must(0, issues.Err())
	checked, issues := env.Check(parsed)
	if issues.Err() == nil {
		parsed = checked
	}
	program := must(env.Program(parsed, cel.EvalOptions(cel.OptOptimize)))
	state := map[string]any{"url": "https://api.example", "token_id": "1", "api_token": "key",
		"advanced_sec_level": true, "initial_interval": "24h"}
	var result map[string]any
	start, count := spent(), 0
	for spent()-start < seconds*1e9 {
		for i := 0; i < 5; i++ {
			out := must2(program.Eval(map[string]any{"state": state, "now": time.Now()}))
			v := must(out.ConvertToNative(reflect.TypeOf(&structpb.Struct{}))).(*structpb.Struct)
			result = v.AsMap()
		}
		count += 5
	}
	fmt.Printf("%-14s %10.1f ns  %d events\n", "page", (spent()-start)/float64(count), len(result["events"].([]any)))
}
