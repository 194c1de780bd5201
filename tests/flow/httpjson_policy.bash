#!/bin/bash
# The configuration that a user of the public integration has, as a policy: alerts and incidents by httpjson with templates,
# nested split, offset pages, rate limit headers that never come, a cursor. Standard and Advanced key, mapping at the edge,
# killed and started again: what the tenant gave is stored, once, under the right ids.
# shellcheck source=tests/flow/flow.bash
. "$(dirname "$0")/flow.bash"
now_ms=$(date +%s)000
start_ms=$((now_ms - 20 * 3600000))
sim_start --cortex-alerts 190 --cortex-incidents 150 --cortex-late 0 --cortex-rate 0 --cortex-burst 3 --cortex-changes 2 \
  --cortex-start "$start_ms" --cortex-span $((16 * 3600000)) --cortex-clock $((start_ms + 7 * 3600000))
cortex=$(ready cortex)

# what a filter on FIELD from the cursor on, or else from a day ago, looks like
filter() {
  cat <<END
          - append:
              target: body.request_data.filters
              value: '{"field":"$1","operator":"gte","value":[[.cursor.next_ts]]}'
              default: '{"field":"$1","operator":"gte","value":[[mul (add (now (parseDuration "-24h")).Unix 0) 1000]]}'
              value_type: json
END
}
# pages LIST: offsets while the page before had rows
pages() {
  for end in from to; do
    local more=
    [ "$end" = to ] && more='add 100 '
    cat <<END
          - set:
              target: body.request_data.search_$end
              value: '[[if (ne (len .last_response.body.reply.$1) 0)]][[${more:+$more(}mul .last_response.page 100${more:+)}]][[end]]'
              value_type: int
              fail_on_template_error: true
END
  done
}
standard() {
  cat <<END
          - set: {target: header.Authorization, value: standard-key-of-the-simulator}
          - set: {target: header.x-xdr-auth-id, value: 1}
END
}
advanced() {
  cat <<END
          - set: {target: header.x-xdr-timestamp, value: '[[mul (now).Unix 1000]]'}
          - set: {target: header.x-xdr-nonce, value: '[[hash "sha256" uuid]]'}
          - set:
              target: header.Authorization
              value: '[[hash "sha256" "advanced-key-of-the-simulator" (.header.Get "x-xdr-nonce") (.header.Get "x-xdr-timestamp")]]'
          - set: {target: header.x-xdr-auth-id, value: 2}
END
}
# stream ID DATASET CALL LIST FILTER CURSOR KEY
stream() {
  cat <<END
      - id: $1
        data_stream: {type: logs, dataset: panw_cortex_xdr.$2}
        config_version: 2
        interval: ${interval:-1s}
        request.method: POST
        request.url: $cortex/public_api/v1/$3
        request.timeout: 30s
        request.ssl:
          certificate_authorities: ["$flow_dir/sim/ca.pem"]
        request.tracer.enabled: true
        request.tracer.filename: $flow_dir/trace/$1-*.ndjson
        request.tracer.maxbackups: 5
        request.retry: {max_attempts: 3, wait_min: 50ms, wait_max: 200ms}
        request.rate_limit:
          limit: '[[.last_response.header.Get "X-Rate-Limit-Limit"]]'
          remaining: '[[.last_response.header.Get "X-Rate-Limit-Remaining"]]'
          reset: '[[(parseDate (.last_response.header.Get "X-Rate-Limit-Reset")).Unix]]'
        request.transforms:
$("$7")
          - set: {target: body.request_data.sort.field, value: $5}
          - set: {target: body.request_data.sort.keyword, value: asc}
$(filter "$5")
        response.split:
          target: body.reply.$4
          ignore_empty_value: true
          split:
            target: body.events
            keep_parent: true
        response.pagination:
$(pages "$4")
        cursor:
          next_ts:
            value: '[[.last_event.$6]]'
        tags: [forwarded, panw_cortex_xdr]
        publisher_pipeline.disable_host: true
        fields_under_root: true
        fields:
          observer.name: of-the-policy
END
}
policy() {
  {
    cat <<END
outputs:
  default:
    type: elasticsearch
    hosts: ["$elastic"]
    api_key: "id:geheim-schluessel"
    ssl.certificate_authorities: $flow_dir/sim/ca.pem
    backoff: {init: 50ms, max: 500ms}
inputs:
  - id: panw
    type: httpjson
    use_output: default
    streams:
END
    stream panw-alerts alerts alerts/get_alerts_multi_events alerts creation_time detection_timestamp standard
    stream panw-incidents incidents incidents/get_incidents incidents modification_time modification_time advanced
    echo "agent: {registry.flush: 50ms, logging.level: debug}"
  } >"$flow_dir/policy.yml"
}
expected() { curl -sS --max-time 10 "$control/_sim/cortex/expected?kind=$1&what=$2&format=lines" | sort; }
later() { curl -sS --max-time 10 -X POST "$control/_sim/cortex/clock?advance=$1" >/dev/null; }
store() { echo "$flow_dir/sim/store/logs-panw_cortex_xdr.$1-default.ndjson"; }
alerts_stored() { sed -n 's/.*"alert_id":"\([^"]*\)".*/\1/p' "$(store alerts)" | sort -u; }
ms() { date -u -d "$1" +%s%3N; }
# one line for each incident version: id and modification time
incidents_stored() {
  sed -n 's/.*"event":{[^}]*"id":"\([^"]*\)".*"modification_time":"\([^"]*\)".*/\1 \2/p' "$(store incidents)" | while read -r id time; do
    echo "$id $(ms "$time")"
  done | sort
}
# every version of a row that the tenant gave is stored, nothing else is, and nothing twice
all_there() { # when
  is "$1: alerts given and not stored, or stored and not given" \
    "$(comm -3 <(expected alerts served | cut -d' ' -f1 | sort -u) <(alerts_stored) | wc -l)" 0
  is "$1: incident versions that differ" "$(comm -3 <(expected incidents served) <(incidents_stored) | wc -l)" 0
  is "$1: documents" "$(stored)" "$(stored_distinct)"
  is "$1: dead letters" "$(dead_count)" 0
}
# the document id of an incident as the destination's fingerprint processor would make it
le8() { local i; for i in 0 8 16 24 32 40 48 56; do printf '%02x' $((($1 >> i) & 255)); done; }
fingerprint() { # id created modified
  local hex
  hex=$(printf '00%s00' "$(le8 "$2")"; printf %s "$1" | od -An -v -tx1 | tr -d ' \n'; printf '00'; le8 "$3")
  # shellcheck disable=SC2001 # no substitution of the shell's keeps the two letters
  printf '%b' "$(sed 's/../\\x&/g' <<<"$hex")" | openssl sha1 -binary | base64
}

