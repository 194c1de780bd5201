#!/bin/bash
# shellcheck disable=SC2034 # variables that are set here are read by flow.bash
# SIGTERM: what was collected is acknowledged before the end; with a dead destination the agent ends within its limit and
# loses nothing.
# shellcheck source=tests/flow/flow.bash
. "$(dirname "$0")/flow.bash"
sim_start --events 60000 --objects 24
flow_poll=true
policy_write
"$cortexd" run -c "$flow_dir/policy.yml" --path.data "$flow_dir/state" --stats "$flow_dir/term.stats" >"$flow_dir/term.log" 2>&1 &
pid=$!
for _ in $(seq 200); do
  n=$(sim_stat distinct_ids)
  [ "${n:-0}" -gt 2000 ] && break
  sleep 0.02
done
kill -TERM "$pid"
wait "$pid"
is "exit code after SIGTERM" "$?" 0
adds_up term
is "all that was collected is there" "$(sim_stat distinct_ids)" "$(of term delivered)"
fault '{"server":"elasticsearch","status":503}'
flow_shutdown=1s
policy_write
"$cortexd" run -c "$flow_dir/policy.yml" --path.data "$flow_dir/state" --stats "$flow_dir/down.stats" >"$flow_dir/down.log" 2>&1 &
pid=$!
for _ in $(seq 600); do # a slow build takes its time to get there
  grep -q 'documents are not delivered yet' "$flow_dir/down.log" && break
  sleep 0.05
done
start=$(date +%s)
kill -TERM "$pid"
wait "$pid"
is "exit code with a dead destination" "$?" 3
took=$(($(date +%s) - start))
if [ "$took" -le 6 ]; then say "ok: ended after $took s"; else bad "took $took s to end"; fi
has "$flow_dir/down.log" 'Degraded'
fault
flow_poll=false
flow_shutdown=60s
policy_write
flow_timeout=400 agent rest --once
is "the rest: exit code" "$code" 0
is "every event is there" "$(sim_stat distinct_ids)" 60000
# one agent for a state folder
policy_write
flow_poll=true policy_write
"$cortexd" run -c "$flow_dir/policy.yml" --path.data "$flow_dir/state" >"$flow_dir/one.log" 2>&1 &
pid=$!
for _ in $(seq 600); do grep -q started "$flow_dir/one.log" && break; sleep 0.02; done
agent two --once
is "a second agent on the same state: exit code" "$code" 1
has "$flow_dir/two.log" "$pid"
kill -TERM "$pid"
wait "$pid"
