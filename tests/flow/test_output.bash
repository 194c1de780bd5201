#!/bin/bash
# `cortexd test output` asks the destinations who they are; it writes nothing, and says what is wrong.
# shellcheck source=tests/flow/flow.bash
. "$(dirname "$0")/flow.bash"
sim_start --events 10 --objects 1
ask() { # name, exit code
  "$cortexd" test output -c "$flow_dir/policy.yml" >"$flow_dir/$1.out" 2>&1
  is "$1: exit code" "$?" "$2"
}
policy_write
before=$(sim_stat items)
ask good 0
has "$flow_dir/good.out" "$elastic: Elasticsearch 8.15.[0-9]+, signed in"
is "good: bulk items" "$(sim_stat items)" "$before"
if [ -e "$flow_dir/state" ]; then bad "good: a state folder was made"; else say "ok: no state folder"; fi

sed -i 's/geheim-schluessel/geheim-falsch/' "$flow_dir/policy.yml"
ask key 1
has "$flow_dir/key.out" 'HTTP 401.*check api_key'
has_not "$flow_dir/key.out" geheim-falsch "the key"

policy_write
sed -i "s|hosts: \[\"|hosts: [\"https://127.0.0.1:9\", \"|" "$flow_dir/policy.yml"
ask one_of_two 1
has "$flow_dir/one_of_two.out" 'FAILED https://127.0.0.1:9'
has "$flow_dir/one_of_two.out" "$elastic: Elasticsearch"

policy_write
sed -i '/ssl.certificate_authorities/d' "$flow_dir/policy.yml"
ask trust 1
has "$flow_dir/trust.out" '(certificate|issuer)'

policy_write file
ask file 0
has "$flow_dir/file.out" 'cannot be asked without writing'
if [ -e "$flow_dir/out" ]; then bad "file: a folder was made"; else say "ok: no folder"; fi
