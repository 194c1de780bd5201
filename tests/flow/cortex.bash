# cortex.bash: what the scenarios of the Cortex XDR API share. Source it after flow.bash; bash only.
# shellcheck shell=bash disable=SC2154,SC2034 # flow.bash sets and reads them

# cortex_start [WORDS]: a tenant whose clock is a day ahead of ours and stands until it is told to go on
cortex_start() {
  start_ms=$(($(date +%s) * 1000 + 86400000))
  sim_start --cortex-start "$start_ms" --cortex-clock "$start_ms" "$@"
  cortex=$(ready cortex)
}
# clock WHAT: ms=N, advance=N or rate=N
clock() { curl -sS --max-time 10 -X POST "$control/_sim/cortex/clock?$1" >/dev/null || bad "clock $1"; }
clock_ms() { curl -sS --max-time 10 "$control/_sim/cortex/clock" | sed 's/.*"ms":\([0-9]*\).*/\1/'; }
# expected KIND [more]: what the tenant has, as lines "ID MS", sorted
expected() { curl -sS --max-time 30 "$control/_sim/cortex/expected?format=lines&kind=$1&${2:-}" | sort; }
# cortex_stat KIND NAME: a counter of the tenant's rows
cortex_stat() { curl -sS --max-time 10 "$control/_sim/stats" | tr -d ' \n' | sed -n "s/.*\"rows\":{.*\"$1\":{\([^}]*\)}.*/\1/p" | sed -n "s/.*\"$2\":\([0-9]*\).*/\1/p"; }

# cortex_stream KIND DATASET KEY [LINES]: one input of the policy; KEY is standard or advanced
cortex_stream() {
  local id=1 key=standard-key-of-the-simulator level=false
  if [ "$3" = advanced ]; then id=2 key=advanced-key-of-the-simulator level=true; fi
  cat <<END
  - id: cortex-$1
    type: cortex_xdr/$1
    streams:
      - id: cortex-$1
        data_stream: {type: logs, dataset: $2}
        domain: $cortex
        token_id: "$id"
        api_token: $key
        advanced_sec_level: $level
        interval: 1s
        ssl.certificate_authorities: $flow_dir/sim/ca.pem
        tags: [forwarded]
END
  shift 3
  [ $# -eq 0 ] || printf '        %s\n' "$@"
}
# cortex_policy STREAMS..: the policy of these texts
cortex_policy() {
  {
    printf 'outputs:\n  default:\n    type: elasticsearch\n    hosts: ["%s"]\n    api_key: "id:geheim-schluessel"\n' "$elastic"
    printf '    ssl.certificate_authorities: %s\n    backoff: {init: 50ms, max: 500ms}\n' "$flow_dir/sim/ca.pem"
    printf 'agent:\n  registry.flush: 50ms\n  queue.mem: {bytes: 4MiB, batch_bytes: 256KiB}\ninputs:\n'
    printf '%s\n' "$@"
  } >"$flow_dir/policy.yml"
}
# documents DATASET: the store's lines of it
documents() { cat "$flow_dir/sim/store/logs-$1-default.ndjson" 2>/dev/null; }
# in_ms: lines "ID ISO-TIME" to "ID MS"
in_ms() {
  cat >"$flow_dir/in_ms"
  cut -d' ' -f2 "$flow_dir/in_ms" | date -u -f - +%s%3N | paste -d' ' <(cut -d' ' -f1 "$flow_dir/in_ms") -
}
# same WHAT FILE WANTED: two sorted lists are equal
same() {
  local more less
  more=$(comm -23 "$2" "$3" | wc -l) less=$(comm -13 "$2" "$3" | wc -l)
  if [ "$more" -eq 0 ] && [ "$less" -eq 0 ]; then
    say "ok: $1: all $(wc -l <"$3"), nothing else"
  else
    bad "$1: $less missing, $more too many; $(comm -3 "$2" "$3" | head -n 3 | tr '\n\t' '; ')"
  fi
}
