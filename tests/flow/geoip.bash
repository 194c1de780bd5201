#!/bin/bash
# Databases that the policy names once, for all streams, reach the mapping at the edge: alerts say where addresses are and whose.
#   geoip.bash PROGRAM    the program that writes the databases
# shellcheck source=tests/flow/flow.bash
. "$(dirname "$0")/flow.bash"
# shellcheck source=tests/flow/cortex.bash
. "$(dirname "$0")/cortex.bash"
"${1:?the program that writes the databases}" "$flow_dir" || bad "databases"
cortex_start --cortex-alerts 150 --cortex-span 3600000
clock advance=7200000
stream=$(cortex_stream alerts-v1 panw_cortex_xdr.alerts standard)
cortex_policy "$stream"
agent without --once
is "without: exit code" "$code" 0
is "without: documents with a place" "$(documents panw_cortex_xdr.alerts | grep -c '"geo":{')" 0
addresses=$(documents panw_cortex_xdr.alerts | grep -c '"destination":{[^}]*"ip":')
at_least "alerts with an address" "$addresses" 10

rm -rf "$flow_dir/state"
curl -sS -X POST "$control/_sim/wipe" >/dev/null
sed -i "s|^agent:|agent:\n  geoip.database: $flow_dir/city.mmdb\n  asn.database: $flow_dir/asn.mmdb|" "$flow_dir/policy.yml"
agent with --once
is "with: exit code" "$code" 0
documents panw_cortex_xdr.alerts >"$flow_dir/alerts"
is "with: documents with a place" "$(grep -c '"destination":{.*"geo":{[^}]*"country_iso_code":"SE"' "$flow_dir/alerts")" "$addresses"
is "with: documents with a network" "$(grep -c '"destination":{.*"as":{"number":29518,"organization":{"name":"Example Net"}}' "$flow_dir/alerts")" "$addresses"

sed -i "s|city.mmdb|nowhere.mmdb|" "$flow_dir/policy.yml"
"$cortexd" test config -c "$flow_dir/policy.yml" >"$flow_dir/check.log" 2>&1
is "a database that is not there: test config" "$?" 1
has "$flow_dir/check.log" 'nowhere.mmdb'
