#!/bin/bash
# Third parties: projects in C, C++, Go and Rust, built against an installed tree and nothing else, run in the installed agent.
# shellcheck source=tests/flow/flow.bash
. "$(dirname "$0")/../flow/flow.bash"
umask 022
here=$flow_top/tests/outside
at=$flow_dir/installed
if ! cmake --install "$flow_build" --prefix "$at" >"$flow_dir/install.log" 2>&1; then
  bad "cmake --install"
  tail -n 5 "$flow_dir/install.log"
  exit 1
fi
cortexd=$at/bin/cortexd
libdir=$(dirname "$(find "$at" -type d -path '*/cortexd/modules')")
modules=$libdir/modules
unset CFLAGS CXXFLAGS LDFLAGS CMAKE_C_COMPILER_LAUNCHER

project() { # name, folder: configured, built, checked, installed
  local name=$1 dir=$2 log=$flow_dir/$1.build
  if cmake -S "$dir" -B "$flow_dir/$name.b" -G Ninja -DCMAKE_PREFIX_PATH="$at" -DCMAKE_INSTALL_PREFIX="$at" >"$log" 2>&1 &&
    cmake --build "$flow_dir/$name.b" >>"$log" 2>&1; then
    say "ok: $name is built"
  else
    bad "$name is not built"
    tail -n 20 "$log"
    return 1
  fi
  if grep -qi warning "$log"; then bad "$name: warnings"; fi
  ctest --test-dir "$flow_dir/$name.b" --output-on-failure >"$flow_dir/$name.test" 2>&1
  is "$name: its own test" "$?" 0
  has "$flow_dir/$name.test" '100% tests passed, 0 tests failed out of 1'
  cmake --install "$flow_dir/$name.b" >>"$log" 2>&1
  is "$name: installed" "$?" 0
}

# -- C: what new-module writes
for kind in input processor; do
  "$cortexd" new-module "$flow_dir/my-$kind" --kind "$kind" >"$flow_dir/new.log" 2>&1
  is "new-module --kind $kind" "$?" 0
  project "my-$kind" "$flow_dir/my-$kind"
  # the test that it comes with can fail
  sed -i '1s/message/massage/' "$flow_dir/my-$kind/test/expect.ndjson"
  ctest --test-dir "$flow_dir/my-$kind.b" --output-on-failure >"$flow_dir/spoiled.test" 2>&1
  is "my-$kind: with another result expected" "$?" 8
  has "$flow_dir/spoiled.test" '^failed +expect .*expect\.ndjson:1: expected '
  has_not "$flow_dir/my-$kind/module.c" '@' 'a place for a name'
done
"$cortexd" new-module "$flow_dir/my-input" --kind input >"$flow_dir/new.log" 2>&1
is "new-module into a folder that is there" "$?" 1
"$cortexd" new-module "$flow_dir/Bad.Name" --kind input >"$flow_dir/new.log" 2>&1
is "new-module with a name that is none" "$?" 2
"$cortexd" new-module "$flow_dir/x" --kind output >"$flow_dir/new.log" 2>&1
is "new-module of a kind that is none" "$?" 2
# by pkg-config, without CMake; a name that is a word of C
"$cortexd" new-module "$flow_dir/plain" --kind input --name int >/dev/null
# shellcheck disable=SC2046 # flags on purpose
(cd "$flow_dir/plain" && cc -std=c99 -Wall -Wextra -Werror -shared -fPIC -fvisibility=hidden -DVERSION='"1"' \
  $(PKG_CONFIG_PATH=$(dirname "$libdir")/pkgconfig pkg-config --cflags cortexd) -o input-int.so module.c)
is "built by pkg-config" "$?" 0
(cd "$flow_dir/plain" && "$cortexd" check-module input-int.so --options test/options.yml --expect test/expect.ndjson) >"$flow_dir/plain.check" 2>&1
is "built by pkg-config: check-module" "$?" 0

# -- C++
project cpp "$here/cpp"

# -- Go and Rust, where their compilers are
processors='[{my-processor: {field: message}}, {outside-upper: {fields: [message]}}'
go=
if grep -qs '^CXD_SANITIZE:.*=thread' "$flow_build/CMakeCache.txt"; then
  say "skipped: Go and Rust: their runtimes are not known to ThreadSanitizer"
