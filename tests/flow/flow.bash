# flow.bash: what the scenarios share: a simulator, a policy, the agent, and questions to all three. Source it; bash only.
# shellcheck shell=bash disable=SC2034 # what is set here is for those who source it
set -uo pipefail
flow_top=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
flow_build=${CXD_BUILD_DIR:-$flow_top/build}
cortexd=$flow_build/bin/cortexd
flow_dir=$(mktemp -d "${TMPDIR:-/tmp}/cortexd-flow.XXXXXX")
chmod 755 "$flow_dir"
flow_sim=
flow_failed=0

flow_finish() {
  if [ -n "$flow_sim" ]; then kill "$flow_sim" 2>/dev/null && wait "$flow_sim" 2>/dev/null; fi
  if [ "$flow_failed" -eq 0 ] && [ -z "${CXD_KEEP:-}" ]; then rm -rf "$flow_dir"; else echo "kept: $flow_dir"; fi
  exit "$flow_failed"
}
trap flow_finish EXIT

say() { printf '%s\n' "$*"; }
bad() { say "FAILED: $*"; flow_failed=1; }
# is WHAT GOT WANTED
is() { if [ "$2" = "$3" ]; then say "ok: $1 = $3"; else bad "$1: got $2, wanted $3"; fi; }
at_least() { if [ "${2:-0}" -ge "$3" ]; then say "ok: $1 = $2 (at least $3)"; else bad "$1: got $2, wanted at least $3"; fi; }
has() { if grep -qE -- "$2" "$1"; then say "ok: $(basename "$1") says: $2"; else bad "$(basename "$1") does not say: $2"; tail -n 5 "$1" | cut -c1-300; fi; }
has_not() { if grep -qF -- "$2" "$1"; then bad "$(basename "$1") holds what it must not: ${3:-$2}"; else say "ok: $(basename "$1") does not hold ${3:-$2}"; fi; }

sim_start() { # words of cxd-sim
  "$flow_build/bin/cxd-sim" --state "$flow_dir/sim" --cache "$flow_build/flow-cache" --max-seconds 600 --api-key id:geheim-schluessel "$@" \
    >"$flow_dir/sim.out" 2>"$flow_dir/sim.err" &
  flow_sim=$!
  for _ in $(seq 1200); do
    [ -s "$flow_dir/sim/ready.json" ] && break
    kill -0 "$flow_sim" 2>/dev/null || { bad "simulator: $(cat "$flow_dir/sim.err")"; exit 1; }
    sleep 0.05
  done
  storage=$(ready storage) elastic=$(ready elasticsearch) control=$(ready control)
}
ready() { sed -n "s/.*\"$1\" *: *\"\([^\"]*\)\".*/\1/p" "$flow_dir/sim/ready.json"; }
# fault RULE...: a fault script in place of the one before; none: no faults
fault() {
  local IFS=,
  local reply
  reply=$(curl -sS --max-time 10 -X PUT --data "[$*]" "$control/_sim/fault") || bad "fault: $reply"
  case $reply in *true*) ;; *) bad "fault: $reply" ;; esac
}
# first number of that name in the simulator's counters
sim_stat() { curl -sS --max-time 10 "$control/_sim/stats" | sed -n "s/.*\"$1\" *: *\([0-9]*\).*/\1/p" | head -n 1; }

