#!/bin/bash
# Several agents on one bucket through pretended Kafka brokers: a run that drains, one that finds nothing, two at the same time with one
# of them stopped in the middle, a look without a place in the group, and brokers that are away. With a real Kafka: tests/real/share.
# shellcheck source=tests/flow/flow.bash
. "$(dirname "$0")/flow.bash"
kafka=$flow_dir/kafka
broker=
broker_stop() { if [ -n "$broker" ]; then kill "$broker" 2>/dev/null && wait "$broker" 2>/dev/null; broker=; fi; }
trap 'broker_stop; flow_finish' EXIT
broker_start() { # TOPIC
  rm -rf "$kafka"
  mkdir "$kafka"
  "$flow_build/bin/kafka-broker" "$kafka" "$1" 6 500 >/dev/null 2>"$kafka/err" &
  broker=$!
  for _ in $(seq 200); do
    [ -s "$kafka/ready" ] && break
    kill -0 "$broker" 2>/dev/null || { bad "broker: $(cat "$kafka/err")"; exit 1; }
    sleep 0.05
  done
  stream_more=("coordination: kafka"
    "kafka: {hosts: [$(tr ',' '\n' <"$kafka/ready" | sed 's/.*/"&"/' | paste -sd,)], topic: $1, session_timeout: 6s}")
  policy_write
}
run() { # NAME [WORDS]: its pid in $pid
  local name=$1
  shift
  "$cortexd" run -c "$flow_dir/policy.yml" --path.data "$flow_dir/state-$name" --stats "$flow_dir/$name.stats" "$@" \
    >"$flow_dir/$name.log" 2>&1 &
  pid=$!
}
all_stored() { [ "$(stored)" -ge "$1" ]; }
events=6000 objects=60
flow_poll=true flow_timeout=120
sim_start --events "$events" --objects "$objects"
broker_start alone

say "-- one agent drains, the next run finds nothing, nor does another agent"
agent first --once
is "first: exit code" "$code" 0
is "first: delivered" "$(of first delivered)" "$events"
adds_up first
memory first
is "first: downloads" "$(media)" "$objects"
for name in second other; do
  [ "$name" != other ] || rm -rf "$flow_dir/state"
  agent "$name" --once
  is "$name: exit code" "$code" 0
  is "$name: collected" "$(of "$name" collected)" 0
done
is "documents" "$(stored)" "$events"
is "downloads" "$(media)" "$objects"

say "-- a look takes no place in the group"
"$cortexd" test input -c "$flow_dir/policy.yml" >"$flow_dir/look.out" 2>&1
is "test input: exit code" "$?" 0
has_not "$flow_dir/look.out" "has 6 partitions"

say "-- two agents, one of them stopped in the middle"
broker_stop
curl -sS --max-time 10 -X POST "$control/_sim/wipe" >/dev/null
rm -f "$flow_dir"/sim/store/*.ndjson
broker_start pair
fault '{"kind":"media","slow_bytes":4096,"slow_ms":50}'
run left
left=$pid
run right
right=$pid
did() { [ "$(counter "$1" gcs_objects_published_total)" -ge 1 ]; }
both_did() { did left && did right; }
soon "both have collected objects" both_did
kill -TERM "$left"
wait "$left"
is "left: exit code" "$?" 0
adds_up left
at_least "left: delivered" "$(of left delivered)" 1
fault
soon "all of it" all_stored "$events"
kill -TERM "$right"
wait "$right"
is "right: exit code" "$?" 0
adds_up right
at_least "right: delivered" "$(of right delivered)" 1
is "documents" "$(stored)" "$events"
is "distinct documents" "$(stored_distinct)" "$events"
is "who lists is told" "$(cat "$flow_dir/left.log" "$flow_dir/right.log" | grep -c 'this agent lists now' | awk '{ print ($1 > 0) }')" 1
is "dead letters" "$(find "$flow_dir" -name dead.ndjson -size +0 | wc -l)" 0

say "-- no brokers: told, and a run ends"
broker_stop
agent nobody --once
is "nobody: exit code" "$code" 1
has "$flow_dir/nobody.log" "is (Degraded|Failed): kafka 127.0.0.1:"