else
  if command -v go >/dev/null; then
    go=yes
    (cd "$here/go" && CGO_ENABLED=1 CGO_CFLAGS="-I$at/include" GOFLAGS=-mod=mod GOWORK=off GOCACHE="${GOCACHE:-$flow_build/go-cache}" \
      go build -buildmode=c-shared -o "$flow_dir/go.so" .) >"$flow_dir/go.log" 2>&1
    is "Go: built" "$?" 0
    [ -f "$flow_dir/go.so" ] || tail -n 20 "$flow_dir/go.log"
    install -m 644 "$flow_dir/go.so" "$modules/input-outside-countdown.so"
    printf '%s\n' '{"message":"{\"language\":\"Go\",\"left\":2}"}' '{"message":"{\"language\":\"Go\",\"left\":1}"}' >"$flow_dir/go.expect"
    echo 'from: 2' >"$flow_dir/go.yml"
    "$cortexd" check-module "$modules/input-outside-countdown.so" --options "$flow_dir/go.yml" --expect "$flow_dir/go.expect" >"$flow_dir/go.check" 2>&1
    is "Go: check-module" "$?" 0
  else
    say "skipped: Go: no go here"
  fi
  if command -v rustc >/dev/null && cc -I"$at/include" -o "$flow_dir/offsets" "$here/rust/offsets.c" && "$flow_dir/offsets" >"$flow_dir/offsets.rs"; then
    OUTSIDE_OFFSETS=$flow_dir/offsets.rs rustc --edition 2021 --crate-type cdylib -C panic=unwind -O -o "$modules/processor-outside-tag.so" "$here/rust/tag.rs" \
      >"$flow_dir/rust.log" 2>&1
    is "Rust: built" "$?" 0
    [ -f "$modules/processor-outside-tag.so" ] || tail -n 20 "$flow_dir/rust.log"
    chmod 644 "$modules/processor-outside-tag.so"
    printf '{"message":"x","language":"from \\"Rust\\""}\n' >"$flow_dir/rust.expect"
    echo '{"message":"x"}' >"$flow_dir/rust.events"
    "$cortexd" check-module "$modules/processor-outside-tag.so" --events "$flow_dir/rust.events" --expect "$flow_dir/rust.expect" >"$flow_dir/rust.check" 2>&1
    is "Rust: check-module" "$?" 0
    processors+=", {outside-tag: {}}"
  else
    say "skipped: Rust: no rustc here"
  fi
fi

# -- all of them in one run, from where they are installed and as strangers' (--modules), whose code is tried first
"$cortexd" modules >"$flow_dir/modules.txt" 2>&1
has "$flow_dir/modules.txt" '^input +my-input +0\.1\.0 +Lines of a text file'
has "$flow_dir/modules.txt" '^processor +my-processor +0\.1\.0'
has "$flow_dir/modules.txt" '^processor +outside-upper +2\.0\.0'
printf 'one\ntwo words\n\nthree\n' >"$flow_dir/lines.txt"
run_all() { # name, words
  local name=$1
  shift
  {
    printf 'outputs: {default: {type: file, path: %s}}\ninputs:\n' "$flow_dir/out"
    printf '  - {id: lines, type: my-input, path: %s, data_stream: {dataset: my_input.lines}, processors: %s]}\n' "$flow_dir/lines.txt" "$processors"
    [ -z "$go" ] || printf '  - {id: go, type: outside-countdown, from: 5, data_stream: {dataset: outside.go}}\n'
    printf 'agent: {registry.flush: 20ms}\n'
  } >"$flow_dir/policy.yml"
  agent "$name" --once "$@"
  is "$name: exit code" "$code" 0
  [ "$code" -eq 0 ] || tail -n 3 "$flow_dir/$name.log"
}
lines=$flow_dir/out/logs-my_input.lines-default.ndjson
run_all installed
is "installed: collected" "$(of installed collected)" "$((4 + ${go:+5}+0))"
is "installed: dropped" "$(of installed dropped)" 1
adds_up installed
is "lines" "$(wc -l <"$lines")" 3
has "$lines" '"message":"TWO WORDS".*"my_processor":\{"length":9\}|"my_input":\{"offset":4\}.*"message":"TWO WORDS"'
case $processors in *tag*) has "$lines" '"language":"from \\"Rust\\""' ;; esac
[ -z "$go" ] || has "$flow_dir/out/logs-outside.go-default.ndjson" '"left\\":5'
printf 'four\n' >>"$flow_dir/lines.txt"
mkdir "$flow_dir/strangers"
for file in input-my-input processor-my-processor processor-outside-upper input-outside-countdown processor-outside-tag; do
  [ ! -f "$modules/$file.so" ] || mv "$modules/$file".* "$flow_dir/strangers/"
done
run_all strangers --modules "$flow_dir/strangers"
is "strangers: lines from the cursor" "$(wc -l <"$lines")" 4
has "$lines" '"message":"FOUR"'

