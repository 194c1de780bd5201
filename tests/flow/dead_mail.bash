#!/bin/bash
# agent.dead_letter.output: dead letters of runs without a disk are documents of a data stream. No cursor passes one that is not there; what
# is refused there as well is told, kept and counted; with a disk they wait in the folder and follow.
# shellcheck source=tests/flow/flow.bash
. "$(dirname "$0")/flow.bash"
mkdir -p "$flow_dir/objects"
object() { # NAME: 20 records and a bad line
  local i
  { for i in $(seq 20); do printf '{"_id":"%s-%s","event_timestamp":1744761600000,"event_type":"FILE"}\n' "$1" "$i"; done
    printf '{"event_id": broken-%s "quoted"\n' "$1"; } >"$flow_dir/next"
  mv "$flow_dir/next" "$flow_dir/objects/$1.json"
}
object 001
object 002
sim_start --dir "$flow_dir/objects"
letters() { cat "$flow_dir"/sim/store/logs-cortexd.deadletter-default.ndjson 2>/dev/null; }
events() { sed -n 's/.*"_id":"\([^"]*\)".*/\1/p' "$flow_dir/sim/store/logs-panw_cortex_xdr.event-default.ndjson" 2>/dev/null | sort -u | wc -l; }
scheduled() { rm -rf "$flow_dir/state"; agent "$1" --once; }
agent_more=("state: elasticsearch" "dead_letter.output: default")
output_more=("setup.template.enabled: true")
policy_write
scheduled first
is "first: exit code" "$code" 0
is "first: dead letters" "$(of first dead_lettered)" 2
is "letters in the data stream" "$(letters | wc -l)" 2
is "letters left in the folder" "$(dead_count)" 0
letters | head -n 1 >"$flow_dir/letter.json"
has "$flow_dir/letter.json" '"data_stream":\{"type":"logs","dataset":"cortexd.deadletter","namespace":"default"\},"event":\{"kind":"pipeline_error"'
has "$flow_dir/letter.json" '"error":\{"type":"dead_letter","code":"MALFORMED","message":".+"\},"cortexd":\{"dead_letter":\{"stage":"input","stream":"flow-event"'
has "$flow_dir/letter.json" '"message":"\{\\"event_id\\": broken-00[12] \\"quoted\\""'
has "$flow_dir/first.log" 'index template logs-cortexd.deadletter: installed'
scheduled second
is "second: collected" "$(of second collected)" 0
is "letters after the second" "$(letters | wc -l)" 2

say "-- the letters' output is away: no cursor passes them, and the next run collects them once more"
object 003
policy_write
sed -i -e 's|^inputs:|  letters: {type: elasticsearch, hosts: ["https://127.0.0.1:1"], api_key: "x:y"}\n&|' \
  -e 's/dead_letter.output: default/dead_letter.output: letters/' -e 's/shutdown_timeout: 20s/shutdown_timeout: 2s/' "$flow_dir/policy.yml"
scheduled away
is "away: exit code" "$code" 1
has "$flow_dir/away.log" 'dead letters are not delivered to output letters yet, and wait in the state folder'
is "away: letters in the folder" "$(dead_count)" 1
"$cortexd" deadletter list -c "$flow_dir/policy.yml" --path.data "$flow_dir/state" >"$flow_dir/list.out" 2>"$flow_dir/list.err"
is "deadletter list: what waits" "$(wc -l <"$flow_dir/list.out")" 1
has "$flow_dir/list.err" 'dead letters of this policy go to output letters as logs-cortexd.deadletter-default; these wait in the folder'
policy_write
scheduled again
is "again: exit code" "$code" 0
is "again: dead letters" "$(of again dead_lettered)" 1
is "letters" "$(letters | wc -l)" 3
is "events" "$(events)" 60

say "-- the destination refuses documents and their letters"
object 004
fault '{"kind":"bulk","item_every":1,"item_status":400,"item_type":"document_parsing_exception"}'
scheduled refused
fault
is "refused: exit code" "$code" 1
is "refused: dead letters" "$(of refused dead_lettered)" 21
is "letters that lie in the folder" "$(wc -l <"$flow_dir/state/dead_letter/refused.ndjson")" 21
is "mode of the file" "$(stat -c %a "$flow_dir/state/dead_letter/refused.ndjson")" 600
has "$flow_dir/refused.log" 'output default refuses a dead letter for ever: .*document_parsing_exception.*refused.ndjson'
has "$flow_dir/refused.log" 'dead letters were refused by their output as well'

say "-- with a disk they wait in the folder, and follow"
object 005
agent_more=("dead_letter.output: default")
policy_write
fault '{"kind":"bulk","status":503}'
rm -rf "$flow_dir/state"
flow_timeout=60 agent waiting --once & # its events wait as well
pid=$!
for _ in $(seq 200); do [ "$(dead_count)" -ge 5 ] && break; sleep 0.05; done
at_least "letters that wait" "$(dead_count)" 5
fault
wait "$pid"
is "letters left in the folder" "$(dead_count)" 0
is "letters, each once" "$(letters | sed -n 's/.*"_id":"\([^"]*\)".*/\1/p' | sort -u | wc -l)" 5
is "events" "$(events)" 100
sed -i 's/dead_letter.output: default/dead_letter.output: nowhere/' "$flow_dir/policy.yml"
agent wrong --once
is "no such output: exit code" "$code" 1
has "$flow_dir/wrong.log" 'policy.yml:[0-9]+: agent.dead_letter.output: there is no output "nowhere"'
