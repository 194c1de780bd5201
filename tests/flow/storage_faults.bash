#!/bin/bash
# Cloud Storage misbehaves in every way we know; each time all events arrive, once, and the status says what was wrong.
# shellcheck source=tests/flow/flow.bash
. "$(dirname "$0")/flow.bash"
sim_start --events 3000 --objects 6
round=0
try() { # what, expected words in the log, rules...
  local what=$1 words=$2
  shift 2
  round=$((round + 1))
  rm -rf "$flow_dir/state"
  curl -sS -X POST "$control/_sim/wipe" >/dev/null
  fault "$@"
  policy_write
  agent "r$round" --once
  is "$what: exit code" "$code" 0
  is "$what: documents" "$(sim_stat distinct_ids)" 3000
  is "$what: dead letters" "$(dead_count)" 0
  adds_up "r$round"
  [ -z "$words" ] || has "$flow_dir/r$round.log" "$words"
  fault
}
try "401 once: the token is refreshed" '' '{"kind":"media","status":401,"count":1}'
try "401 on the list once" '' '{"kind":"list","status":401,"count":1}'
try "429 with Retry-After on the list" '429|too many|throttl|Retry-After' '{"kind":"list","status":429,"retry_after":"1","count":2}'
try "429 on objects" '' '{"kind":"media","status":429,"retry_after":"1","count":3}'
try "500 on the list" '500' '{"kind":"list","status":500,"count":2}'
try "503 on objects" '' '{"kind":"media","status":503,"count":4}'
try "reset in the middle of a body" '' '{"kind":"media","cut":20000,"end":"reset","count":4}'
try "close in the middle of a body" '' '{"kind":"media","cut":30000,"end":"close","count":4}'
try "slow-loris" '' '{"kind":"media","cut":10000,"end":"stall","stall_ms":8000,"count":2}'
try "stalled list" '' '{"kind":"list","cut":0,"end":"stall","stall_ms":8000,"count":1}'
try "list that is no JSON" '' '{"kind":"list","bad_json":true,"count":2}'
try "token endpoint down for a moment" '' '{"kind":"token","status":503,"count":2}'

# What only a person can mend: reported as Failed, exit code 1, nothing invented.
hopeless() { # what, words, rule
  round=$((round + 1))
  rm -rf "$flow_dir/state"
  fault "$3"
  policy_write
  agent "r$round" --once
  is "$1: exit code" "$code" 1
  has "$flow_dir/r$round.log" "$2"
  fault
}
hopeless "403 on the list" 'Failed.*(403|storage.objects.list|objectViewer)' '{"kind":"list","status":403}'
hopeless "404: no such bucket" 'Failed.*(404|bucket)' '{"kind":"list","status":404}'
hopeless "401 for ever" 'Failed.*(401|credential|key)' '{"kind":"list","status":401}'

# An object that goes away between list and get is no fault of ours.
rm -rf "$flow_dir/state"
curl -sS -X POST "$control/_sim/wipe" >/dev/null
fault '{"kind":"media","object":"000003","status":404}'
policy_write
agent gone --once
is "object deleted: exit code" "$code" 0
is "object deleted: the others" "$(sim_stat distinct_ids)" 2500
adds_up gone
