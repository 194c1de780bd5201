#!/bin/bash
# kill -9 a thousand times, at random moments, with a destination that misbehaves and both kinds of queue: afterwards all is there,
# once. CXD_KILLS (default 1000; 300 of a sanitized program, which starts slowly), CXD_KILL_SECONDS (limit, default 260), CXD_SEED.
# shellcheck source=tests/flow/flow.bash
. "$(dirname "$0")/flow.bash"
seed=${CXD_SEED:-$RANDOM}
RANDOM=$seed
seconds=${CXD_KILL_SECONDS:-260}
if grep -qE 'lib(a|t)san' <<<"$(ldd "$cortexd")"; then wanted=${CXD_KILLS:-300}; else wanted=${CXD_KILLS:-1000}; fi
all=0
events=100000
say "seed $seed (CXD_SEED=$seed repeats it)"
sim_start --events "$events" --objects 60
faults=('{"kind":"bulk","commit":true,"cut":0,"end":"reset","probability":0.05,"seed":1}' '{"kind":"bulk","status":429,"probability":0.1,"seed":2}'
  '{"kind":"bulk","commit":true,"status":503,"probability":0.05,"seed":3}' '{"kind":"bulk","item_every":50,"item_status":429,"probability":0.2,"seed":4}'
  '{"kind":"bulk","slow_bytes":500,"slow_ms":5,"probability":0.2,"seed":5}')
fault "${faults[@]}"
storm() { # memory or disk
  local kind=$1 kills=0 idle=0 saved=0 drained=0 begin=$SECONDS
  rm -rf "$flow_dir/state"
  agent_more=()
  [ "$kind" = disk ] && agent_more=("queue.disk: {max_size: 64MiB, segment_size: 1MiB}")
  policy_write
  while [ "$kills" -lt $((wanted / 2)) ] && [ $((SECONDS - begin)) -lt $((seconds / 2)) ]; do
    "$cortexd" run -c "$flow_dir/policy.yml" --path.data "$flow_dir/state" --once >>"$flow_dir/storm-$kind.log" 2>&1 &
    local pid=$!
    case $((RANDOM % 4)) in
      0 | 1) sleep "0.0$((RANDOM % 10))$((RANDOM % 10))" ;;
      2) sleep "0.1$((RANDOM % 10))" ;;
      *) sleep "0.$((RANDOM % 3))$((RANDOM % 10))" ;;
    esac
    kill -9 "$pid" 2>/dev/null && kills=$((kills + 1))
    if wait "$pid" 2>/dev/null; then # all was delivered: everything again, as repeats
      drained=$((drained + 1))
      is "$kind, drained: distinct documents" "$(sim_stat distinct_ids)" "$events"
      rm -rf "$flow_dir/state"
    fi
    if [ -s "$flow_dir/state/registry.bson" ]; then saved=$((saved + 1)); else idle=$((idle + 1)); fi
  done
  say "$kind: $kills kills in $((SECONDS - begin)) s, $idle of them before a cursor was saved, $saved after, drained $drained times; documents $(sim_stat distinct_ids)"
  fault
  agent "last-$kind" --once
  fault "${faults[@]}"
  is "$kind: exit code of the last run" "$code" 0
  memory "last-$kind"
  is "$kind: documents" "$(stored)" "$events"
  is "$kind: distinct" "$(stored_distinct)" "$events"
  is "$kind: dead letters" "$(dead_count)" 0
  at_least "$kind: kills" "$kills" 30
  all=$((all + kills))
  if grep -q 'is damaged' "$flow_dir/storm-$kind.log"; then bad "$kind: a kill damaged the queue"; fi
}
storm memory
curl -sS -X POST "$control/_sim/wipe" >/dev/null
storm disk
is "lost in the queue" "$(of last-disk queue_lost)" 0
say "items sent $(sim_stat items), there already $(sim_stat conflicts)"
say "kills: $all of $wanted$([ "$all" -lt "$wanted" ] && echo "; the time was up")"