# policy_write [OUTPUT]: elasticsearch (default) or file; extra lines of the stream in $stream_more, of the output in $output_more,
# of the agent in $agent_more
policy_write() {
  local kind=${1:-elasticsearch}
  {
    echo "outputs:"
    echo "  default:"
    if [ "$kind" = file ]; then
      printf '    type: file\n    path: %s\n' "$flow_dir/out"
    else
      printf '    type: elasticsearch\n    hosts: ["%s"]\n    api_key: "id:geheim-schluessel"\n' "$elastic"
      printf '    ssl.certificate_authorities: %s\n    worker: 2\n' "$flow_dir/sim/ca.pem"
      printf '    backoff: {init: 50ms, max: 500ms}\n'
    fi
    [ -z "${output_more:-}" ] || printf '    %s\n' "${output_more[@]}"
    cat <<END
inputs:
  - id: flow
    type: gcs
    streams:
      - id: flow-event
        data_stream: {type: logs, dataset: panw_cortex_xdr.event}
        project_id: flow
        auth.credentials_file.path: $flow_dir/sim/service-account.json
        alternative_host: $storage
        ssl.certificate_authorities: $flow_dir/sim/ca.pem
        poll: ${flow_poll:-false}
        poll_interval: 1s
        max_workers: 3
        stall_timeout: 1s
        retry: {max_attempts: 5, initial_backoff_duration: 20ms, max_backoff_duration: 200ms}
        tags: [forwarded, panw_cortex_xdr-event]
        buckets: [{name: cortex-events}]
END
    [ -z "${stream_more:-}" ] || printf '        %s\n' "${stream_more[@]}"
    printf 'agent:\n  registry.flush: 50ms\n  shutdown_timeout: %s\n  queue.mem: {bytes: 4MiB, batch_bytes: 256KiB}\n' "${flow_shutdown:-20s}"
    [ -z "${agent_more:-}" ] || printf '  %s\n' "${agent_more[@]}"
  } >"$flow_dir/policy.yml"
}
# agent NAME [WORDS]: one run; NAME.log and NAME.stats stay; its exit code in $code
agent() {
  local name=$1
  shift
  timeout --foreground "${flow_timeout:-300}" "$cortexd" run -c "$flow_dir/policy.yml" --path.data "$flow_dir/state" --stats "$flow_dir/$name.stats" "$@" \
    >"$flow_dir/$name.log" 2>&1
  code=$?
}
of() { sed -n "s/^{.*\"$2\":\([0-9]*\).*\"units\".*/\1/p" "$flow_dir/$1.stats" | head -n 1; }
dead_count() { if [ -f "$flow_dir/state/dead_letter/dead.ndjson" ]; then wc -l <"$flow_dir/state/dead_letter/dead.ndjson"; else echo 0; fi; }
# every event collected is delivered or dead-lettered, or waits in the queue on disk
adds_up() {
  is "$1: collected" "$(($(of "$1" collected) + $(of "$1" queued_before)))" \
    "$(($(of "$1" delivered) + $(of "$1" dead_lettered) + $(of "$1" dropped) + $(of "$1" queued) + $(of "$1" queue_lost)))"
}
# memory NAME: the run's peak, which faults do not raise; not of a sanitized program, whose memory is another's
memory() {
  local peak
  peak=$(of "$1" peak_kib)
  if grep -qE 'lib(a|t)san' <<<"$(ldd "$cortexd")"; then
    say "   $1: peak memory $peak KiB, sanitized"
  elif [ "${peak:-0}" -gt 0 ] && [ "$peak" -le 65536 ]; then
    say "ok: $1: peak memory $peak KiB (at most 65536)"
  else
    bad "$1: peak memory ${peak:-unknown} KiB, wanted at most 65536"
  fi
}
# documents in the simulator's store, and how many of them are distinct by id
stored() { cat "$flow_dir"/sim/store/*.ndjson 2>/dev/null | wc -l; }
stored_distinct() { cat "$flow_dir"/sim/store/*.ndjson 2>/dev/null | sed -n 's/.*"_id":"\([^"]*\)".*/\1/p' | sort -u | wc -l; }
# soon WHAT COMMAND..: within two minutes
soon() {
  local what=$1 left=600
  shift
  until "$@"; do
    left=$((left - 1))
    [ "$left" -gt 0 ] || { bad "$what: not within two minutes"; return 1; }
    sleep 0.2
  done
  say "ok: $what"
}
# replies to requests for objects
media() {
  curl -sS --max-time 10 "$control/_sim/stats" | tr -d ' \n' | grep -o '"media":{[^}]*}' | head -n 1 | grep -o ':[0-9]*' | tr -d : |
    awk '{ sum += $1 } END { print sum + 0 }'
}
# counter NAME COUNTER: of an agent that runs with the state folder state-NAME
counter() {
  local count
  # its exit code is the agent's health
  count=$("$cortexd" status --json --path.data "$flow_dir/state-$1" 2>/dev/null | sed -n "s/.*\"$2\":\([0-9]*\).*/\1/p" | head -n 1)
  printf '%s\n' "${count:-0}"
}