# foreign runtimes leave the agent its signals
"$cortexd" run -c "$flow_dir/policy.yml" --path.data "$flow_dir/state" --modules "$flow_dir/strangers" >"$flow_dir/term.log" 2>&1 &
pid=$!
for _ in $(seq 600); do grep -q ' started' "$flow_dir/term.log" && break; sleep 0.02; done
kill -TERM "$pid"
wait "$pid"
is "SIGTERM: exit code" "$?" 0
has "$flow_dir/term.log" 'stopped: collected='

# -- the fields that the input brings
"$cortexd" export template my_input.lines --modules "$flow_dir/strangers" >"$flow_dir/template.json"
is "export template" "$?" 0
has "$flow_dir/template.json" '"index_patterns": \["logs-my_input\.lines-\*"\]'
has "$flow_dir/template.json" '"offset": \{"type": "long"\}'
"$cortexd" modules --modules "$flow_dir/strangers" >"$flow_dir/modules.txt" 2>&1
has "$flow_dir/modules.txt" '^ +fields: .*/strangers/input-my-input\.fields\.yml'
"$cortexd" modules --json --modules "$flow_dir/strangers" >"$flow_dir/modules.json" 2>&1
has "$flow_dir/modules.json" '"name":"my-input","version":"0\.1\.0",.*"fields":"[^"]*/strangers/input-my-input\.fields\.yml"'
"$cortexd" check-module "$flow_dir/strangers/input-my-input.so" >"$flow_dir/fields.check" 2>&1
is "fields beside the module: check-module" "$?" 0
has "$flow_dir/fields.check" '^ok +fields '
sed 's/long/short/' "$flow_dir/strangers/input-my-input.fields.yml" >"$flow_dir/strangers/input-my-copy.fields.yml"
cp "$flow_dir/strangers/input-my-input.so" "$flow_dir/strangers/input-my-copy.so"
"$cortexd" check-module "$flow_dir/strangers/input-my-copy.so" >"$flow_dir/fields.check" 2>&1
is "wrong fields beside the module: check-module" "$?" 1
has "$flow_dir/fields.check" "input-my-copy\.fields\.yml:[0-9]+: 'my_input\.offset': unknown type 'short'"
has "$flow_dir/fields.check" '^failed +fields '
rm "$flow_dir"/strangers/input-my-copy.*
has "$flow_dir/template.json" '"@timestamp": \{"type": "date"'
"$cortexd" export fields my_input.lines --modules "$flow_dir/strangers" >"$flow_dir/page.md"
has "$flow_dir/page.md" '^\| my_input\.offset \| Where in the file the line begins, in bytes\. \| long \|'
"$cortexd" export template alerts >"$flow_dir/alerts.json"
printf 'dataset: panw_cortex_xdr.alerts\nprefix: mine\nfields:\n  score: long\n' >"$flow_dir/strangers/input-a.fields.yml"
"$cortexd" export template alerts --modules "$flow_dir/strangers" >"$flow_dir/merged.json"
is "export template, merged" "$?" 0
is "what the merge adds, in lines" "$(diff "$flow_dir/alerts.json" "$flow_dir/merged.json" | grep -c '^>')" 3
is "what it takes away" "$(diff "$flow_dir/alerts.json" "$flow_dir/merged.json" | grep -c '^<')" 0
conflict() { # field and type, words
  printf 'dataset: panw_cortex_xdr.alerts\nfields:\n  %s\n' "$1" >"$flow_dir/strangers/input-a.fields.yml"
  "$cortexd" export template alerts --modules "$flow_dir/strangers" >/dev/null 2>"$flow_dir/conflict.log"
  is "a conflict: $1" "$?" 1
  is "lines said" "$(wc -l <"$flow_dir/conflict.log")" 1
  has "$flow_dir/conflict.log" "$2"
}
conflict 'host.name: long' "input-a\.fields\.yml:3: 'host\.name' is long here and keyword in .*/ecs/[a-z]+\.yml:[0-9]+\$"
conflict 'host.name.x: long' "input-a\.fields\.yml:3: 'host\.name\.x' lies below 'host\.name', which is keyword and no object: .*\.yml:[0-9]+\$"
conflict 'host: keyword' "'host\.[a-z.]+' lies below 'host', which is keyword and no object: .*input-a\.fields\.yml:3\$"
printf 'dataset: panw_cortex_xdr.alerts\nfields:\n  mine.x: ip\n' >"$flow_dir/strangers/input-b.fields.yml"
conflict 'mine.x: long' "input-b\.fields\.yml:3: 'mine\.x' is ip here and long in .*/input-a\.fields\.yml:3\$"
rm "$flow_dir/strangers/input-b.fields.yml"
conflict 'mine: number' "input-a\.fields\.yml:3: 'mine': unknown type 'number'"
