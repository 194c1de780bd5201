#!/bin/bash
# shellcheck disable=SC2034 # variables that are set here are read by flow.bash
# Objects that a person made by hand: bad lines are dead-lettered with their place, good ones go on, the sum is right.
# shellcheck source=tests/flow/flow.bash
. "$(dirname "$0")/flow.bash"
objects=$flow_dir/objects
mkdir -p "$objects/a"
record() { printf '{"event_id":"e-%s","event_timestamp":1700000000%03d,"agent_hostname":"h"}' "$1" "$2"; }
{ record 1 1; echo; echo '{"event_id": broken}'; record 2 2; echo; echo; printf 'not json\r\n'; record 3 3; } >"$objects/a/lines.json"
{ printf '\xef\xbb\xbf'; record bom 4; printf '\r\n'; record crlf 5; printf '\r\n'; } | gzip >"$objects/a/bom.log"
{ printf ' [ '; record list-1 6; printf ' , \n'; record list-2 7; printf ']\n'; } >"$objects/a/list.json"
{ record big-1 8; echo; printf '{"event_id":"huge","x":"'; head -c 200000 /dev/zero | tr '\0' x; echo '"}'; record big-2 9; echo; } | gzip >"$objects/a/long.gz"
for i in $(seq 3000); do record "cut-$i" $((i % 1000)); echo; done | gzip >"$objects/whole.gz"
head -c "$(($(stat -c %s "$objects/whole.gz") / 2))" "$objects/whole.gz" >"$objects/a/truncated.gz"
rm "$objects/whole.gz"
printf '{"event_id":"\xff\xfe"}\n' >"$objects/a/utf8.json"
: >"$objects/a/empty.json"
: | gzip >"$objects/a/empty.gz"

sim_start --events 0 --dir "$objects"
stream_more=("max_line_size: 64KiB")
policy_write
agent bad --once
adds_up bad
dead=$flow_dir/state/dead_letter/dead.ndjson
has "$dead" 'lines\.json.*line 2\b'
has "$dead" 'lines\.json.*line 5\b'
has "$dead" '"message":"\{\\"event_id\\": broken\}"'
has "$dead" 'long\.gz.*line 2\b'
has "$dead" 'utf8\.json'
has "$dead" 'message_base64'
has "$flow_dir/bad.log" 'truncated\.gz'
whole=$(stored)
is "dead letters counted and kept" "$(of bad dead_lettered)" "$(dead_count)"
is "delivered and stored" "$(of bad delivered)" "$whole"
for id in e-1 e-2 e-3 e-bom e-crlf e-list-1 e-list-2 e-big-1 e-big-2 e-cut-1; do
  if grep -q "\"id\":\"$id\"" "$flow_dir"/sim/store/*.ndjson; then say "ok: $id is there"; else bad "$id is missing"; fi
done
at_least "whole lines of the truncated object" "$(grep -c '"id":"e-cut-' "$flow_dir"/sim/store/*.ndjson)" 500
agent again --once
is "nothing comes twice" "$(stored)" "$whole"
