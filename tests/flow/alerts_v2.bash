#!/bin/bash
# Profile cortex_xdr/alerts-v2 over simulated days: alerts that arrive late, bursts of one millisecond, a server that fails now
# and then, and kill -9 again and again: each alert once, none left out. Ten thousand alerts in one window at the first start.
# shellcheck source=tests/flow/flow.bash
. "$(dirname "$0")/flow.bash"
t0=1760000000000
day=86400000
count=24000
# the first day is there when we come (8,000 alerts and what is behind), three more pass while we look
sim_start --events 0 --objects 1 --cortex-alerts $count --cortex-start $t0 --cortex-span $((2 * day)) --cortex-late 80 --cortex-burst 150 \
  --cortex-clock $((t0 + day)) --cortex-rate 200
cortex=$(ready cortex)
cat >"$flow_dir/policy.yml" <<END
outputs:
  default:
    type: elasticsearch
    hosts: ["$elastic"]
    api_key: "id:geheim-schluessel"
    ssl.certificate_authorities: $flow_dir/sim/ca.pem
    backoff: {init: 50ms, max: 500ms}
inputs:
  - id: alerts
    type: cortex_xdr/alerts-v2
    data_stream: {dataset: panw_cortex_xdr.alerts}
    url: $cortex
    api_token: advanced-key-of-the-simulator
    token_id: "2"
    advanced_sec_level: true
    interval: 1s
    initial_interval: 8760h
    requests_per_second: 150
    ssl.certificate_authorities: $flow_dir/sim/ca.pem
agent: {registry.flush: 50ms, shutdown_timeout: 20s}
END
tell() { curl -sS --max-time 10 -X POST "$control/_sim/cortex/clock?$1" >/dev/null; }
now() { curl -sS --max-time 10 "$control/_sim/cortex/clock" | sed -n 's/.*"ms" *: *\([0-9]*\).*/\1/p'; }
fault '{"server":"cortex","status":500,"probability":0.02,"seed":7}' '{"server":"cortex","cut":3000,"probability":0.02,"seed":9}'
kills=0
tell rate=7200 # two hours a second
end=$((t0 + 3 * day + 3 * day / 4))
while [ "$(now)" -lt "$end" ]; do
  "$cortexd" run -c "$flow_dir/policy.yml" --path.data "$flow_dir/state" >>"$flow_dir/killed.log" 2>&1 &
  pid=$!
  sleep "$((1 + kills % 3)).$((kills * 7 % 10))"
  kill -9 "$pid"
  wait "$pid" 2>/dev/null
  kills=$((kills + 1))
done
at_least "kills" "$kills" 8
fault
tell rate=0
tell advance=$((4 * day)) # everything has arrived, however late
agent last --once
is "last run: exit code" "$code" 0
curl -sS --max-time 20 "$control/_sim/cortex/expected?kind=alerts&format=lines" | cut -d ' ' -f 1 | sort >"$flow_dir/wanted"
cat "$flow_dir"/sim/store/*.ndjson | sed -n 's/.*"alert_id":"\([0-9]*\)".*/\1/p' | sort >"$flow_dir/came"
is "alerts the tenant has" "$(wc -l <"$flow_dir/wanted")" "$count"
is "documents" "$(stored)" "$count"
if cmp -s "$flow_dir/wanted" "$flow_dir/came"; then say "ok: exactly these, each once"; else bad "other alerts: $(diff "$flow_dir/wanted" "$flow_dir/came" | head -n 5)"; fi
has_not "$flow_dir/killed.log" advanced-key-of-the-simulator "the API key"
is "dead letters" "$(dead_count)" 0
is "documents mapped as API v2" "$(cat "$flow_dir"/sim/store/*.ndjson | grep -c '"panw_cortex":{"xdr":')" "$count"
is "documents with the mark of the version" "$(cat "$flow_dir"/sim/store/*.ndjson | grep -c '"_conf"')" 0
