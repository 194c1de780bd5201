#!/bin/bash
# Every policy that the inputs' pages show is one that the agent takes.
# shellcheck source=tests/flow/flow.bash
. "$(dirname "$0")/flow.bash"
export KAFKA_PASSWORD=secret-of-the-page CORTEX_KEY=secret-of-the-page ELASTICSEARCH_API_KEY=id:key
# blocks FILE: its yaml blocks, each to $flow_dir/block.N; prints how many
blocks() {
  rm -f "$flow_dir"/block.*
  awk -v at="$flow_dir/block." '/^```yaml$/ { n++; inside = 1; next } /^```/ { inside = 0 } inside { print >(at n) } END { print n + 0 }' "$1"
}
checked=0
for page in "$flow_top"/inputs/README.md "$flow_top"/inputs/*/README.md "$flow_top"/README.md; do
  name=${page#"$flow_top"/}
  for n in $(seq "$(blocks "$page")"); do
    grep -q '^inputs:' "$flow_dir/block.$n" || continue
    { grep -q '^outputs:' "$flow_dir/block.$n" || printf 'outputs: {default: {type: console}}\n'; cat "$flow_dir/block.$n"; } >"$flow_dir/policy.yml"
    "$cortexd" test config -c "$flow_dir/policy.yml" >"$flow_dir/test.log" 2>&1
    code=$? # the name below runs a command of its own
    is "$name: policy $n ($(sed -n 's/^ *-* *type: \([a-z_0-9/-]*\).*/\1/p' "$flow_dir/block.$n" | tail -n 1))" "$code" 0
    [ "$flow_failed" -eq 0 ] || cat "$flow_dir/test.log"
    checked=$((checked + 1))
  done
done
at_least "policies" "$checked" 8
# the page's blocks together are one policy, too
blocks "$flow_top/inputs/README.md" >/dev/null
{
  cat "$flow_dir/block.1"
  echo inputs:
  for n in 2 3 4 5 6 7 8; do grep -v '^inputs:' "$flow_dir/block.$n"; done
} >"$flow_dir/policy.yml"
"$cortexd" test config -c "$flow_dir/policy.yml" >"$flow_dir/test.log" 2>&1
is "inputs/README.md: all streams in one policy" "$?" 0
has_not "$flow_dir/test.log" secret-of-the-page "the key"
# and a wrong one is not taken: the check can fail
{ cat "$flow_dir/block.1"; sed 's/token_id/token-id/' "$flow_dir/block.2"; } >"$flow_dir/policy.yml"
"$cortexd" test config -c "$flow_dir/policy.yml" >"$flow_dir/test.log" 2>&1
is "a wrong one" "$?" 1
has "$flow_dir/test.log" 'token-id'
