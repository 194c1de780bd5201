#!/bin/bash
# The stored cursors are listed and exported while the agent runs, and reset only while it does not.
# shellcheck source=tests/flow/flow.bash
. "$(dirname "$0")/flow.bash"
sim_start --events 2000 --objects 4
policy_write
agent first --once
is "collected" "$(of first collected)" 2000
state() { "$cortexd" state "$@" -c "$flow_dir/policy.yml" --path.data "$flow_dir/state" >"$flow_dir/state.out" 2>"$flow_dir/state.err"; code=$?; }
state list
is "list: exit code" "$code" 0
has "$flow_dir/state.out" '^20[0-9-]+T[0-9:.]+Z +[0-9]+ bytes  flow-event$'
state export flow-event
is "export: exit code" "$code" 0
is "export is JSON with the cursor" "$(python3 -c 'import json, sys
line = json.loads(sys.stdin.read())
print(line["id"], type(line["cursor"]).__name__, len(line["cursor"]) > 0)' <"$flow_dir/state.out")" "flow-event dict True"
state export nobody
is "export of an unknown stream: exit code" "$code" 1
has "$flow_dir/state.err" 'there is no cursor of "nobody"'
state reset
is "reset without a stream: exit code" "$code" 2
state reset nobody
is "reset of an unknown stream: exit code" "$code" 1
flow_poll=true policy_write
"$cortexd" run -c "$flow_dir/policy.yml" --path.data "$flow_dir/state" >"$flow_dir/running.log" 2>&1 &
running=$!
for _ in $(seq 200); do # it holds the lock once its pid stands there
  [ "$(cat "$flow_dir/state/cortexd.lock" 2>/dev/null)" = "$running" ] && break
  sleep 0.05
done
state list
is "list while it runs: exit code" "$code" 0
state reset flow-event
is "reset while it runs: exit code" "$code" 1
has "$flow_dir/state.err" "stop the agent first.*$running"
kill "$running"
wait "$running"
state reset flow-event
is "reset: exit code" "$code" 0
has "$flow_dir/state.out" 'flow-event: forgotten'
state list
is "nothing is left" "$(wc -c <"$flow_dir/state.out")" 0
flow_poll=false policy_write
agent anew --once
is "all again: collected" "$(of anew collected)" 2000
is "all again: duplicates" "$(of anew duplicates)" 2000
is "stored once" "$(stored_distinct) $(stored)" "2000 2000"
