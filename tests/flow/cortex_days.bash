#!/bin/bash
# Ten days of a tenant in a minute: rows appear, arrive late, share milliseconds by the page, incidents change while they are read;
# the API refuses, fails, breaks off; the agent is killed at random moments. At the end each alert is there once, and each version of
# an incident that the API gave away.
# shellcheck source=tests/flow/flow.bash
. "$(dirname "$0")/flow.bash"
# shellcheck source=tests/flow/cortex.bash
. "$(dirname "$0")/cortex.bash"
seed=${CXD_SEED:-$RANDOM}
RANDOM=$seed
say "seed $seed (CXD_SEED=$seed repeats it)"
hour=3600000 alerts=2000 incidents=3600
cortex_start --cortex-alerts $alerts --cortex-incidents $incidents --cortex-span $((240 * hour)) --cortex-seed "$seed" --cortex-late 150 \
  --cortex-burst 130 --cortex-changes 4 --cortex-lag 60000

# the two keys change places with every start: the cursor is the stream's, not the key's
keys=(standard advanced)
policy_next() {
  keys=("${keys[1]}" "${keys[0]}")
  cortex_policy "$(cortex_stream alerts-v1 panw_cortex_xdr.alerts "${keys[0]}" 'initial_interval: 48h')" \
    "$(cortex_stream incidents panw_cortex_xdr.incidents "${keys[1]}" 'initial_interval: 48h')"
}
# what costs the client a reply: refused before the work is done, or spoiled on its way
# shellcheck disable=SC2034 # read by its name
refusals=('{"server":"cortex","status":429,"probability":0.06,"seed":SEED}' '{"server":"cortex","status":429,"retry_after":"1","skip":2,"count":1}'
  '{"server":"cortex","status":500,"probability":0.06,"seed":SEED}' '{"server":"cortex","status":503,"skip":1,"count":1}'
  '{"server":"cortex","status":200,"skip":1,"count":1,"body":"{\"reply\":{\"err_code\":500,\"err_msg\":\"x\",\"err_extra\":null}}"}'
  '{"server":"cortex","status":200,"skip":2,"count":1,"body":"{\"reply\":{\"total_count\":3}}"}')
# shellcheck disable=SC2034 # read by its name
breaks=('{"server":"cortex","cut":20000,"end":"reset","skip":1,"count":2}' '{"server":"cortex","cut":1,"end":"close","probability":0.05,"seed":SEED}'
  '{"server":"cortex","bad_json":true,"skip":1,"count":1}' '{"server":"cortex","end":"close","commit":true,"skip":1,"every":3}'
  '{"server":"cortex","slow_bytes":65536,"slow_ms":30,"count":2}')
