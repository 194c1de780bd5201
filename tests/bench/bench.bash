# What tests/bench/run and tests/bench/flat share: the build, the simulator, one drained run of the agent. Sourced by bash with `top` set.
# shellcheck shell=bash
# shellcheck disable=SC2154,SC2034 # some are the caller's, some it uses

build=${CXD_BUILD_ROOT:-$top}/build-bench
cache=$build/bench-cache
work=$(mktemp -d "${TMPDIR:-/tmp}/cortexd-bench.XXXXXX")
sim_pid=
finish() {
  if [ -n "$sim_pid" ]; then kill "$sim_pid" 2>/dev/null && wait "$sim_pid" 2>/dev/null; fi || true
  rm -rf "$work"
}
trap finish EXIT
trap 'exit 130' INT TERM

# With its profile, and nothing has changed since: both builds and the sample again would make the same.
is_built() {
  grep -q '^CXD_PROFILE:STRING=use$' "$build/CMakeCache.txt" 2>/dev/null && [ -s "$build/profile.last" ] &&
    ninja -C "$build" cortexd modules 2>/dev/null | grep 'no work to do' >/dev/null
}

# The program as the packages are, and what measures it.
bench_build() {
  if [ ! -x "$build/bin/cortexd" ]; then
    "$top/packaging/install-deps" build
    "$top/packaging/install-deps" test
  fi
  echo "building $build"
  mkdir -p "$build" "$cache"
  if ! is_built; then
    "$top/packaging/build-profiled" "$build" >"$build/profiled.log" 2>&1 || { tail -n 40 "$build/profiled.log" >&2; exit 1; }
  fi
  ninja -C "$build" cxd-sim schema_tables bench_stages bench_jsonc bench_process bench_start bench_allocations | tail -n 1
  modules=$(dirname "$(find "$build"/lib* -name processor-ecs.so -print -quit)")
  allocations=$(find "$build" -name libbench_allocations.so -print -quit)
  sed 's/^    type: elasticsearch$/&\n    mapping: edge\n    compression_level: 1/' "$top/packaging/etc/cortexd.yml" >"$work/level1.yml"
  sed 's/^    compression_level: 1$/    compression_level: 0/' "$work/level1.yml" >"$work/level0.yml"
  grep -q 'compression_level: 0' "$work/level0.yml" || { echo "bench: no output elasticsearch in packaging/etc/cortexd.yml" >&2; exit 1; }
}

sim_start() { # words of cxd-sim
  rm -rf "$work/sim"
  "$build/bin/cxd-sim" --state "$work/sim" --cache "$cache" --max-seconds 3600 "$@" >"$work/sim.log" 2>&1 &
  sim_pid=$!
  until [ -s "$work/sim/ready.json" ]; do
    kill -0 "$sim_pid" 2>/dev/null || { cat "$work/sim.log" >&2; exit 1; }
    sleep 0.2
  done
}
sim_stop() { kill "$sim_pid"; wait "$sim_pid" 2>/dev/null || true; sim_pid=; }
field() { sed -n "s/.*\"$1\" *: *\"\([^\"]*\)\".*/\1/p" "$work/sim/ready.json"; }
of() { sed -n "s/.*\"$2\":\(-\{0,1\}[0-9.]*\).*/\1/p" "$1" | head -n 1; }

agent() { # name, level, words before the program: one drained run; NAME.json (kernel's account) and NAME.stats are left behind
  local name=$1 level=$2
  shift 2
  rm -rf "$work/state-$name" "$work/out"
  env GCS_PROJECT=bench GCS_BUCKET=cortex-events GCS_CREDENTIALS_FILE="$work/sim/service-account.json" \
    GCS_ALTERNATIVE_HOST="$(field storage)" GCS_CA="$work/sim/ca.pem" CORTEXD_OUTPUT=elasticsearch CORTEXD_OUT="$work/out" \
    CORTEXD_DATA="$work/state-$name" CORTEXD_LOG_LEVEL=warn ELASTICSEARCH_URL="$(field elasticsearch)" \
    ELASTICSEARCH_CA="$work/sim/ca.pem" \
    "$build/bin/bench_process" "$@" "$build/bin/cortexd" run -c "$work/level$level.yml" --once \
    --stats "$work/$name.stats" >"$work/$name.json" 2>"$work/$name.log" || { cat "$work/$name.log" >&2; exit 1; }
}
