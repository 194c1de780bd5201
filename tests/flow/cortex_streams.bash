#!/bin/bash
# Both audit logs and the endpoints, end to end: each management log once, each agent report once though it may arrive three days
# late, each endpoint at each look at which it had reported; with faults and kills on the way, and with what the API refuses.
# shellcheck source=tests/flow/flow.bash
. "$(dirname "$0")/flow.bash"
# shellcheck source=tests/flow/cortex.bash
. "$(dirname "$0")/cortex.bash"
seed=${CXD_SEED:-$RANDOM}
RANDOM=$seed
say "seed $seed (CXD_SEED=$seed repeats it)"
hour=3600000
cortex_start --cortex-audits 900 --cortex-reports 1500 --cortex-endpoints 230 --cortex-span $((96 * hour)) --cortex-seed "$seed" \
  --cortex-late 100 --cortex-burst 120 --cortex-lag 60000
policy_all() {
  cortex_policy "$(cortex_stream audit_management cortex_xdr.audit_management standard \
    'processors: [{decode_json_fields: {fields: [message], target: cortex_xdr.audit}}]')" \
    "$(cortex_stream audit_agent cortex_xdr.audit_agent advanced 'overlap: 80h')" \
    "$(cortex_stream endpoints cortex_xdr.endpoints standard)"
}
policy_all
# member NAME DATASET: a number or text of the records, which are the documents' messages
member() { documents "$2" | sed -n "s/.*\\\\\"$1\\\\\": *\\\\*\"*\([^,\\\\}]*\).*/\1/p"; }

kills=0 looks=0
for step in $(seq 14); do
  clock advance=$((7 * hour + RANDOM % hour))
  if [ $((step % 3)) -eq 0 ]; then
    fault '{"server":"cortex","cut":5000,"end":"reset","skip":1,"count":2}' '{"server":"cortex","status":429,"probability":0.1,"seed":3}'
    "$cortexd" run -c "$flow_dir/policy.yml" --path.data "$flow_dir/state" >>"$flow_dir/agent.log" 2>&1 &
    pid=$!
    sleep "0.$((2 + RANDOM % 7))"
    kill -9 "$pid" 2>/dev/null && kills=$((kills + 1))
    wait "$pid" 2>/dev/null
    fault
  fi
  agent run --once
  is "step $step: exit code" "$code" 0
  looks=$((looks + 1))
  curl -sS "$control/_sim/cortex/expected?format=lines&kind=endpoints" | cut -d' ' -f1 | sort >"$flow_dir/endpoints.$step"
done
say "$looks looks, $kills kills"

member AUDIT_ID cortex_xdr.audit_management >"$flow_dir/ids"
member AUDIT_INSERT_TIME cortex_xdr.audit_management | paste -d' ' "$flow_dir/ids" - | sort >"$flow_dir/audits.got"
expected audit_management >"$flow_dir/audits.wanted"
is "management logs the tenant has" "$(wc -l <"$flow_dir/audits.wanted")" 900
same "management logs" "$flow_dir/audits.got" "$flow_dir/audits.wanted"

is "management logs decoded" "$(documents cortex_xdr.audit_management | grep -c '"cortex_xdr":{"audit":{"AUDIT_ID":')" 900

member RECEIVEDTIME cortex_xdr.audit_agent >"$flow_dir/received"
paste -d: <(member ENDPOINTNAME cortex_xdr.audit_agent) <(member TIMESTAMP cortex_xdr.audit_agent) | paste -d' ' - "$flow_dir/received" | sort >"$flow_dir/reports.got"
expected audit_agent >"$flow_dir/reports.wanted"
is "agent reports the tenant has" "$(wc -l <"$flow_dir/reports.wanted")" 1500
same "agent reports" "$flow_dir/reports.got" "$flow_dir/reports.wanted"
late=$(paste -d' ' <(member TIMESTAMP cortex_xdr.audit_agent) "$flow_dir/received" | awk '$2 - $1 >= 3600000' | wc -l)
at_least "of them that came an hour late or more" "$late" 50

paste -d' ' <(member endpoint_id cortex_xdr.endpoints) <(member last_seen cortex_xdr.endpoints) | sort >"$flow_dir/endpoints.got"
cut -d' ' -f1 "$flow_dir/endpoints.got" | sort -u >"$flow_dir/endpoints.ids"
same "endpoints" "$flow_dir/endpoints.ids" "$flow_dir/endpoints.14"
is "endpoints with one time twice" "$(uniq -d "$flow_dir/endpoints.got" | wc -l)" 0
at_least "endpoints at different times" "$(wc -l <"$flow_dir/endpoints.got")" 1200
is "documents twice" "$(($(stored) - $(stored_distinct)))" 0
is "dead letters" "$(dead_count)" 0
is "requests beyond the tenant's limit" "$(sim_stat too_many)" 0
say "rows given: $(cortex_stat audit_management served) management logs, $(cortex_stat audit_agent served) reports, $(cortex_stat endpoints served) endpoints"

say "-- the API refuses"
refused() { # what, words, rule
  fault "$3"
  agent refused --once
  is "$1: exit code" "$code" 1
  has "$flow_dir/refused.log" "$2"
  has_not "$flow_dir/refused.log" key-of-the-simulator "a key"
  fault
}
clock advance=$hour
refused "401" 'Failed.*audit_management: the API answers 401.*Standard or Advanced' '{"kind":"audit_management","status":401}'
clock advance=$hour
refused "402" 'Failed.*endpoints: the API answers 402.*licence' '{"kind":"endpoints","status":402}'
clock advance=$hour
refused "403" 'Failed.*audit_agent: the API answers 403.*role' '{"kind":"audit_agent","status":403}'
clock advance=$hour
agent last --once
is "afterwards: exit code" "$code" 0
is "documents twice at the end" "$(($(stored) - $(stored_distinct)))" 0

say "-- it stops while the API says nothing"
clock advance=$hour
fault '{"server":"cortex","end":"stall","stall_ms":20000}'
"$cortexd" run -c "$flow_dir/policy.yml" --path.data "$flow_dir/state" >"$flow_dir/stall.log" 2>&1 &
pid=$!
sleep 1
began=$(date +%s%3N)
kill -TERM "$pid"
wait "$pid"
is "exit code" "$?" 0
took=$(($(date +%s%3N) - began))
if [ "$took" -lt 3000 ]; then say "ok: stopped after $took ms"; else bad "stopped after $took ms"; fi
