#!/bin/bash
# agent.state: elasticsearch: a scheduled run with no disk. Each run begins with an empty folder and goes on where the one before was; of
# two at the same time one moves the cursor and the other says that it lost it; faults on the way cost nothing.
# shellcheck source=tests/flow/flow.bash
. "$(dirname "$0")/flow.bash"
mkdir -p "$flow_dir/objects"
objects() { # FROM TO: 20 records each
  local n i
  for n in $(seq "$1" "$2"); do
    for i in $(seq 20); do printf '{"_id":"%s-%s","event_timestamp":1744761600000,"event_type":"FILE"}\n' "$n" "$i"; done >"$flow_dir/next"
    mv "$flow_dir/next" "$flow_dir/objects/$(printf '%03d' "$n").json"
  done
}
objects 1 10
sim_start --dir "$flow_dir/objects"
agent_more=("state: elasticsearch")
policy_write
scheduled() { # NAME
  rm -rf "$flow_dir/state"
  agent "$1" --once
}
kept() { curl -sS --max-time 10 --cacert "$flow_dir/sim/ca.pem" -H "Authorization: ApiKey $(printf 'id:geheim-schluessel' | base64)" "$elastic/cortexd-state/_doc/$1"; }
scheduled first
is "first: exit code" "$code" 0
is "first: collected" "$(of first collected)" 200
scheduled second
is "second: exit code" "$code" 0
is "second: collected" "$(of second collected)" 0
objects 11 15
scheduled third
is "third: collected" "$(of third collected)" 100
is "documents" "$(stored)" 300
id=$(printf 'flow-event' | openssl dgst -sha256 -binary | base64 | tr '+/' '-_' | tr -d '=')
kept "$id" >"$flow_dir/kept.json"
has "$flow_dir/kept.json" '"name":"flow-event","content":"[A-Za-z0-9+/=\\]+","writer":"[0-9a-f]{16}","updated":[0-9]+'
if [ -e "$flow_dir/state/registry.bson" ]; then bad "a registry in the folder"; else say "ok: no registry in the folder"; fi

say "-- replies to its writes are lost, and it is away for a while"
objects 16 20
fault '{"server":"elasticsearch","kind":"doc","skip":1,"count":2,"cut":30,"end":"reset"}' '{"server":"elasticsearch","kind":"doc","skip":4,"count":2,"status":503}'
scheduled faults
is "faults: exit code" "$code" 0
is "faults: collected" "$(of faults collected)" 100
fault
scheduled quiet
is "quiet: collected" "$(of quiet collected)" 0

say "-- cortexd state sees the store that the policy names"
state() { "$cortexd" state "$@" -c "$flow_dir/policy.yml" >"$flow_dir/state.out" 2>"$flow_dir/state.err"; code=$?; }
state list
is "state list: exit code" "$code" 0
has "$flow_dir/state.out" '^- +[0-9]+ bytes  flow-event$'
state list --json
has "$flow_dir/state.out" '^\{"id":"flow-event","cursor":\{'
state export flow-event
has "$flow_dir/state.out" '^\{"id":"flow-event","cursor":\{'
state reset nobody
is "state reset of an unknown stream: exit code" "$code" 1
state reset flow-event --json
is "state reset" "$code $(cat "$flow_dir/state.out")" '0 {"ok":true}'
state list
is "state list after it: lines" "$(wc -l <"$flow_dir/state.out")" 0
scheduled anew
is "after a reset all comes again" "$(of anew collected)" 400
is "and nothing twice" "$(stored)" "$(stored_distinct)"
sed 's|hosts: .*|hosts: ["https://127.0.0.1:1"]|' "$flow_dir/policy.yml" >"$flow_dir/away.yml"
"$cortexd" state list -c "$flow_dir/away.yml" >"$flow_dir/state.out" 2>"$flow_dir/state.err"
is "a store that is away: exit code" "$?" 1
has "$flow_dir/state.err" 'cortexd: agent.state: .*127.0.0.1:1'

say "-- two at the same time"
objects 21 40
fault '{"server":"storage","kind":"get","delay_ms":60}'
rm -rf "$flow_dir/one" "$flow_dir/two"
pids=()
for run in one two; do
  timeout --foreground 120 "$cortexd" run --once -c "$flow_dir/policy.yml" --path.data "$flow_dir/$run" --stats "$flow_dir/$run.stats" >"$flow_dir/$run.log" 2>&1 &
  pids+=($!)
done
wait "${pids[0]}"; code_one=$?
wait "${pids[1]}"; code_two=$?
fault
is "one of them went well, the other lost" "$(printf '%s\n' "$code_one" "$code_two" | sort | tr '\n' ' ')" "0 1 "
cat "$flow_dir/one.log" "$flow_dir/two.log" >"$flow_dir/both.log"
has "$flow_dir/both.log" 'flow-event: another run moves this cursor'
is "documents, each once" "$(stored)" "$(stored_distinct)"
scheduled after
is "after: exit code" "$code" 0
is "all documents" "$(stored_distinct)" 800

say "-- what cannot be"
sed -i 's/state: elasticsearch/state: {type: elasticsearch, output: nowhere}/' "$flow_dir/policy.yml"
agent wrong --once
is "wrong: exit code" "$code" 1
has "$flow_dir/wrong.log" 'agent.state: there is no output "nowhere"'
policy_write file
agent file --once
is "file: exit code" "$code" 1
has "$flow_dir/file.log" 'output "default" \(file\) keeps no cursors'
