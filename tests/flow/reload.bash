#!/bin/bash
# SIGHUP: the policy is read again, checked as a whole and applied while documents flow: only what differs stops and starts, what is
# wrong is refused with one line, what fails in its first seconds is taken back; every document arrives. A storm of them hides no stop.
# shellcheck source=tests/flow/flow.bash
. "$(dirname "$0")/flow.bash"
umask 022
mkdir "$flow_dir/modules"
cp "$flow_build"/tests/modules/good/*.so "$flow_dir/modules/"
policy() { # streams
  cat >"$flow_dir/new.yml" <<END
outputs: {default: {type: lines, path: $flow_dir/lines.txt}}
inputs: [$1]
agent: {registry.flush: 20ms, shutdown_timeout: 60s, policy.probation: 2s}
END
  mv "$flow_dir/new.yml" "$flow_dir/policy.yml"
}
said() { # words, how often: waits for them in the log
  for _ in $(seq 500); do
    [ "$(grep -c -- "$1" "$flow_dir/run.log")" -ge "$2" ] && return
    sleep 0.02
  done
  bad "the log does not say $2 times: $1"
}

count=100000
one="{id: one, type: ticker, count: $count}"
two="{id: two, type: ticker, count: 10, data_stream: {dataset: other}}" # else both may make the same line in the same millisecond
policy "$one, $two"
"$cortexd" run -c "$flow_dir/policy.yml" --path.data "$flow_dir/state" --modules "$flow_dir/modules" --stats "$flow_dir/run.stats" \
  >"$flow_dir/run.log" 2>&1 &
pid=$!
said ' started' 1
[ "$flow_failed" -eq 0 ] || { cat "$flow_dir/run.log"; exit 1; }

kill -HUP "$pid"
said 'SIGHUP: policy is the one that runs' 1
policy "$one, {id: two, type: ticker, count: 11, data_stream: {dataset: other}}, {id: three, type: ticker, count: 1, data_stream: {dataset: third}}"
kill -HUP "$pid"
said 'SIGHUP: policy applied: new=1 changed=1 gone=0 same=2"' 1
has "$flow_dir/run.log" 'policy: input two: changed \(options\)'
has "$flow_dir/run.log" 'policy: input three: new'
for _ in $(seq 500); do grep -c logs-third "$flow_dir/lines.txt" >/dev/null && break; sleep 0.02; done
policy "$one, {id: two, type: ticker, count: 11, data_stream: {dataset: other}}"
kill -HUP "$pid"
said 'new=0 changed=0 gone=1 same=3"' 1
policy "{id: one, type: tocker}"
kill -HUP "$pid"
said 'SIGHUP: policy refused, the one before runs: .*policy.yml:2: there is no input module of type ..tocker' 1
printf 'outputs: {' >"$flow_dir/policy.yml"
kill -HUP "$pid"
said 'SIGHUP: policy refused' 2
rm "$flow_dir/policy.yml"
kill -HUP "$pid"
said 'SIGHUP: policy refused' 3
truncate -s 100M "$flow_dir/policy.yml"
kill -HUP "$pid"
said 'SIGHUP: policy refused, the one before runs: .*policy.yml: expected a regular file of at most 4 MiB' 1
is "one line for each refusal" "$(grep -c 'policy refused' "$flow_dir/run.log")" 4
policy "$one, {id: two, type: ticker, count: 13, stuck: 12, data_stream: {dataset: other}}"
kill -HUP "$pid"
said 'policy: rolled back to the last good one: input two: ticker: stuck at 13' 1
"$cortexd" status --path.data "$flow_dir/state" >"$flow_dir/status.txt" || true
has "$flow_dir/status.txt" 'one'

two="{id: two, type: ticker, count: 15, data_stream: {dataset: other}}"
policy "$one, $two"
for _ in $(seq 300); do kill -HUP "$pid"; done
for _ in $(seq 500); do
  [ "$({ wc -l <"$flow_dir/lines.txt"; } 2>/dev/null || echo 0)" -ge $((count + 16)) ] && break
  sleep 0.02
done
(while kill -HUP "$pid" 2>/dev/null; do :; done) &
storm=$!
sleep 0.2
kill -TERM "$pid"
wait "$pid"
is "exit code, stopped in a storm" "$?" 0
wait "$storm"
is "lines" "$(wc -l <"$flow_dir/lines.txt")" $((count + 16))
is "distinct lines" "$(sort -u "$flow_dir/lines.txt" | wc -l)" $((count + 16))
adds_up run
is "dead letters" "$(of run dead_lettered)" 0

say "-- a destination that stays goes on being sent to, whose index template is looked at again for what is new"
rm -rf "$flow_dir/state"
sim_start --events 2000 --objects 4
flow_poll=true agent_more=('policy.probation: 0s') policy_write
"$cortexd" run -c "$flow_dir/policy.yml" --path.data "$flow_dir/state" --stats "$flow_dir/again.stats" >"$flow_dir/again.log" 2>&1 &
pid=$!
for _ in $(seq 500); do [ "$(stored)" -ge 2000 ] && break; sleep 0.02; done
sed -n '/^  - id: flow/,/^agent/{/^agent/!p}' "$flow_dir/policy.yml" | sed 's/id: flow/id: more/; s/forwarded/more/' >"$flow_dir/more.yml"
sed -i "/^inputs:/r $flow_dir/more.yml" "$flow_dir/policy.yml"
curl -sS -X POST "$control/_sim/wipe" >/dev/null
kill -HUP "$pid"
for _ in $(seq 500); do [ "$(stored_distinct)" -ge 2000 ] && break; sleep 0.02; done
kill -TERM "$pid"
wait "$pid"
is "exit code" "$?" 0
has "$flow_dir/again.log" 'SIGHUP: policy applied: new=1 changed=0 gone=0 same=2'
is "delivered" "$(of again delivered)" 4000
