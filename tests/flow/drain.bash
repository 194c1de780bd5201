#!/bin/bash
# A bucket is drained; a second run finds nothing; an agent without memory finds everything there already.
# shellcheck source=tests/flow/flow.bash
. "$(dirname "$0")/flow.bash"
sim_start --events 6000 --objects 7
policy_write
agent first --once
is "exit code" "$code" 0
is "collected" "$(of first collected)" 6000
is "delivered" "$(of first delivered)" 6000
is "duplicates" "$(of first duplicates)" 0
adds_up first
is "documents stored" "$(stored)" 6000
is "distinct documents" "$(stored_distinct)" 6000
agent second --once
is "second run: exit code" "$code" 0
is "second run: collected" "$(of second collected)" 0
rm -rf "$flow_dir/state"
agent forgetful --once
is "without state: collected" "$(of forgetful collected)" 6000
is "without state: duplicates" "$(of forgetful duplicates)" 6000
adds_up forgetful
is "documents stored" "$(stored)" 6000
cat "$flow_dir"/*.log >"$flow_dir/all.log"
has_not "$flow_dir/all.log" geheim-schluessel "the API key"
has_not "$flow_dir/all.log" "$(sed -n 's/.*"private_key" *: *"-----BEGIN PRIVATE KEY-----\\n\([^\\]*\)\\n.*/\1/p' "$flow_dir/sim/service-account.json" | head -c 40)" "the service account's key"
