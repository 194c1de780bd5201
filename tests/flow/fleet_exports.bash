#!/bin/bash
# Policies as Fleet exports them are read unchanged: the streams and outputs that the agent makes of each, and the warnings with file
# and line, are those beside it in tests/golden/fleet. CXD_GOLDEN_WRITE=1 writes what is found in their place, to be read before it is kept.
# shellcheck source=tests/flow/flow.bash
. "$(dirname "$0")/flow.bash"
cd "$flow_top/tests/golden/fleet" || exit 1
unset THIS_SECRET_IS_NOT_THERE
export ES_USERNAME=u ES_PASSWORD=geheim-1 ES_API_KEY=i:geheim-2 XDR_API_TOKEN=geheim-3 NORTH_TOKEN=geheim-4 GCS_ACCOUNT_KEY='{}'
for policy in *.yml; do
  name=${policy%.yml}
  "$cortexd" test config --json -c "$policy" --path.data "$flow_dir/state" >"$flow_dir/out" 2>"$flow_dir/log"
  is "$name: exit code" "$?" 0
  {
    sed 's/},{/},\n  {/g; s/\],/],\n /g' "$flow_dir/out"
    sed -n 's/.*"log.level":"\([a-z]*\)".*"message":"\(.*\)"}$/\1: \2/p' "$flow_dir/log"
  } >"$flow_dir/found"
  if [ -n "${CXD_GOLDEN_WRITE:-}" ]; then cp "$flow_dir/found" "$name.found"; fi
  if diff -u "$name.found" "$flow_dir/found"; then say "ok: $name: as expected"; else bad "$name: differs"; fi
  has_not "$flow_dir/found" geheim "a secret"
  "$cortexd" policy show "$policy" --path.data "$flow_dir/state" >"$flow_dir/shown" 2>&1
  is "$name: policy show" "$?" 0
  has_not "$flow_dir/shown" geheim "a secret"
done

say "-- the same as a folder of fragments: each export but the first without what can stand once only"
mkdir "$flow_dir/policy.d"
sed '/^inputs:/,$d' events-gcs.yml >"$flow_dir/policy.d/10-fleet.yml"
for n in 20:alerts-httpjson 30:two-tenants-cel; do
  sed -n '/^inputs:/,/^[a-hj-z]/p' "${n#*:}.yml" | sed '$d' | sed 's/use_output: lake/use_output: default/' >"$flow_dir/policy.d/${n%:*}-${n#*:}.yml"
done
"$cortexd" test config -c "$flow_dir/policy.d" --path.data "$flow_dir/state" >"$flow_dir/folder" 2>&1
is "folder: exit code" "$?" 0
has "$flow_dir/folder" 'stream httpjson-panw_cortex_xdr.incidents-4b3c9f5e'
has "$flow_dir/folder" 'stream cel-panw_cortex_xdr.alerts-north: input cel -> logs-panw_cortex_xdr.alerts-north -> output default \(elasticsearch\)'
has "$flow_dir/folder" '30-two-tenants-cel.yml:[0-9]+: input .*is left out'
printf 'outputs: {default: {type: file, path: /x}}\n' >"$flow_dir/policy.d/40-own.yml"
"$cortexd" test config -c "$flow_dir/policy.d" --path.data "$flow_dir/state" >"$flow_dir/folder" 2>&1
is "folder with another output: exit code" "$?" 1
has "$flow_dir/folder" '40-own.yml:1: "type" stands in .*10-fleet.yml:[0-9]+ already, with another value'