policy
agent first --once
is "exit code" "$code" 0
adds_up first
all_there first
is "alerts that were there and did not come" "$(comm -23 <(expected alerts current | cut -d" " -f1 | sort -u) <(alerts_stored) | wc -l)" 0
is "incidents that were there and did not come" "$(comm -23 <(expected incidents current) <(incidents_stored) | wc -l)" 0
at_least "alerts" "$(alerts_stored | wc -l)" 50
sed -n 's/.*"_id":"\([^"]*\)".*"event":{[^}]*"id":"\([^"]*\)".*"creation_time":"\([^"]*\)","modification_time":"\([^"]*\)".*/\1 \2 \3 \4/p' "$(store incidents)" |
  head -n 5 >"$flow_dir/ids"
is "incidents looked at" "$(wc -l <"$flow_dir/ids")" 5
while read -r id incident created modified; do
  is "document id of incident $incident" "$id" "$(fingerprint "$incident" "$(ms "$created")" "$(ms "$modified")")"
done <"$flow_dir/ids"
has "$(store alerts)" '"observer":\{"name":"of-the-policy"\}'
has "$(store alerts)" '"tags":\["forwarded","panw_cortex_xdr"'
has_not "$(store alerts)" '"total_count"' "an envelope"

# hours pass; some runs are killed at any moment, and the next takes up their cursor
seed=${CXD_SEED:-$RANDOM}
RANDOM=$seed
say "seed $seed (CXD_SEED=$seed repeats it)"
for hour in $(seq 8 16); do
  later 3600000
  for _ in 1 2; do
    "$cortexd" run -c "$flow_dir/policy.yml" --path.data "$flow_dir/state" >>"$flow_dir/killed.log" 2>&1 &
    pid=$!
    sleep "0.$((RANDOM % 4))$((RANDOM % 10))"
    kill -9 "$pid" 2>/dev/null
    wait "$pid" 2>/dev/null
  done
  agent "hour-$hour" --once
  is "hour $hour: exit code" "$code" 0
done
all_there last
at_least "alerts" "$(alerts_stored | wc -l)" 120
is "incidents whose present version did not come" "$(comm -23 <(expected incidents current) <(incidents_stored) | wc -l)" 0
agent idle --once
is "nothing new: documents" "$(stored)" "$(stored_distinct)"
is "nothing new: all repeats" "$(of idle delivered)" "$(of idle duplicates)"

# no key in a log at debug level, in a trace, or in the counters
cat "$flow_dir"/*.log "$flow_dir"/*.stats >"$flow_dir/said"
cat "$flow_dir"/trace/* >"$flow_dir/traced"
for key in standard-key-of-the-simulator advanced-key-of-the-simulator; do
  has_not "$flow_dir/said" "$key"
  has_not "$flow_dir/traced" "$key"
done
has "$flow_dir/traced" '"x-xdr-nonce"'
