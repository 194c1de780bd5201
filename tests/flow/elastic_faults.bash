#!/bin/bash
# Elasticsearch misbehaves in every way we know; nothing is lost, nothing comes twice, what it refuses is kept.
# shellcheck source=tests/flow/flow.bash
. "$(dirname "$0")/flow.bash"
sim_start --events 3000 --objects 6
round=0
run() { # what, exit code, documents, dead letters, rules...
  local what=$1 want_code=$2 documents=$3 dead=$4
  shift 4
  round=$((round + 1))
  rm -rf "$flow_dir/state"
  curl -sS -X POST "$control/_sim/wipe" >/dev/null
  fault "$@"
  policy_write
  agent "r$round" --once
  is "$what: exit code" "$code" "$want_code"
  is "$what: documents" "$(sim_stat distinct_ids)" "$documents"
  is "$what: dead letters" "$(dead_count)" "$dead"
  adds_up "r$round"
  memory "r$round"
  fault
}
run "429 on requests" 0 3000 0 '{"kind":"bulk","status":429,"retry_after":"1","count":3}'
run "503 on requests" 0 3000 0 '{"kind":"bulk","status":503,"count":3}'
run "429 on some documents" 0 3000 0 '{"kind":"bulk","item_every":7,"item_status":429,"item_type":"es_rejected_execution_exception","count":6}'
run "connection reset before the reply, work done" 0 3000 0 '{"kind":"bulk","commit":true,"cut":0,"end":"reset","count":3}'
run "reply cut, work done" 0 3000 0 '{"kind":"bulk","commit":true,"cut":10,"end":"close","count":3}'
run "reply that is no JSON" 0 3000 0 '{"kind":"bulk","bad_json":true,"commit":true,"count":2}'
run "401 for a while" 0 3000 0 '{"kind":"bulk","status":401,"count":2}'
run "413: halves" 0 3000 0 '{"kind":"bulk","status":413,"count":3}'
run "nobody there for a second" 0 3000 0 '{"kind":"bulk","down_ms":1000,"count":1}'
curl -sS -X POST "$control/_sim/wipe" >/dev/null
rm -rf "$flow_dir/state"
fault '{"kind":"bulk","item_every":100,"item_status":400,"item_type":"document_parsing_exception","count":4}'
policy_write
agent refused --once
is "refused documents: exit code" "$code" 0
at_least "refused documents: dead letters" "$(dead_count)" 1
is "refused documents: the others are there" "$(sim_stat distinct_ids)" "$((3000 - $(dead_count)))"
adds_up refused
memory refused
has "$flow_dir/state/dead_letter/dead.ndjson" '"stage":"output".*document_parsing_exception.*"document":\{'
