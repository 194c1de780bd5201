#!/bin/bash
# Two tenants in one policy, each with its own address, key and namespace: each one's rows go to its own data stream, and while one fails
# (its server, its key) the other goes on; what was missed comes when it is well again.
# shellcheck source=tests/flow/flow.bash
. "$(dirname "$0")/flow.bash"
# shellcheck source=tests/flow/cortex.bash
. "$(dirname "$0")/cortex.bash"
hour=3600000
berlin_key=key-of-the-berlin-tenant paris_key=key-of-the-paris-tenant
cortex_start --cortex-audits 400 --cortex-span $((48 * hour)) --cortex-seed 11 --cortex-standard "1:$berlin_key"
berlin=$cortex berlin_control=$control
"$flow_build/bin/cxd-sim" --state "$flow_dir/paris" --cache "$flow_build/flow-cache" --max-seconds 600 --cortex-audits 300 \
  --cortex-span $((48 * hour)) --cortex-seed 22 --cortex-start "$start_ms" --cortex-clock "$start_ms" --cortex-standard "7:$paris_key" \
  >"$flow_dir/paris.out" 2>&1 &
paris_sim=$!
trap 'kill "$paris_sim" 2>/dev/null; flow_finish' EXIT
for _ in $(seq 400); do [ -s "$flow_dir/paris/ready.json" ] && break; sleep 0.05; done
of_paris() { sed -n "s/.*\"$1\" *: *\"\([^\"]*\)\".*/\1/p" "$flow_dir/paris/ready.json"; }
paris=$(of_paris cortex) paris_control=$(of_paris control)
in_paris() { local control=$paris_control; "$@"; }
in_berlin() { local control=$berlin_control; "$@"; }

tenant() { # NAME DOMAIN KEY_ID KEY CA
  cat <<END
  - id: xdr-$1
    type: cortex_xdr/audit_management
    data_stream: {type: logs, dataset: cortex_xdr.audit_management, namespace: $1}
    domain: $2
    token_id: "$3"
    api_token: $4
    interval: 1s
    ssl.certificate_authorities: $5
    tags: [tenant-$1]
END
}
policy() { # KEY of Paris
  cortex_policy "$(tenant berlin "$berlin" 1 "$berlin_key" "$flow_dir/sim/ca.pem")" "$(tenant paris "$paris" 7 "$1" "$flow_dir/paris/ca.pem")"
}
policy "$paris_key"
"$cortexd" test config -c "$flow_dir/policy.yml" >"$flow_dir/test.txt" 2>&1 || { cat "$flow_dir/test.txt"; bad "test config"; exit 1; }
got() { # TENANT: its documents' ids
  sed -n 's/.*\\"AUDIT_ID\\": *\\*"*\([^,\\}]*\).*/\1/p' "$flow_dir/sim/store/logs-cortex_xdr.audit_management-$1.ndjson" 2>/dev/null | sort
}
# what the tenant shows by now, but for the last minutes, which have not settled
wanted() { "in_$1" settled; }
settled() { expected audit_management "until=$(($(clock_ms) - 130000))" | cut -d' ' -f1 | sort; }
everything() { "in_$1" expected audit_management | cut -d' ' -f1 | sort; }
# all_of TENANT: waits until it has what its tenant shows by now
all_of() {
  wanted "$1" >"$flow_dir/$1.wanted"
  for _ in $(seq 1200); do
    got "$1" >"$flow_dir/$1.got"
    [ "$(comm -13 "$flow_dir/$1.got" "$flow_dir/$1.wanted" | wc -l)" -eq 0 ] && break
    sleep 0.05
  done
  is "$1's logs that are missing, of $(wc -l <"$flow_dir/$1.wanted")" "$(comm -13 "$flow_dir/$1.got" "$flow_dir/$1.wanted" | wc -l)" 0
  is "logs that are not $1's" "$(comm -23 "$flow_dir/$1.got" <(everything "$1") | wc -l)" 0
}
health() { # TENANT STATE
  local told
  for _ in $(seq 300); do
    told=$("$cortexd" status --json --path.data "$flow_dir/state" | python3 -c "import json, sys
print([u['state'] for u in json.load(sys.stdin)['units'] if u['id'] == 'xdr-$1'][0])")
    [ "$told" = "$2" ] && break
    sleep 0.05
  done
  is "health of $1" "$told" "$2"
}
forward() { in_berlin clock "advance=$1"; in_paris clock "advance=$1"; }

forward $((12 * hour))
"$cortexd" run -c "$flow_dir/policy.yml" --path.data "$flow_dir/state" --stats "$flow_dir/run.stats" >"$flow_dir/run.log" 2>&1 &
pid=$!
all_of berlin
all_of paris
at_least "Berlin's logs so far" "$(got berlin | wc -l)" 50
at_least "Paris' logs so far" "$(got paris | wc -l)" 40
health berlin HEALTHY
health paris HEALTHY
is "documents of Berlin with its tag" "$(grep -c '"tenant-berlin"' "$flow_dir/sim/store/logs-cortex_xdr.audit_management-berlin.ndjson")" "$(got berlin | wc -l)"
is "documents of Berlin with the other's" "$(grep -c '"tenant-paris"' "$flow_dir/sim/store/logs-cortex_xdr.audit_management-berlin.ndjson")" 0

say "-- Paris is in trouble"
paris_before=$(got paris | wc -l)
in_paris fault '{"server":"cortex","status":503}'
forward $((12 * hour))
all_of berlin
health paris DEGRADED
health berlin HEALTHY
is "Paris' logs meanwhile" "$(got paris | wc -l)" "$paris_before"
in_paris fault
all_of paris
health paris HEALTHY

say "-- Paris' key is not accepted any more, until the policy has the new one"
policy "a-key-that-was-revoked"
kill -HUP "$pid"
for _ in $(seq 200); do grep -c 'policy: rolled back to the last good one: input xdr-paris' "$flow_dir/run.log" >/dev/null && break; sleep 0.05; done
has "$flow_dir/run.log" 'policy: rolled back to the last good one: input xdr-paris: .*401'
in_paris fault '{"server":"cortex","status":401}'
forward $((12 * hour))
all_of berlin
health paris FAILED
health berlin HEALTHY
"$cortexd" status --path.data "$flow_dir/state" >"$flow_dir/status.txt"
is "status: exit code with a failed tenant" "$?" 1
in_paris fault
forward $((13 * hour))
all_of berlin
all_of paris
kill -TERM "$pid"
wait "$pid"
is "exit code" "$?" 0
is "Berlin's logs" "$(got berlin | wc -l)" 400
is "Paris' logs" "$(got paris | wc -l)" 300
adds_up run
for secret in "$berlin_key" "$paris_key" a-key-that-was-revoked; do has_not "$flow_dir/run.log" "$secret" "a tenant's key"; done
