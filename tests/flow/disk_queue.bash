#!/bin/bash
# The queue on disk: the destination is away for a whole run, the agent is killed, bytes rot, the key is another: all there, none twice.
# shellcheck source=tests/flow/flow.bash
. "$(dirname "$0")/flow.bash"
seed=${CXD_SEED:-$RANDOM}
RANDOM=$seed
say "seed $seed (CXD_SEED=$seed repeats it)"
events=30000
sim_start --events "$events" --objects 12
queue=$flow_dir/state/queue/default

fresh() { # everything as at the first start
  rm -rf "$flow_dir/state"
  curl -sS -X POST "$control/_sim/wipe" >/dev/null
  fault
}
# away NAME: collects all onto the disk while the destination refuses everybody, then is stopped
away() {
  fault '{"kind":"bulk","status":503}'
  "$cortexd" run -c "$flow_dir/policy.yml" --path.data "$flow_dir/state" --stats "$flow_dir/$1.stats" >"$flow_dir/$1.log" 2>&1 &
  local pid=$!
  for _ in $(seq 600); do
    [ "$(du -sb "$queue" 2>/dev/null | cut -f1)" = "${size:-0}" ] && [ "${size:-0}" -gt 1000000 ] && still=$((still + 1)) || still=0
    [ "$still" -ge 20 ] && break
    size=$(du -sb "$queue" 2>/dev/null | cut -f1)
    sleep 0.1
  done
  "$cortexd" status --json --path.data "$flow_dir/state" >"$flow_dir/$1.status"
  "$cortexd" top --once --path.data "$flow_dir/state" >"$flow_dir/$1.top"
  kill -TERM "$pid"
  wait "$pid"
  code=$?
}

say "--- the destination is away for the whole run, and back in the next"
agent_more=("queue.disk: {max_size: 1GiB, segment_size: 4MiB}")
flow_poll=true policy_write
away away
is "away: exit code (all is safe)" "$code" 0
is "away: collected" "$(of away collected)" "$events"
is "away: delivered" "$(of away delivered)" 0
is "away: in the queue" "$(of away queued)" "$events"
has "$flow_dir/away.top" '^  [0-9]+ s behind$'
is "away: the stream is not behind, its documents are safe; the destination is" "$(python3 -c 'import json, sys
lags = {u["kind"]: u["lag_ms"] for u in json.load(sys.stdin)["units"]}
print(lags["input"] < 1000, lags["output"] > 1500)' <"$flow_dir/away.status")" "True True"
fault
policy_write
agent back --once
is "back: exit code" "$code" 0
is "back: collected anew" "$(of back collected)" 0
is "back: delivered" "$(of back delivered)" "$events"
is "back: in the queue" "$(of back queued)" 0
is "back: documents" "$(stored)" "$events"
is "back: distinct" "$(stored_distinct)" "$events"
is "back: segments left" "$(find "$queue" -name '*.seg' | wc -l)" 0
adds_up back
memory back

say "--- sealed: nothing to read, another key is refused, the right one sends all"
fresh
umask 077
openssl rand -hex 32 >"$flow_dir/key"
openssl rand -hex 32 >"$flow_dir/other"
agent_more=("queue.disk: {max_size: 1GiB, segment_size: 4MiB, key_file: $flow_dir/key}")
flow_poll=true policy_write
away sealed
is "sealed: in the queue" "$(of sealed queued)" "$events"
if grep -rqaF panw_cortex_xdr "$queue"; then bad "sealed: the queue can be read"; else say "ok: nothing to read in the queue"; fi
fault
agent_more=("queue.disk: {max_size: 1GiB, segment_size: 4MiB, key_file: $flow_dir/other}")
policy_write
agent other --once
is "another key: exit code" "$code" 1
has "$flow_dir/other.log" 'sealed with another key'
chmod 644 "$flow_dir/key"
agent_more=("queue.disk: {max_size: 1GiB, segment_size: 4MiB, key_file: $flow_dir/key}")
policy_write
agent open --once
is "a key that all can read: exit code" "$code" 1
has "$flow_dir/open.log" 'closed to all others'
chmod 600 "$flow_dir/key"
agent unsealed --once
is "unsealed: exit code" "$code" 0
is "unsealed: distinct" "$(stored_distinct)" "$events"

say "--- rotten bytes in the middle: they are counted, all else comes"
fresh
agent_more=("queue.disk: {max_size: 1GiB, segment_size: 4MiB}")
flow_poll=true policy_write
away rot
fault
segment=$(find "$queue" -name '*.seg' | sort | sed -n 2p)
for at in 300000 1500000 2900000; do
  printf 'rotten rotten rotten' | dd of="$segment" bs=1 seek="$at" conv=notrunc status=none
done
policy_write
agent rotten --once
is "rotten: exit code" "$code" 0
at_least "rotten: lost" "$(of rotten queue_lost)" 1
is "rotten: delivered and lost" "$(($(of rotten delivered) + $(of rotten queue_lost)))" "$events"
is "rotten: documents" "$(stored_distinct)" "$(of rotten delivered)"
has "$flow_dir/rotten.log" 'is damaged at'

say "--- kill -9 while it collects, writes, sends and reads back"
fresh
agent_more=("queue.disk: {max_size: 64MiB, segment_size: 1MiB}" "queue.mem: {bytes: 1MiB, batch_bytes: 64KiB}")
policy_write
sed -i '/queue.mem: {bytes: 4MiB/d' "$flow_dir/policy.yml"
fault '{"kind":"bulk","status":503,"every":3}'
kills=0
for _ in $(seq "${CXD_KILLS:-15}"); do
  "$cortexd" run -c "$flow_dir/policy.yml" --path.data "$flow_dir/state" --once >>"$flow_dir/storm.log" 2>&1 &
  pid=$!
  sleep "0.$((RANDOM % 4))$((RANDOM % 10))"
  if kill -9 "$pid" 2>/dev/null; then kills=$((kills + 1)); fi
  wait "$pid" 2>/dev/null
done
fault
agent last --once
say "$kills kills"
is "last: exit code" "$code" 0
is "last: documents" "$(stored)" "$events"
is "last: distinct" "$(stored_distinct)" "$events"
is "last: dead letters" "$(dead_count)" 0
is "last: lost" "$(of last queue_lost)" 0

say "--- a second agent on the same state folder, and on the same queue folder"
fresh
agent_more=("queue.disk: {max_size: 64MiB, path: $flow_dir/shared}")
flow_poll=true policy_write
"$cortexd" run -c "$flow_dir/policy.yml" --path.data "$flow_dir/state" >"$flow_dir/first.log" 2>&1 &
first=$!
for _ in $(seq 200); do grep -q started "$flow_dir/first.log" && break; sleep 0.05; done
agent second --once
is "second on the same state: exit code" "$code" 1
has "$flow_dir/second.log" "cortexd.lock.*$first|$first.*cortexd.lock"
timeout 60 "$cortexd" run -c "$flow_dir/policy.yml" --path.data "$flow_dir/state2" --once >"$flow_dir/third.log" 2>&1
is "another state, the same queue: exit code" "$?" 1
has "$flow_dir/third.log" "spool.lock"
kill -TERM "$first"
wait "$first"
is "the first one: exit code" "$?" 0
