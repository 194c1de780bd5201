#!/bin/bash
# Dead letters are listed, shown and sent again: once, also when the replay is killed on its way; what is refused again stays.
# shellcheck source=tests/flow/flow.bash
. "$(dirname "$0")/flow.bash"
events=6000
sim_start --events "$events" --objects 4
letters() { # name, exit code, words
  local name=$1 want=$2
  shift 2
  "$cortexd" deadletter "$@" -c "$flow_dir/policy.yml" --path.data "$flow_dir/state" >"$flow_dir/$name.out" 2>"$flow_dir/$name.err"
  is "$name: exit code" "$?" "$want"
}
policy_write
letters none 0 list
fault '{"kind":"bulk","item_every":3,"item_status":400,"item_type":"document_parsing_exception"}'
agent run --once
fault
dead=$(dead_count)
at_least "dead letters" "$dead" 1500
is "documents" "$(sim_stat distinct_ids)" "$((events - dead))"

say "--- list and show"
letters list 0 list
is "list: lines" "$(wc -l <"$flow_dir/list.out")" "$dead"
has "$flow_dir/list.out" '^ +1  .*output +REJECTED +flow-event  .*document_parsing_exception'
letters other 0 list --stream nobody
is "list of another stream: lines" "$(wc -l <"$flow_dir/other.out")" 0
letters show 0 show 7
has "$flow_dir/show.out" '^document +\{'
letters json 0 show 7 --json
has "$flow_dir/json.out" '^\{"@timestamp".*"document":\{'
letters beyond 1 show "$((dead + 1))"
letters words 2 show

say "--- replay while some are refused again"
fault '{"kind":"bulk","item_every":10,"item_status":400,"item_type":"document_parsing_exception"}'
letters some 0 replay
fault
again=$(dead_count)
say "$(tail -n 1 "$flow_dir/some.err")"
at_least "refused again" "$again" 100
is "delivered and refused" "$(($(sim_stat distinct_ids) + again))" "$events"
is "files of the replay" "$(find "$flow_dir/state/dead_letter" -name 'replay-*' | wc -l)" 0

say "--- replay, killed on its way, with a raw record that nobody could map"
printf '%s\n' '{"@timestamp":"2026-01-01T00:00:00.000Z","stage":"processor","status":"MALFORMED","reason":"x","stream":"flow-event","data_stream":"logs-panw_cortex_xdr.event-default","message":"{\"event_id\":\"replayed-raw\",\"event_type\":\"PROCESS\",\"event_timestamp\":1700000000000}","fields":{"@timestamp":"2026-01-01T00:00:00.000Z","log":{"offset":7}}}' \
  '{"@timestamp":"2026-01-01T00:00:00.000Z","stage":"input","status":"MALFORMED","reason":"x","stream":"gone","data_stream":"logs-x-y","message":"what nobody maps"}' >>"$flow_dir/state/dead_letter/dead.ndjson"
fault '{"kind":"bulk","delay_ms":300}'
for _ in 1 2 3; do
  "$cortexd" deadletter replay -c "$flow_dir/policy.yml" --path.data "$flow_dir/state" >>"$flow_dir/killed.log" 2>&1 &
  pid=$!
  sleep 0.25
  kill -9 "$pid" 2>/dev/null
  wait "$pid" 2>/dev/null
done
fault
letters rest 0 replay --json
has "$flow_dir/rest.out" '^\{"letters":[0-9]+,"done":[0-9]+,"delivered":[0-9]+,"duplicates":[0-9]+,"refused":0,"kept":1\}$'
is "documents, with the raw record" "$(sim_stat distinct_ids)" "$((events + 1))"
is "stored" "$(stored)" "$((events + 1))"
is "stored, distinct" "$(stored_distinct)" "$((events + 1))"
at_least "the raw record, mapped" "$(grep -c replayed-raw "$flow_dir"/sim/store/*.ndjson)" 1
is "kept: the record of a stream that is gone" "$(dead_count)" 1
has "$flow_dir/state/dead_letter/dead.ndjson" '"stream":"gone"'
rm "$flow_dir/state/dead_letter/dead.ndjson"
letters empty 0 replay
has "$flow_dir/empty.err" 'no dead letters'

say "--- not beside a running agent"
flow_poll=true policy_write
"$cortexd" run -c "$flow_dir/policy.yml" --path.data "$flow_dir/state" >"$flow_dir/beside.log" 2>&1 &
pid=$!
for _ in $(seq 200); do grep -q started "$flow_dir/beside.log" && break; sleep 0.05; done
letters locked 1 replay
has "$flow_dir/locked.err" 'cortexd.lock'
kill -TERM "$pid"
wait "$pid"
