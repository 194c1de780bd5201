#!/bin/bash
# kill -9 again and again for a bounded time, at random moments, with a destination that misbehaves and both kinds of queue:
# afterwards all is there, once. CXD_KILL_SECONDS (default 100), CXD_SEED.
# shellcheck source=tests/flow/flow.bash
. "$(dirname "$0")/flow.bash"
seed=${CXD_SEED:-$RANDOM}
RANDOM=$seed
seconds=${CXD_KILL_SECONDS:-100}
events=100000
say "seed $seed (CXD_SEED=$seed repeats it)"
sim_start --events "$events" --objects 60
fault '{"kind":"bulk","commit":true,"cut":0,"end":"reset","probability":0.05,"seed":1}' '{"kind":"bulk","status":429,"probability":0.1,"seed":2}' \
  '{"kind":"bulk","commit":true,"status":503,"probability":0.05,"seed":3}' '{"kind":"bulk","item_every":50,"item_status":429,"probability":0.2,"seed":4}' \
  '{"kind":"bulk","slow_bytes":500,"slow_ms":5,"probability":0.2,"seed":5}'
disk="queue.disk: {max_size: 64MiB, segment_size: 1MiB}"
kills=0 drained=0 before=0 between=0 disk_kills=0
begin=$SECONDS
while [ $((SECONDS - begin)) -lt "$seconds" ]; do
  agent_more=()
  # a queue that is on disk is not left behind: it is drained before memory's turn
  if [ -z "${on_disk:-}" ] || [ $((kills % 40)) -eq 0 ]; then
    on_disk=$((1 - ${on_disk:-0}))
    if [ "$on_disk" -eq 0 ] && [ -d "$flow_dir/state/queue" ]; then on_disk=1; fi
  fi
  [ "$on_disk" -eq 1 ] && agent_more=("$disk")
  policy_write
  "$cortexd" run -c "$flow_dir/policy.yml" --path.data "$flow_dir/state" --once >>"$flow_dir/storm.log" 2>&1 &
  pid=$!
  case $((RANDOM % 4)) in
    0) sleep "0.0$((RANDOM % 10))$((RANDOM % 10))" ;;
    1) sleep "0.1$((RANDOM % 10))" ;;
    *) sleep "0.$((RANDOM % 3))$((RANDOM % 10))" ;;
  esac
  if kill -9 "$pid" 2>/dev/null; then
    kills=$((kills + 1))
    disk_kills=$((disk_kills + on_disk))
  fi
  if wait "$pid" 2>/dev/null; then # all was delivered: everything again, as repeats
    drained=$((drained + 1))
    is "drained, round $drained: distinct documents" "$(sim_stat distinct_ids)" "$events"
    rm -rf "$flow_dir/state"
    on_disk=
  fi
  if [ -f "$flow_dir/state/registry.bson" ]; then between=$((between + 1)); else before=$((before + 1)); fi
done
fault
policy_write
[ -d "$flow_dir/state/queue" ] && agent_more=("$disk") && policy_write
agent last --once
say "$kills kills in $((SECONDS - begin)) s: $before before a cursor was saved, $between after; $disk_kills with the queue on disk; drained $drained times"
is "last: exit code" "$code" 0
is "documents" "$(stored)" "$events"
is "distinct" "$(stored_distinct)" "$events"
is "dead letters" "$(dead_count)" 0
is "lost in the queue" "$(of last queue_lost)" 0
say "items sent $(sim_stat items), of them there already $(sim_stat conflicts)"
at_least "kills" "$kills" 50
if grep -q 'is damaged' "$flow_dir/storm.log"; then bad "a kill damaged the queue"; fi
