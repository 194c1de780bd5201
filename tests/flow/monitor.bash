#!/bin/bash
# A running agent tells how it is doing: over its socket to `status` and `top`, over HTTP to people, Beats' readers and Prometheus.
# shellcheck source=tests/flow/flow.bash
. "$(dirname "$0")/flow.bash"
sim_start --events 3000 --objects 4
flow_poll=true policy_write
printf '  monitoring.http: {enabled: true, port: 0}\n' >>"$flow_dir/policy.yml"
status() { "$cortexd" "$@" --path.data "$flow_dir/state" >"$flow_dir/status.out" 2>"$flow_dir/status.err"; code=$?; }
status status
is "nobody runs: exit code" "$code" 1
has "$flow_dir/status.err" 'no agent runs with that state folder'
"$cortexd" run -c "$flow_dir/policy.yml" --path.data "$flow_dir/state" >"$flow_dir/run.log" 2>&1 &
running=$!
for _ in $(seq 400); do # until all is delivered
  status status
  grep -q ' 3000 delivered' "$flow_dir/status.out" && break
  sleep 0.05
done
is "status: exit code" "$code" 0
has "$flow_dir/status.out" '^HEALTHY  cortexd [0-9.]+, running for'
has "$flow_dir/status.out" '3000 collected, 3000 delivered \(0 were there already\), 0 dead letters, 0 dropped'
has "$flow_dir/status.out" '^flow-event +HEALTHY +20.*Z +3000 +[0-9]+ +0  gcs'
has "$flow_dir/status.out" '^default +HEALTHY .* elasticsearch'
status top --once
is "top: exit code" "$code" 0
status status --json
is "status as JSON" "$(python3 -c 'import json, sys
state = json.load(sys.stdin)
units = {(u["kind"], u["id"]): u for u in state["units"]}
stream = units["input", "flow-event"]
print(state["events"]["delivered"], stream["state"], stream["metrics"]["events_collected_total"], stream["data_stream"])' <"$flow_dir/status.out")" \
  "3000 HEALTHY 3000 logs-panw_cortex_xdr.event-default"
url=$(sed -n 's/.*status at \(http:[^"]*\)".*/\1/p' "$flow_dir/run.log")
get() { curl -sS --max-time 10 -o "$flow_dir/get.out" -w '%{http_code}' "$@"; }
is "page" "$(get "$url")" 200
has "$flow_dir/get.out" '<title>cortexd</title>'
is "stats" "$(get "${url}stats")" 200
is "stats as Filebeat names them" "$(python3 -c 'import json, sys
stats = json.load(sys.stdin)
print(stats["filebeat"]["events"], stats["libbeat"]["output"]["events"]["acked"], stats["libbeat"]["output"]["type"], stats["beat"]["info"]["name"])' \
  <"$flow_dir/get.out")" "{'active': 0, 'added': 3000, 'done': 3000} 3000 elasticsearch cortexd"
is "inputs" "$(get "${url}inputs/")" 200
is "inputs as Filebeat names them" "$(python3 -c 'import json, sys
inputs = json.load(sys.stdin)
print(len(inputs), inputs[0]["id"], inputs[0]["input"], inputs[0]["events_collected_total"])' <"$flow_dir/get.out")" "1 flow-event gcs 3000"
is "metrics" "$(get "${url}metrics")" 200
has "$flow_dir/get.out" '^cortexd_input_events_collected_total\{id="flow-event",type="gcs",data_stream="logs-panw_cortex_xdr.event-default"\} 3000$'
has "$flow_dir/get.out" '^cortexd_output_lag_ms\{id="default",type="elasticsearch"\} 0$'
is "each name is declared once" "$(grep '^# TYPE' "$flow_dir/get.out" | sort | uniq -d | wc -l)" 0
is "each line of the metrics has its form" "$(grep -cvE '^(# (TYPE|HELP) [a-z_]+ .*|[a-z_]+(\{([a-z_]+="[^"]*",?)*\})? [0-9.-]+)$' "$flow_dir/get.out")" 0
is "elsewhere" "$(get "${url}elsewhere")" 404
is "another name of this machine" "$(get -H 'Host: evil.example' "$url")" 403
# A destination that goes away shows; the reason is on the page's list as well, and no secret is.
kill "$flow_sim" && wait "$flow_sim" 2>/dev/null
flow_sim=
for _ in $(seq 400); do
  status status
  grep -q '^DEGRADED' "$flow_dir/status.out" && break
  sleep 0.05
done
is "degraded: exit code" "$code" 1
has "$flow_dir/status.out" '^DEGRADED'
status status --json
is "degraded: the reason is among the last warnings" "$(python3 -c 'import json, sys
state = json.load(sys.stdin)
bad = [u for u in state["units"] if u["state"] == "DEGRADED"][0]
print(bool(bad["message"]), any(bad["message"][:40] in line["message"] for line in state["recent"]))' <"$flow_dir/status.out")" "True True"
has_not "$flow_dir/status.out" geheim-schluessel "the API key"
kill "$running"
wait "$running"
if [ -e "$flow_dir/state/cortexd.sock" ]; then bad "the socket was left behind"; fi

# A port that somebody else has is one line; the agent runs, and tells over its socket.
mkdir "$flow_dir/shop"
"$flow_build/bin/cxd-policy-server" "$flow_dir" "$flow_dir/shop" none 60 2>/dev/null &
holder=$!
for _ in $(seq 200); do [ -s "$flow_dir/url" ] && break; sleep 0.05; done
port=$(sed 's|.*:||; s|/.*||' "$flow_dir/url")
sed -i "s|monitoring.http: .*|monitoring.http: {enabled: true, port: $port}|" "$flow_dir/policy.yml"
"$cortexd" run -c "$flow_dir/policy.yml" --path.data "$flow_dir/state" >"$flow_dir/taken.log" 2>&1 &
running=$!
for _ in $(seq 200); do
  status status
  [ -s "$flow_dir/status.out" ] && break
  sleep 0.05
done
has "$flow_dir/taken.log" "the status is not served: .*$port.*in use"
is "a port that is taken: one line" "$(grep -c 'the status is not served' "$flow_dir/taken.log")" 1
has "$flow_dir/status.out" 'cortexd [0-9.]+, running for'
kill "$running" "$holder"
wait "$running"
wait "$holder" 2>/dev/null
