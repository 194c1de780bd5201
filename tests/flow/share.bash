#!/bin/bash
# Several agents on one bucket through pretended Kafka brokers: alone, a second run, two agents at the same time, what is wrong in the topic.
# shellcheck source=tests/flow/flow.bash
. "$(dirname "$0")/flow.bash"
topic=cortexd-objects
broker=
share_stop() { if [ -n "$broker" ]; then kill "$broker" 2>/dev/null && wait "$broker" 2>/dev/null; broker=; fi; }
trap 'share_stop; flow_finish' EXIT

kafka=$flow_dir/kafka
mkdir "$kafka"
"$flow_build/bin/kafka-broker" "$kafka" "$topic" 6 500 >/dev/null 2>"$kafka/err" &
broker=$!
for _ in $(seq 200); do
  [ -s "$kafka/ready" ] && break
  kill -0 "$broker" 2>/dev/null || { bad "broker: $(cat "$kafka/err")"; exit 1; }
  sleep 0.05
done
hosts="[$(tr ',' '\n' <"$kafka/ready" | sed 's/.*/"&"/' | paste -sd,)]"
stream_more=("coordination: kafka" "kafka: {hosts: $hosts, topic: $topic, session_timeout: 6s}")
flow_poll=true

sim_start --events 6000 --objects 60
policy_write
flow_timeout=120
agent first --once
is "first: exit code" "$code" 0
is "first: collected" "$(of first collected)" 6000
is "first: delivered" "$(of first delivered)" 6000
is "documents stored" "$(stored)" 6000
