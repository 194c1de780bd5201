#!/bin/bash
# From the bucket to Kafka: every event arrives under its id, with brokers that fail now and then, and across kill -9 and restart.
# Ids are keys: what a killed run had sent and not yet written down comes again, under the same key. That is counted, not hidden.
# shellcheck source=tests/flow/flow.bash
. "$(dirname "$0")/flow.bash"
kills=${CXD_KILLS:-8}
seed=${CXD_SEED:-$RANDOM}
RANDOM=$seed
say "seed $seed (CXD_SEED=$seed repeats it)"
events=20000
topic=cortex-panw_cortex_xdr.event
broker=

kafka_stop() { if [ -n "$broker" ]; then kill "$broker" 2>/dev/null && wait "$broker" 2>/dev/null; broker=; fi; }
trap 'kafka_stop; flow_finish' EXIT

kafka_start() { # NAME [--faults]
  kafka=$flow_dir/kafka-$1
  mkdir "$kafka"
  shift
  "$flow_build/bin/kafka-broker" "$kafka" "$topic" 16 500 "$@" >/dev/null 2>"$kafka/err" &
  broker=$!
  for _ in $(seq 200); do
    [ -s "$kafka/ready" ] && break
    kill -0 "$broker" 2>/dev/null || { bad "broker: $(cat "$kafka/err")"; exit 1; }
    sleep 0.05
  done
  rm -rf "$flow_dir/state"
  policy_write
  # the elasticsearch output gives way to this one
  awk -v hosts="$(tr ',' '\n' <"$kafka/ready" | sed 's/.*/"&"/' | paste -sd,)" '
    /^outputs:/ { print; print "  default:"; print "    type: kafka"; print "    hosts: [" hosts "]"
      print "    topic: \"cortex-%{[data_stream.dataset]}\""; print "    compression: lz4"; print "    timeout: 30s"; print "    worker: 2"
      print "    partition.round_robin: {group_events: 20}"; print "    backoff: {init: 50ms, max: 500ms}"; skip = 1; next }
    /^inputs:/ { skip = 0 }
    !skip { print }' "$flow_dir/policy.yml" >"$flow_dir/policy.new" && mv "$flow_dir/policy.new" "$flow_dir/policy.yml"
}
count() { sed -n "s/.*\<$1 \([0-9]*\).*/\1/p" "$kafka/counts"; }
# waits until the reader has seen nothing new for a second
settled() {
  local before=-1 still=0
  for _ in $(seq 300); do
    [ "$(count messages)" = "$before" ] && still=$((still + 1)) || still=0
    [ "$still" -ge 10 ] && return
    before=$(count messages)
    sleep 0.1
  done
  bad "the reader does not come to an end"
}

sim_start --events "$events" --objects 20

say "--- brokers that refuse a request or cut a connection now and then"
kafka_start faults --faults
agent faults --once
is "faults: exit code" "$code" 0
settled
adds_up faults
is "faults: delivered" "$(of faults delivered)" "$events"
is "faults: distinct ids" "$(count distinct)" "$events"
# A reply that a cut connection lost is asked for again, and these brokers, unlike real ones, know no sequence numbers: real/kafka is strict.
at_least "faults: messages" "$(count messages)" "$events"
at_least "faults: of 1,000 messages at most so many twice" 20 "$((1000 * ($(count messages) - events) / events))"
is "faults: bad messages" "$(count bad)" 0
is "faults: dead letters" "$(dead_count)" 0
at_least "faults: made" "$(count faults)" 1
kafka_stop
is "faults: the reader lost nothing" "$(grep -c '^lost' "$kafka/err")" 0

say "--- test output asks, and writes nothing"
kafka_start ask
ask() { # name, exit code
  "$cortexd" test output -c "$flow_dir/policy.yml" >"$flow_dir/$1.out" 2>&1
  is "$1: exit code" "$?" "$2"
}
ask named 0
has "$flow_dir/named.out" '127.0.0.1:[0-9]+: Kafka broker [0-9]+, answers'
has "$flow_dir/named.out" 'its name comes with the documents'
sed -i "s/topic: .*/topic: $topic/" "$flow_dir/policy.yml"
ask fixed 0
has "$flow_dir/fixed.out" "topic $topic: 16 partitions"
sed -i "s/topic: .*/topic: another/" "$flow_dir/policy.yml"
ask absent 0
has "$flow_dir/absent.out" 'topic another: not to be seen'
ask again 0
has "$flow_dir/again.out" 'topic another: not to be seen' # nobody made it by asking
is "asked: messages" "$(count messages)" 0
kafka_stop
ask nobody 1
has "$flow_dir/nobody.out" 'kafka .*127.0.0.1'

say "--- kill -9 and restart"
kafka_start kill
done_kills=0
for _ in $(seq $((kills * 3))); do
  "$cortexd" run -c "$flow_dir/policy.yml" --path.data "$flow_dir/state" --once >>"$flow_dir/kill.log" 2>&1 &
  pid=$!
  sleep "0.$((RANDOM % 4))$((RANDOM % 10))"
  kill -9 "$pid" 2>/dev/null && done_kills=$((done_kills + 1))
  wait "$pid" 2>/dev/null && break # drained before it was hit
  [ "$done_kills" -ge "$kills" ] && break
done
agent last --once
is "kill: exit code of the last run" "$code" 0
settled
at_least "kill: kills" "$done_kills" 1
is "kill: distinct ids" "$(count distinct)" "$events"
is "kill: bad messages" "$(count bad)" 0
is "kill: dead letters" "$(dead_count)" 0
say "kill: $done_kills kills, $(count messages) messages, $(($(count messages) - $(count distinct))) of them again under the same key"
kafka_stop
is "kill: the reader lost nothing" "$(grep -c '^lost' "$kafka/err")" 0
