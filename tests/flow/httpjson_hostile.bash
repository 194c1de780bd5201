#!/bin/bash
# Replies and templates that are wrong, endless or too large: each makes the unit Degraded with a clear reason and ends the
# interval; no cursor moves past what was not collected, and when the trouble is over everything comes.
# shellcheck source=tests/flow/flow.bash
. "$(dirname "$0")/flow.bash"
mkdir -p "$flow_dir/objects"
sim_start --plain --no-auth --dir "$flow_dir/objects" --cortex-alerts 250 --cortex-late 0 --cortex-rate 0 --cortex-burst 1
cortex=$(ready cortex)

# policy ID [LINES OF THE STREAM]: alerts as the API gives them, to a file
policy() {
  local id=$1
  shift
  {
    cat <<END
outputs: {default: {type: file, path: $flow_dir/out-$id}}
inputs:
  - id: hostile
    type: httpjson
    streams:
      - id: $id
        data_stream: {dataset: hostile.$id}
        interval: 1s
        request.method: POST
        request.retry: {max_attempts: 1}
        response.split: {target: body.reply.alerts, ignore_empty_value: true}
        cursor: {next_ts: {value: '[[.last_event.detection_timestamp]]'}}
END
    printf '        %s\n' "$@"
    echo "agent: {registry.flush: 50ms}"
  } >"$flow_dir/policy.yml"
}
transforms() { # MORE
  cat <<END
        request.url: $cortex/public_api/v1/alerts/get_alerts_multi_events
        request.transforms:
          - set: {target: header.Authorization, value: standard-key-of-the-simulator}
          - set: {target: header.x-xdr-auth-id, value: 1}
          - set: {target: body.request_data.sort, value: '{"field":"creation_time","keyword":"asc"}', value_type: json}
          - append: {target: body.request_data.filters, value: '{"field":"creation_time","operator":"gte","value":[[.cursor.next_ts]]}', default: '{"field":"creation_time","operator":"gte","value":1}', value_type: json}
END
}
api() { # ID [LINES]: the tenant's alerts
  policy "$@"
  transforms >"$flow_dir/more"
  sed -i "/^        interval: 1s/r $flow_dir/more" "$flow_dir/policy.yml"
}
lines() { cat "$flow_dir/out-$1"/*.ndjson 2>/dev/null | wc -l; }
degraded() { # RUN, reason
  is "$1: exit code" "$code" 1
  has "$flow_dir/$1.stats" "\"state\":\"DEGRADED\",\"message\":\"[^\"]*$2"
  is "$1: dead letters" "$(dead_count)" 0
}

# replies: what comes in place of the first page, and what is said about it
n=0
bad_reply() { # what, body as JSON text between quotes, reason
  n=$((n + 1))
  api "reply$n"
  fault "{\"server\":\"cortex\",\"status\":200,\"body\":\"$2\",\"count\":1}"
  agent "reply$n" --once
  say "-- $1"
  degraded "reply$n" "$3"
  is "$1: documents" "$(lines "reply$n")" 0
  fault
  agent "after$n" --once
  is "$1, and then a good one: exit code" "$code" 0
  is "$1, and then a good one: documents" "$(lines "reply$n")" 100
}
deep=$(printf '[%.0s' {1..100})
bad_reply "no JSON" '<html>busy</html>' 'reply is not JSON: byte'
bad_reply "half a reply" '{\"reply\":{\"alerts\":[{\"alert_id\":\"1\"},{\"ale' 'reply is not JSON: byte'
bad_reply "an error envelope" '{\"reply\":{\"err_code\":500,\"err_msg\":\"busy\"}}' 'reply.alerts'
bad_reply "a text in place of the list" '{\"reply\":{\"alerts\":\"none\"}}' 'not what the split expects'
bad_reply "a number in place of the object" '17' 'neither an object nor a list'
bad_reply "a list of numbers" '[1,2]' 'no object'
bad_reply "nested too deep" "{\\\"reply\\\":{\\\"alerts\\\":$deep" 'nested too deep'
bad_reply "a number that is none" '{\"reply\":{\"alerts\":[{\"alert_id\":-}]}}' 'reply is not JSON: byte'

# numbers of any size are passed on as they are
printf '{"reply":{"alerts":[{"a":123456789012345678901234567890,"b":1e400,"c":-0.10,"detection_timestamp":99999999999999999999}]}}' \
  >"$flow_dir/objects/numbers.json"
policy numbers "request.url: $storage/cortex-events/numbers.json"
sed -i 's/request.method: POST/request.method: GET/' "$flow_dir/policy.yml"
agent numbers --once
is "numbers: exit code" "$code" 0
has "$flow_dir"/out-numbers/*.ndjson '\\"a\\":123456789012345678901234567890,\\"b\\":1e400,\\"c\\":-0.10'

# pages without end: the same one again and again, and ones that differ
sed -i 's/numbers/endless/g' "$flow_dir/policy.yml"
cp "$flow_dir/objects/numbers.json" "$flow_dir/objects/endless.json"
sed -i "s|^        interval: 1s|&\n        response.pagination: [{set: {target: url.params.page, value: '[[add .last_response.page 1]]'}}]|" "$flow_dir/policy.yml"
agent endless --once
degraded endless 'endless pagination: the same page'
api capped "response.pagination_max_pages: 5" "response.pagination: [{set: {target: body.request_data.search_to, value: '[[add .last_response.page 10]]', value_type: int}}]"
sed -i '/append: {target: body.request_data.filters/d' "$flow_dir/policy.yml"
agent capped --once
degraded capped 'endless pagination. 5 pages'
at_least "capped: what came is kept" "$(lines capped)" 10

# templates without end
hostile() { # ID, template, reason
  api "$1"
  sed -i "s|^        request.transforms:|&\n          - set: {target: header.x-hostile, value: '$2'}|" "$flow_dir/policy.yml"
  local start=$SECONDS
  agent "$1" --once
  degraded "$1" "$3"
  at_least "$1: seconds left of ten" $((10 - SECONDS + start)) 0
  is "$1: documents" "$(lines "$1")" 0
}
hostile loop '[[range 2000000000]][[end]]' 'template'
hostile output '[[range 10000000]]xxxxxxxxxx[[end]]' 'template'
hostile recursion '[[define "x"]][[template "x" .]][[end]][[template "x" .]]' 'template|deep|levels'
# shellcheck disable=SC2016 # a template, not ours to expand
hostile doubling '[[$x := "aaaaaaaaaa"]][[range 100]][[$x = print $x $x]][[end]]' 'template'
