#!/bin/bash
# Secrets in headers, templates, bodies and an inline key; everything at debug level, requests traced, and a server that says
# back what it was sent. None of them is in a log, a trace, the counters, a health reason or what the command prints.
# shellcheck source=tests/flow/flow.bash
. "$(dirname "$0")/flow.bash"
sim_start --cortex-alerts 20 --cortex-late 0 --cortex-rate 0
cortex=$(ready cortex)
openssl req -x509 -newkey rsa:2048 -nodes -keyout "$flow_dir/client.key" -out "$flow_dir/client.pem" -subj /CN=client -days 2 2>/dev/null
secrets=(standard-key-of-the-simulator key-inside-a-template key-inside-the-body parameter-of-the-url
  "$(sed -n 2p "$flow_dir/client.key")" "$(sed -n 5p "$flow_dir/client.key")")

policy() { # URL
  cat >"$flow_dir/policy.yml" <<END
outputs: {default: {type: file, path: $flow_dir/out}}
inputs:
  - id: panw
    type: httpjson
    streams:
      - id: panw-alerts
        data_stream: {type: logs, dataset: panw_cortex_xdr.alerts}
        interval: 1s
        request.method: POST
        request.url: $1/public_api/v1/alerts/get_alerts_multi_events
        request.ssl:
          certificate_authorities: ["$flow_dir/sim/ca.pem"]
          certificate: |
$(sed 's/^/            /' "$flow_dir/client.pem")
          key: |
$(sed 's/^/            /' "$flow_dir/client.key")
        request.tracer: {enabled: true, filename: $flow_dir/trace/$2-*.ndjson, maxsize: 4}
        request.retry: {max_attempts: 2, wait_min: 20ms, wait_max: 50ms}
        request.transforms:
          - set: {target: header.Authorization, value: standard-key-of-the-simulator}
          - set: {target: header.x-xdr-auth-id, value: 1}
          - set: {target: header.x-own-token, value: '[[sprintf "%s" "key-inside-a-template"]]'}
          - set: {target: body.request_data.search_from, value: 0, value_type: int}
          - set: {target: body.own_secret, value: key-inside-the-body}
          - set: {target: url.params.own_token, value: parameter-of-the-url}
        response.split: {target: body.reply.alerts, ignore_empty_value: true}
agent: {logging.level: debug, registry.flush: 50ms}
END
}
quiet() { # what was run
  cat "$flow_dir/$1.log" "$flow_dir/$1.stats" >"$flow_dir/$1.said" 2>/dev/null
  cat "$flow_dir"/trace/"$1"-* >"$flow_dir/$1.traced" 2>/dev/null
  for secret in "${secrets[@]}"; do
    has_not "$flow_dir/$1.said" "$secret" "secret ${secret:0:6}.."
    has_not "$flow_dir/$1.traced" "$secret" "secret ${secret:0:6}.."
  done
}

policy "$cortex" good
agent good --once
is "good: exit code" "$code" 0
at_least "good: documents" "$(cat "$flow_dir"/out/*.ndjson | wc -l)" 20
quiet good
has "$flow_dir/good.traced" '"own_secret\\":\\"\*+\\"'

# a server that refuses, and says in its reply what it was given
all="${secrets[*]}"
fault "{\"server\":\"cortex\",\"status\":401,\"body\":\"{\\\"err\\\":\\\"not allowed: ${all// /, }\\\"}\"}"
policy "$cortex" refused
agent refused --once
is "refused: exit code" "$code" 1
has "$flow_dir/refused.stats" '"state":"FAILED"'
quiet refused
has "$flow_dir/refused.traced" 'not allowed: \*+, \*+'

# a reply that is no JSON, with the secrets in it
fault "{\"server\":\"cortex\",\"status\":200,\"body\":\"{oh no ${all// /, }\"}"
policy "$cortex" broken
agent broken --once
quiet broken

# nobody there, behind a proxy with a password
fault
policy "http://127.0.0.1:1" gone
sed -i 's|^        request.tracer:|        request.proxy_url: http://proxy-user:password-of-the-proxy@127.0.0.1:1\n&|' "$flow_dir/policy.yml"
secrets+=(password-of-the-proxy)
agent gone --once
is "gone: exit code" "$code" 1
quiet gone

# a policy that is wrong: the line that says so
sed -i 's/response.split:/response.spilt:/' "$flow_dir/policy.yml"
agent wrong --once
is "wrong: exit code" "$code" 1
has "$flow_dir/wrong.log" 'unknown option "response.spilt"'
quiet wrong
