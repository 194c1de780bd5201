#!/bin/bash
# `cortexd cel`: programs run offline against recorded replies, from a file, a folder and a trace; state in, state out; errors
# with their place.
# shellcheck source=tests/flow/flow.bash
. "$(dirname "$0")/flow.bash"
cd "$flow_dir" || exit 1
page=$flow_top/tests/cel/programs/alerts_v2_page.cel
try() { # name, words
  local name=$1
  shift
  "$cortexd" cel "$@" >"$name.out" 2>"$name.err"
  code=$?
}
line() { sed -n "$2p" "$1.out"; }

echo '{"url":"https://api.example","token_id":"1","api_token":"abcdefgh","advanced_sec_level":false,"initial_interval":"24h"}' >state.json
cat >replies.ndjson <<'END'
{"event":"request","url":"x"}
{"status":503,"body":"later"}

{"headers":{"X":["a","b"]},"body":{"reply":{"total_count":3,"alerts":[{"alert_id":1,"local_insert_ts":1700000000001},{"alert_id":2,"local_insert_ts":1700000000002}]}}}
{"body":"{\"reply\":{\"total_count\":3,\"alerts\":[{\"alert_id\":3,\"local_insert_ts\":1700000000009}]}}"}
END
try two --state state.json --replies replies.ndjson --now 2026-01-31T12:00:00Z --requests "$page"
is "two pages: exit code" "$code" 0
is "two pages: events" "$(grep -c '^{"event":' two.out)" 3
is "two pages: first event" "$(grep '^{"event":' two.out | head -n 1)" '{"event":{"message":"{\"alert_id\":1,\"local_insert_ts\":1700000000001}"}}'
is "two pages: requests, one of them again" "$(grep -c '^{"request":' two.out)" 3
has two.out '^\{"request":.*"value\\":1769774400000\}'
is "two pages: last cursor" "$(grep '^{"cursor":' two.out | tail -n 1)" '{"cursor":{"filter_time":1769774400000,"last_timestamp":1700000000009}}'
has two.err 'the server answers 503; trying again'

# the state that came out goes in again
grep '^{"state":' two.out | tail -n 1 | sed 's/^{"state"://; s/}$//' >next.json
mkdir bodies
echo '{"reply":{"total_count":0,"alerts":[]}}' >bodies/01.json
try next --state next.json --replies bodies --requests "$page"
is "next period: exit code" "$code" 0
has next.out '^\{"request":.*"value\\":1700000000009\}'

# an error of the server is one of the input
echo '{"reply":{"err_code":401}}' >bodies/01-401.json
rm bodies/01.json
try refused --state state.json --replies bodies "$page"
is "refused: exit code" "$code" 1
has refused.err 'the program reports an error: 401 Unauthorized: POST https://api.example/'
is "refused: events" "$(grep -c '^{"event":' refused.out)" 0
try empty --state state.json "$page"
is "no reply is left: exit code" "$code" 1
has empty.err 'no recorded reply is left for request 1'
echo '{"error":"connection refused"}' >broken.ndjson
try broken --state state.json --replies broken.ndjson "$page"
has broken.err 'connection refused'

# places in a program
printf 'state.with({"events": [{"message": "a", "n": 1 / int(state.x)}],\n  "cursor": 1})' >zero.cel
echo '{"x":0}' >zero.json
try zero --state zero.json zero.cel
is "division by zero: exit code" "$code" 1
has zero.err '^cortexd: failed evaluation: 1:48: division by zero$'
is "division by zero: caret" "$(sed -n 3p zero.err)" "$(printf '%47s^' '')"
printf 'state.with({"events": [],\n  "cursor": nope(1)})' >nope.cel
try nope nope.cel
is "unknown function: exit code" "$code" 1
has nope.err "nope.cel: program: 2:13: undeclared function 'nope'"

# further options, periods, debug
printf 'regexp: {n: "([0-9]+)"}\nresource.url: https://other.example\n' >more.yml
echo 'state.with({"events": [{"message": debug("found", (state.url + "/a17").re_find("n")), "at": now, "k": 2}]})' >more.cel
try more -c more.yml --now 2026-01-31T12:00:00Z --periods 2 more.cel
is "options and periods: exit code" "$code" 0
is "options and periods: first event" "$(line more 1)" '{"event":{"at":"2026-01-31T12:00:00Z","k":2,"message":"17"}}'
is "options and periods: second event" "$(line more 3)" '{"event":{"at":"2026-01-31T12:01:00Z","k":2,"message":"17"}}'
has more.err 'debug found: "17"'

# the program of the profile, which is installed, too: the tenant's time, then a window; the edge is remembered
echo '{"url":"https://api.example","token_id":"1","advanced":false,"initial_ms":3600000,"settle_ms":120000,"interval_ms":300000,"secret":{"api_token":"abcdefgh"}}' >profile.json
echo 'want_more_when_empty: true' >profile.yml
cat >profile.ndjson <<'END'
{"headers":{"Date":"Sat, 31 Jan 2026 12:00:10 GMT"},"body":{"reply":{"total_count":0,"alerts":[]}}}
{"headers":{"Date":"Sat, 31 Jan 2026 12:00:10 GMT"},"body":{"reply":{"total_count":2,"alerts":[{"alert_id":"1","local_insert_ts":1769860000000},{"alert_id":"2","local_insert_ts":1769860689000}]}}}
END
try profile --state profile.json -c profile.yml --replies profile.ndjson --now 2026-01-31T12:00:00Z --requests "$flow_top/inputs/cel/programs/alerts-v2.cel"
is "profile: exit code" "$code" 0
is "profile: events" "$(grep -c '^{"event":{"_conf":{"api":"v2"},"message":' profile.out)" 2
has profile.out '"operator\\":\\"gte\\",\\"value\\":1769857210000\},.*"lte\\",\\"value\\":1769860689000\}'
is "profile: cursor" "$(grep '^{"cursor":' profile.out)" '{"cursor":{"edge":["[\"2\",1769860689000]"],"span":86400000,"time":1769860689000}}'

# what is not understood
echo '{"x":' >half.json
try half --state half.json more.cel
is "half a state: exit code" "$code" 1
has half.err 'half.json: byte'
printf '{"body":1}\n{"status":"x"}\n' >wrong.ndjson
try wrong --replies wrong.ndjson more.cel
has wrong.err 'wrong.ndjson:2: status: expected a number'
try words --nonsense more.cel
is "unknown word: exit code" "$code" 2
try none
is "no program: exit code" "$code" 2
try missing missing.cel
has missing.err 'missing.cel'
"$cortexd" help cel >help.out
has help.out 'cortexd cel \[--state FILE\]'
