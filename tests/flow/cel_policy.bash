#!/bin/bash
# A policy stream of type cel in the shape of the public integration's alerts v2 stream, against a tenant that grows: every
# alert once, over pages, errors, a refused key and two restarts; nothing of the key in trace or log; no error document.
# shellcheck source=tests/flow/flow.bash
. "$(dirname "$0")/flow.bash"
start=1760000000000
sim_start --events 0 --objects 1 --cortex-alerts 1200 --cortex-start $start --cortex-span 86400000 --cortex-clock $((start + 30000000)) --cortex-rate 50
cortex=$(ready cortex)
key=standard-key-of-the-simulator
policy() { # key, key id, advanced
  cat >"$flow_dir/policy.yml" <<END
outputs:
  default:
    type: elasticsearch
    hosts: ["$elastic"]
    api_key: "id:geheim-schluessel"
    ssl.certificate_authorities: $flow_dir/sim/ca.pem
inputs:
  - id: alerts-v2
    type: cel
    streams:
      - id: flow-alerts-v2
        data_stream: {type: logs, dataset: panw_cortex_xdr.alerts}
        config_version: 2
        interval: 1s
        resource.tracer: {enabled: true, filename: "$flow_dir/trace.ndjson", maxbackups: 5}
        resource.rate_limit: {limit: 40, burst: 1}
        resource.retry: {max_attempts: 3, wait_min: 20ms, wait_max: 100ms}
        resource.url: $cortex/
        resource.ssl.certificate_authorities: ["$flow_dir/sim/ca.pem"]
        state:
          initial_interval: 876000h
          token_id: "$2"
          api_token: "$1"
          advanced_sec_level: $3
        redact.fields: [token_id, api_token]
        tags: [preserve_original_event, forwarded, panw_cortex_xdr]
        publisher_pipeline.disable_host: true
        fields_under_root: true
        fields: {_conf: {api: v2}}
        program: |
$(sed 's/^/          /' "$flow_top/tests/cel/programs/alerts_v2_page.cel")
agent: {registry.flush: 50ms, shutdown_timeout: 20s}
END
}
wanted() { curl -sS --max-time 10 "$control/_sim/cortex/expected?kind=alerts&format=lines" | cut -d ' ' -f 1 | sort >"$flow_dir/wanted"; }
came() { cat "$flow_dir"/sim/store/*.ndjson | sed -n 's/.*"alert_id":"\([0-9]*\)".*/\1/p' | sort >"$flow_dir/came"; }
same() {
  wanted
  came
  is "$1: alerts the tenant has" "$(wc -l <"$flow_dir/wanted")" "$2"
  if cmp -s "$flow_dir/wanted" "$flow_dir/came"; then say "ok: $1: exactly these, each once"; else bad "$1: other alerts: $(diff "$flow_dir/wanted" "$flow_dir/came" | head -n 5)"; fi
  is "$1: documents" "$(stored)" "$2"
}
there() { curl -sS --max-time 10 "$control/_sim/cortex/expected?kind=alerts&format=lines" | wc -l; }

policy "$key" 1 false
agent first --once
is "first run: exit code" "$code" 0
same "first run" "$(there)"
at_least "first run: pages" "$(grep -c '"event":"request"' "$flow_dir/trace.ndjson")" 4
# a restart finds its cursor: only what is new, and the boundary again, under the same id
curl -sS -X POST "$control/_sim/cortex/clock?advance=20000000" >/dev/null
agent second --once
is "after a restart: exit code" "$code" 0
same "after a restart" "$(there)"
# the server fails for a while: tried again, nothing is lost
curl -sS -X POST "$control/_sim/cortex/clock?advance=10000000" >/dev/null
fault '{"server":"cortex","status":503,"count":2}'
agent third --once
is "server failing: exit code" "$code" 0
same "server failing" "$(there)"
fault
# a wrong key: Degraded, said in the log, no document
curl -sS -X POST "$control/_sim/cortex/clock?advance=26400000" >/dev/null
before=$(stored)
policy wrong-key-of-the-simulator 1 false
agent refused --once
is "wrong key: documents" "$(stored)" "$before"
if [ "$code" -eq 0 ]; then bad "wrong key: exit code 0"; else say "ok: wrong key: exit code $code"; fi
has "$flow_dir/refused.log" 'the program reports an error: 401 Unauthorized: POST'
# an Advanced key, and the rest comes
policy advanced-key-of-the-simulator 2 true
agent last --once
is "advanced key: exit code" "$code" 0
same "advanced key" 1200
for file in trace.ndjson first.log refused.log last.log; do
  for word in "$key" wrong-key-of-the-simulator advanced-key-of-the-simulator; do
    has_not "$flow_dir/$file" "$word" "an API key"
  done
done
is "documents with what the mapping takes out" "$(cat "$flow_dir"/sim/store/*.ndjson | grep -c '"events":null\|"_conf"')" 0
is "documents with the fields of API v2" "$(cat "$flow_dir"/sim/store/*.ndjson | grep -c '"agent_is_vdi":false')" 1200
