#!/bin/bash
# agent.report: which policy an agent runs, as documents of its own through the policy's output: at the start, when a policy is refused
# or applied, each period, at the end. An output that is away costs a line, and nothing else.
# shellcheck source=tests/flow/flow.bash
. "$(dirname "$0")/flow.bash"
sim_start --events 200 --objects 2
reports() { cat "$flow_dir"/sim/store/metrics-cortexd.policy-edge.ndjson 2>/dev/null; }
# told STATE RUNNING WANTED: waits for a report that says so
told() {
  for _ in $(seq 200); do
    reports | grep -qE "\"policy\":\{\"state\":\"$1\".*\"running\":\{\"id\":\"edge\",\"revision\":$2\}.*\"wanted\":\{\"id\":\"edge\",\"revision\":$3\}" && { say "ok: reported: $1 $2 $3"; return; }
    sleep 0.05
  done
  bad "not reported: $1 $2 $3"
  reports | tail -n 1
}
policy() { # REVISION
  flow_poll=true policy_write
  { echo "id: edge"; echo "revision: $1"; } >>"$flow_dir/policy.yml"
}
agent_more=("report: {enabled: true, period: 1s, namespace: edge}" "policy.probation: 1s")
output_more=("setup.template.enabled: true")
policy 1
"$cortexd" run -c "$flow_dir/policy.yml" --path.data "$flow_dir/state" --stats "$flow_dir/run.stats" >"$flow_dir/run.log" 2>&1 &
pid=$!
told running 1 1
has "$flow_dir/run.log" 'index template metrics-cortexd.policy'
policy 2
sed -i 's/type: gcs/type: gsc/' "$flow_dir/policy.yml"
kill -HUP "$pid"
told refused 1 2
policy 3
kill -HUP "$pid"
told probation 3 3
told running 3 3
fault '{"server":"elasticsearch","kind":"bulk","status":503}'
for _ in $(seq 200); do grep -c 'agent.report.*not delivered to output default' "$flow_dir/run.log" >/dev/null && break; sleep 0.05; done
has "$flow_dir/run.log" 'agent.report.*not delivered to output default, the next report follows'
fault
for _ in $(seq 200); do grep -c 'agent.report.*delivered to output default again' "$flow_dir/run.log" >/dev/null && break; sleep 0.05; done
has "$flow_dir/run.log" 'agent.report.*delivered to output default again'
before=$(reports | wc -l)
kill -TERM "$pid"
wait "$pid"
is "exit code" "$?" 0
at_least "reports, with one at the end" "$(reports | wc -l)" $((before + 1))
reports | tail -n 1 >"$flow_dir/last.json"
has "$flow_dir/last.json" '"agent":\{"id":"[0-9a-f-]{36}","ephemeral_id":"[0-9a-f-]{36}","type":"cortexd","version":"[0-9.]+"\}'
has "$flow_dir/last.json" '"cortexd":\{"health":"HEALTHY".*"events":\{"collected":200,"delivered":200,'
has "$flow_dir/last.json" '"data_stream":\{"type":"metrics","dataset":"cortexd.policy","namespace":"edge"\}'
adds_up run

say "-- a run of a moment reports all the same; without agent.report nobody does"
rm -rf "$flow_dir/state"
count=$(reports | wc -l)
agent moment --once
is "a moment: exit code" "$code" 0
at_least "a moment's reports" "$(($(reports | wc -l) - count))" 1
count=$(reports | wc -l)
agent_more=()
policy_write
agent quiet --once
is "reports without agent.report" "$(($(reports | wc -l) - count))" 0
