#!/bin/bash
# The Go package itself: built without cgo for both processors, its tests and examples with and without the race detector, the
# library's names and what it asks of the system.
# shellcheck source=tests/flow/flow.bash
. "$(dirname "$0")/../flow/flow.bash"
# shellcheck source=tests/shim/shim.bash
. "$(dirname "$0")/shim.bash"
export CXD_BUILD_DIR=$flow_build
cd "$shim" || exit 1

for processor in amd64 arm64; do
  CGO_ENABLED=0 GOARCH=$processor go build ./... >"$flow_dir/build.log" 2>&1
  is "$processor: built without cgo" "$?" 0
done
is "packages that need cgo" "$(CGO_ENABLED=0 go list -deps ./... | grep -c '^runtime/cgo$')" 0
is "modules besides its own" "$(go list -m all | tail -n +2 | tr '\n' ' ')" "github.com/ebitengine/purego v0.10.1 "
CGO_ENABLED=0 go vet ./... >"$flow_dir/vet.log" 2>&1
is "go vet" "$?" 0
is "files that gofmt would change" "$(gofmt -l . "$host")" ""

CGO_ENABLED=0 go test -count=1 ./... >"$flow_dir/test.log" 2>&1
is "tests" "$?" 0
has "$flow_dir/test.log" '^ok.*cortexd\.example/shim/go'
has_not "$flow_dir/test.log" skipped:
if CGO_ENABLED=1 go test -race -run xxx . >"$flow_dir/race.log" 2>&1; then
  CGO_ENABLED=1 GOGC=10 go test -race -short -count=1 ./... >"$flow_dir/race.log" 2>&1
  is "tests under the race detector" "$?" 0
else
  say "skipped: shim: no race detector here: $(tail -n 1 "$flow_dir/race.log")"
fi
[ "$flow_failed" -eq 0 ] || tail -n 30 "$flow_dir/test.log" "$flow_dir/race.log"

# what the library shows and what it asks for
nm -D --defined-only "$library" | awk '$2 != "A" {sub(/@.*/, "", $3); print $3}' | sort >"$flow_dir/shown"
sed -n 's/^CXD_EXTERN CXD_EXPORT [a-z0-9_]* \(cxd_[a-z_]*\)(.*/\1/p' "$flow_top/agent/include/cxd/embed.h" | sort >"$flow_dir/declared"
is "functions shown and not declared, or the other way" "$(diff "$flow_dir/shown" "$flow_dir/declared")" ""
at_least "functions" "$(wc -l <"$flow_dir/shown")" 14
readelf -d "$library" >"$flow_dir/dynamic"
has "$flow_dir/dynamic" 'SONAME.*\[libcortexd\.so\.1\]'
has "$flow_dir/dynamic" 'NODELETE'
has_not "$flow_dir/dynamic" STATIC_TLS
# signals, masks of files, folder, locale, environment, output, the end: the process is the host's. (_exit and posix_spawn are in the
# core, for programs of our own: front/run/guard.c, gate/probe.c.)
nm -D --undefined-only "$library" | sed 's/.* U //; s/@.*//' >"$flow_dir/asked"
is "what is not the library's to do" "$(grep -cxE 'sigaction|signal|sigprocmask|umask|chdir|fchdir|setlocale|setenv|putenv|unsetenv|exit|quick_exit|atexit|fork|vfork|system|printf|puts|putchar|fputs|fputc|stdout|stderr|__printf_chk|__fprintf_chk|setrlimit|prctl|alarm|daemon' "$flow_dir/asked")" 0
