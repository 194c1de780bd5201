#!/bin/bash
# A service on this machine: the simulator's API behind a socket, the key in a file that somebody renews, pages from this place
# alone. What was given is stored once; nobody there, a key that others can read and a next page elsewhere are said, and the key is
# in no log and no trace, also when the server says it back.
# shellcheck source=tests/flow/flow.bash
. "$(dirname "$0")/flow.bash"
sim_start --cortex-alerts 250 --cortex-late 0 --cortex-rate 0 --cortex-socket "$flow_dir/api.sock"
cortex=$(ready cortex)
key=$flow_dir/key
(umask 077 && printf 'standard-key-of-the-simulator\n' >"$key")

policy() { # NAME URL [LINE OF THE PAGINATION]
  cat >"$flow_dir/policy.yml" <<END
outputs: {default: {type: file, path: $flow_dir/out-$1}}
inputs:
  - id: panw
    type: httpjson
    streams:
      - id: panw-$1
        data_stream: {type: logs, dataset: panw_cortex_xdr.alerts}
        interval: 1s
        auth.file: {path: $key, refresh_interval: 1h}
        request.method: POST
        request.url: $2/public_api/v1/alerts/get_alerts_multi_events
        request.tracer: {enabled: true, filename: $flow_dir/trace/$1-*.ndjson, maxsize: 4}
        request.retry: {max_attempts: 2, wait_min: 20ms, wait_max: 50ms}
        request.transforms:
          - set: {target: header.x-xdr-auth-id, value: 1}
          - set: {target: body.request_data.search_from, value: 0, value_type: int}
          - set: {target: body.request_data.search_to, value: 100, value_type: int}
        response.split: {target: body.reply.alerts, ignore_empty_value: true}
        response.pagination_allowed_hosts: ["https://api.example"]
        response.pagination:
          - set:
              target: body.request_data.search_from
              value: '[[if (ne (len .last_response.body.reply.alerts) 0)]][[mul (add .last_response.page 1) 100]][[end]]'
              value_type: int
              fail_on_template_error: true
          - set: {target: body.request_data.search_to, value: '[[mul (add .last_response.page 2) 100]]', value_type: int}
${3:-}
agent: {logging.level: debug, registry.flush: 50ms}
END
}
documents() { cat "$flow_dir/out-$1"/*.ndjson 2>/dev/null | sed -n 's/.*"alert_id":"\([^"]*\)".*/\1/p'; }
quiet() {
  cat "$flow_dir/$1.log" "$flow_dir/$1.stats" "$flow_dir"/trace/"$1"-* >"$flow_dir/$1.said" 2>/dev/null
  has_not "$flow_dir/$1.said" standard-key-of-the-simulator "$1: the key"
}

policy good "$cortex"
agent good --once
is "good: exit code" "$code" 0
adds_up good
is "good: alerts" "$(documents good | sort -u | wc -l)" 250
is "good: twice" "$(documents good | sort | uniq -d | wc -l)" 0
quiet good
cat "$flow_dir"/trace/good-* >"$flow_dir/good.traced"
has "$flow_dir/good.traced" '"url":"http://unix-socket/public_api/v1/'

# the server refuses and says the key back; then it is another one
fault '{"server":"cortex","status":401,"body":"{\"err\":\"standard-key-of-the-simulator is not allowed\"}"}'
policy refused "$cortex"
agent refused --once
is "refused: exit code" "$code" 1
quiet refused
cat "$flow_dir"/trace/refused-* >"$flow_dir/refused.traced"
has "$flow_dir/refused.traced" '\*+ is not allowed'
fault

# the next page would come from elsewhere: what was there before stays, and nobody is asked
policy elsewhere "$cortex" "          - set: {target: url.value, value: 'https://evil.example/next'}"
agent elsewhere --once
has "$flow_dir/elsewhere.log" 'https://evil.example:443, which is not among response.pagination_allowed_hosts'
is "elsewhere: alerts" "$(documents elsewhere | sort -u | wc -l)" 100
quiet elsewhere

chmod 644 "$key"
policy open "$cortex"
agent open --once
has "$flow_dir/open.log" 'open to others'
is "open: alerts" "$(documents open | wc -l)" 0
quiet open
chmod 600 "$key"

policy gone "http+unix://${flow_dir//\//%2F}%2Fnobody.sock"
agent gone --once
has "$flow_dir/gone.log" "$flow_dir/nobody.sock"
policy pipe "http+npipe:///pipe"
agent pipe --once
is "pipe: exit code" "$code" 1
has "$flow_dir/pipe.log" 'named pipes are found on Windows alone'
