#!/bin/bash
# A policy's sources are asked for a few records: what was reached is said, documents are shown, and neither state nor delivery is
# touched. Each way of failing is one clear line.
# shellcheck source=tests/flow/flow.bash
. "$(dirname "$0")/flow.bash"
sim_start --events 2000 --objects 4
policy_write file
ask() { timeout 100 "$cortexd" test input "$@" -c "$flow_dir/policy.yml" --path.data "$flow_dir/state" >"$flow_dir/ask.out" 2>"$flow_dir/ask.err"; code=$?; }
ask
is "exit code" "$code" 0
has "$flow_dir/ask.out" '^stream flow-event \(gcs\): reached'
has "$flow_dir/ask.out" 'records seen: 10'
has "$flow_dir/ask.out" 'time of the first: 20'
ask flow-event --show 2
is "shown: documents" "$(grep -c '^{.*"@timestamp"' "$flow_dir/ask.out")" 2
is "shown: JSON" "$(grep '^{' "$flow_dir/ask.out" | python3 -c 'import json, sys
print(len({json.loads(l)["@timestamp"] is None for l in sys.stdin}))')" 1
ask --json
is "--json" "$(python3 -c 'import json, sys
d = json.load(sys.stdin)
print(d["ok"], d["events"], d["stream"])' <"$flow_dir/ask.out")" "True 10 flow-event"
is "state and output" "$(find "$flow_dir/state" "$flow_dir/out" -type f 2>/dev/null | wc -l)" 0
ask nobody
is "unknown stream: exit code" "$code" 1
has "$flow_dir/ask.err" 'no stream "nobody"'
ask --show x
is "wrong number: exit code" "$code" 2

fails() { # WHAT PATTERN
  ask
  is "$1: exit code" "$code" 1
  has "$flow_dir/ask.err" "^cortexd: stream flow-event: .*$2"
}
for status in 401 403 404; do
  fault "{\"server\":\"storage\",\"status\":$status}"
  fails "$status" "$status"
done
fault
sed -i "s|alternative_host: .*|alternative_host: https://127.0.0.1:1|" "$flow_dir/policy.yml"
fails "nobody there" '127.0.0.1'
sed -i "s|alternative_host: .*|alternative_host: https://nowhere.invalid|" "$flow_dir/policy.yml"
fails "no such name" 'nowhere.invalid'
policy_write file
sed -i '/ssl.certificate_authorities/d' "$flow_dir/policy.yml"
fails "a certificate that nobody signed" '([Cc]ertificate|TLS|SSL)'
