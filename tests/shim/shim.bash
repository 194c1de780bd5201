# shim.bash: what the tests of the Go package share: a Go that is new enough, its one module, a library that a Go program can load;
# or the reason why not, and the exit code of a skipped test. Source it, behind flow.bash; bash only.
# shellcheck shell=bash disable=SC2034,SC2154 # what is set here is for those who source it, and flow.bash sets the rest
shim=$flow_top/agent/shim/go
host=$flow_top/tests/shim/host
skip() {
  say "skipped: shim: $*"
  trap - EXIT # which would say that it passed
  rm -rf "$flow_dir"
  exit 77
}
command -v go >/dev/null || skip "no go on this machine"
go_minor=$(go env GOVERSION | sed -n 's/^go1\.\([0-9]*\).*/\1/p')
[ "${go_minor:-0}" -ge 21 ] || skip "$(go env GOVERSION) is older than the 1.21 that the package needs"
library=$(find "$flow_build" -maxdepth 3 -name libcortexd.so.1 -print -quit)
[ -n "$library" ] || skip "$flow_build holds no libcortexd.so.1"
if [ "$(nm -D "$library" | grep -c '__asan_init\|__tsan_init')" -gt 0 ]; then
  skip "a library with a sanitizer cannot be loaded into a Go program; tests/unit/front/test_embed.c does the same calls"
fi
(cd "$shim" && timeout 120 go mod download) >"$flow_dir/download.log" 2>&1 ||
  skip "the module github.com/ebitengine/purego cannot be had: $(tail -n 1 "$flow_dir/download.log")"
export GOFLAGS=-mod=readonly GOTOOLCHAIN=local

# host_build OUT [race]: 77 when there is no race detector here
host_build() {
  if [ "${2:-}" = race ]; then
    (cd "$host" && CGO_ENABLED=1 go build -race -o "$1" .) >"$flow_dir/build.log" 2>&1 || return 77
  else
    (cd "$host" && CGO_ENABLED=0 go build -o "$1" .) >"$flow_dir/build.log" 2>&1 || { cat "$flow_dir/build.log"; return 1; }
  fi
}
