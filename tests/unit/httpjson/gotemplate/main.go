// Prints what Go's own text/template makes of templates.txt, one case a line: quoted template, tab, quoted result or ERROR.
// The functions beyond Go's builtins are written here from their documented behaviour.
package main

import (
	"bufio"
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"strconv"
	"strings"
	"text/template"
	"time"
)

const data = `{"name":"caf\u00e9 <b>&'\"","n":42,"big":1569159363318,"neg":-7,"f":2.5,"zero":0,"yes":true,"no":false,
"null":null,"empty":"","list":[1,2,3],"words":["a","b c","d"],"none":[],"map":{"z":1,"a":{"deep":"x"},"m":[true,null]},
"nomap":{},"objs":[{"id":1,"v":"one"},{"id":2,"v":"two"}],"ts":"2024-02-29T13:04:05.678Z","html":"<a href=\"x\">&amp;</a>"}`

// Whole numbers as int64, others as float64: what a reader of the text sees.
func plain(v any) any {
	switch x := v.(type) {
	case json.Number:
		if i, err := strconv.ParseInt(string(x), 10, 64); err == nil {
			return i
		}
		f, _ := x.Float64()
		return f
	case map[string]any:
		for k, e := range x {
			x[k] = plain(e)
		}
	case []any:
		for i, e := range x {
			x[i] = plain(e)
		}
	}
	return v
}

var layouts = map[string]string{"ANSIC": time.ANSIC, "UnixDate": time.UnixDate, "RubyDate": time.RubyDate,
	"RFC822": time.RFC822, "RFC822Z": time.RFC822Z, "RFC850": time.RFC850, "RFC1123": time.RFC1123,
	"RFC1123Z": time.RFC1123Z, "RFC3339": time.RFC3339, "RFC3339Nano": time.RFC3339Nano, "Kitchen": time.Kitchen}

func layout(l []string) string {
	if len(l) == 0 {
		return time.RFC3339
	}
	if known, ok := layouts[l[0]]; ok {
		return known
	}
	return l[0]
}

var functions = template.FuncMap{
	"now": func(add ...time.Duration) time.Time {
		t := time.UnixMilli(1700000000123).UTC()
		for _, d := range add {
			t = t.Add(d)
		}
		return t
	},
	"parseDate": func(s string, l ...string) time.Time {
		t, err := time.Parse(layout(l), s)
		if err != nil {
			return time.Time{}
		}
		return t.UTC()
	},
	"formatDate":          func(t time.Time, l ...string) string { return t.Format(layout(l)) },
	"parseDuration":       func(s string) time.Duration { d, _ := time.ParseDuration(s); return d },
	"parseTimestamp":      func(s int64) time.Time { return time.Unix(s, 0).UTC() },
	"parseTimestampMilli": func(s int64) time.Time { return time.UnixMilli(s).UTC() },
	"parseTimestampNano":  func(s int64) time.Time { return time.Unix(0, s).UTC() },
	"add": func(v ...int64) (s int64) {
		for _, x := range v {
			s += x
		}
		return s
	},
	"sprintf": fmt.Sprintf,
}

func run(source string, root any) (out string, err error) {
	defer func() {
		if r := recover(); r != nil {
			err = fmt.Errorf("panic: %v", r)
		}
	}()
	t, err := template.New("").Delims("[[", "]]").Option("missingkey=error").Funcs(functions).Parse(source)
	if err != nil {
		return "", err
	}
	var b bytes.Buffer
	err = t.Execute(&b, root)
	return b.String(), err
}

func main() {
	var root any
	d := json.NewDecoder(strings.NewReader(data))
	d.UseNumber()
	if err := d.Decode(&root); err != nil {
		panic(err)
	}
	root = plain(root)
	file, err := os.Open(os.Args[1])
	if err != nil {
		panic(err)
	}
	lines := bufio.NewScanner(file)
	for lines.Scan() {
		line := lines.Text()
		if line == "" || line[0] == '#' {
			continue
		}
		source := strings.ReplaceAll(line, "␤", "\n")
		out, err := run(source, root)
		if err != nil {
			fmt.Printf("%s\tERROR\n", strconv.Quote(source))
			if len(os.Args) > 2 {
				fmt.Fprintln(os.Stderr, source, err)
			}
			continue
		}
		fmt.Printf("%s\t%s\n", strconv.Quote(source), strconv.Quote(out))
	}
}