fault_some() { # at random one of those named, or none
  local -n list=$1
  local at=$((RANDOM % (${#list[@]} * 3 / 2)))
  if [ "$at" -lt ${#list[@]} ]; then
    fault "${list[at]//SEED/$RANDOM}"
    faults=$((faults + 1))
  else fault; fi
}
agent_start() {
  policy_next
  "$cortexd" run -c "$flow_dir/policy.yml" --path.data "$flow_dir/state" >>"$flow_dir/agent.log" 2>&1 &
  pid=$!
}
# nap MS: up to so many
nap() { sleep "$(printf '0.%03d' $((RANDOM % $1)))"; }
# the clock stands: all that is there and settled is read, so that no version is lost between the API and the store
catch_up() {
  local try
  fault
  for try in 1 2 3 4 5; do
    policy_next
    agent "run" --once
    runs=$((runs + 1)) conflicts=$((conflicts + $(of run duplicates)))
    [ "$code" -ne 0 ] || return 0
  done
  bad "not caught up after $try runs: $(tail -n 2 "$flow_dir/run.log" | cut -c1-300)"
}
kill_round() { # killed once or twice while it reads; the clock stands
  for _ in 1 2; do
    fault_some breaks
    agent_start
    nap 900
    kill -9 "$pid" 2>/dev/null && kills=$((kills + 1))
    wait "$pid" 2>/dev/null
    [ $((RANDOM % 2)) -eq 0 ] || break
  done
}
jump_round() { # time goes on, and jumps, while it reads
  clock rate=600
  fault_some refusals
  agent_start
  for _ in 1 2 3 4; do
    nap 700
    clock "advance=$((RANDOM % 200 * hour / 100))"
    jumps=$((jumps + 1))
  done
  nap 999
  clock rate=0
  kill -TERM "$pid"
  wait "$pid" || bad "exit code $? after SIGTERM"
}

began=$SECONDS rounds=0 kills=0 jumps=0 faults=0 runs=0 conflicts=0
passed_h() { echo $((($(clock_ms) - start_ms) / hour)); }
catch_up # nothing is there yet
while [ "$(passed_h)" -lt 240 ] && [ $((SECONDS - began)) -lt "${CXD_DAYS_SECONDS:-300}" ]; do
  clock "advance=$(((400 + RANDOM % 1000) * hour / 100))"
  if [ $((RANDOM % 5)) -lt 3 ]; then kill_round; else jump_round; fi
  catch_up
  rounds=$((rounds + 1))
done
clock advance=$((hour / 4)) # all of it settles
catch_up
say "$(passed_h) hours in $((SECONDS - began)) s: $rounds rounds, $kills kills, $jumps jumps while reading, $faults faults set, $runs runs to catch up"

documents panw_cortex_xdr.alerts >"$flow_dir/alerts"
documents panw_cortex_xdr.incidents >"$flow_dir/incidents"
sed -n 's/.*"alert_id":"\([^"]*\)".*/\1/p' "$flow_dir/alerts" >"$flow_dir/ids"
sed -n 's/.*"local_insert_ts":"\([^"]*\)".*/\1/p' "$flow_dir/alerts" | paste -d' ' "$flow_dir/ids" - | in_ms | sort -u >"$flow_dir/alerts.got"
expected alerts >"$flow_dir/alerts.wanted"
is "alerts the tenant has" "$(wc -l <"$flow_dir/alerts.wanted")" $alerts
same "alerts with their times" "$flow_dir/alerts.got" "$flow_dir/alerts.wanted"

# the alerts' events, as another client reads them from the API; one document each
events_from_api() {
  local at
  for ((at = 0; at < alerts; at += 100)); do
    curl -sS --max-time 20 --cacert "$flow_dir/sim/ca.pem" -H 'x-xdr-auth-id: 1' -H 'Authorization: standard-key-of-the-simulator' \
      -d "{\"request_data\":{\"search_from\":$at,\"search_to\":$((at + 100)),\"sort\":{\"field\":\"creation_time\",\"keyword\":\"asc\"}}}" \
      "$cortex/public_api/v1/alerts/get_alerts_multi_events" | grep -o '"event_id": *"[^"]*"' | sed 's/.*: *"//; s/"//'
    [ "$at" -lt 900 ] || sleep 0.06
  done
}
events_from_api | sort >"$flow_dir/events.wanted"
sed -n 's/.*"event_id":"\([^"]*\)".*/\1/p' "$flow_dir/alerts" | sort >"$flow_dir/events.got"
same "events of the alerts, a document each" "$flow_dir/events.got" "$flow_dir/events.wanted"

sed -n 's/.*"event":{[^}]*"id":"\([^"]*\)".*/\1/p' "$flow_dir/incidents" >"$flow_dir/ids"
sed -n 's/.*"modification_time":"\([^"]*\)".*/\1/p' "$flow_dir/incidents" | paste -d' ' "$flow_dir/ids" - | in_ms | sort >"$flow_dir/incidents.got"
expected incidents >"$flow_dir/incidents.wanted"
expected incidents what=served >"$flow_dir/versions.wanted"
is "incidents the tenant has" "$(wc -l <"$flow_dir/incidents.wanted")" $incidents
# incidents go on changing: what happened in the last two minutes has not settled
expected incidents "until=$(($(clock_ms) - 122000))" >"$flow_dir/incidents.settled"
at_least "of them settled" "$(wc -l <"$flow_dir/incidents.settled")" $((incidents - 20))
comm -13 "$flow_dir/incidents.got" "$flow_dir/incidents.settled" >"$flow_dir/missing"
is "incidents whose present version is missing" "$(wc -l <"$flow_dir/missing")" 0
head -n 5 "$flow_dir/missing"
same "versions of incidents that the API gave away" "$flow_dir/incidents.got" "$flow_dir/versions.wanted"
at_least "of them versions that were replaced later" "$(($(wc -l <"$flow_dir/versions.wanted") - incidents))" 2000
say "versions that came and went between two looks: $(($(expected incidents what=all | wc -l) - $(wc -l <"$flow_dir/versions.wanted")))"
is "documents twice" "$(($(stored) - $(stored_distinct)))" 0
is "dead letters" "$(dead_count)" 0
stats=$(curl -sS "$control/_sim/stats" | tr -d ' \n')
for why in no_key wrong_key; do is "keys refused, $why" "$(sed -n "s/.*\"$why\":\([0-9]*\).*/\1/p" <<<"$stats")" 0; done
say "pages given: $(cortex_stat alerts served) alert rows for $alerts, $(cortex_stat incidents served) incident rows for $(wc -l <"$flow_dir/versions.wanted"); repeats refused by id in runs to catch up: $conflicts"
is "requests beyond the tenant's limit" "$(sim_stat too_many)" 0
