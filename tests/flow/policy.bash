#!/bin/bash
# A policy that cannot work starts nothing: exit code 1, one line with file, line and what was expected.
# shellcheck source=tests/flow/flow.bash
. "$(dirname "$0")/flow.bash"
check() { # what, words, policy text
  printf '%s' "$3" >"$flow_dir/policy.yml"
  agent p --once
  is "$1: exit code" "$code" 1
  is "$1: lines said" "$(wc -l <"$flow_dir/p.log")" 1
  has "$flow_dir/p.log" "$2"
  if [ -e "$flow_dir/state" ]; then bad "$1: state was touched"; fi
  "$cortexd" test config -c "$flow_dir/policy.yml" >"$flow_dir/t.log" 2>&1
  is "$1: test config" "$?" 1
}
out="outputs: {default: {type: file, path: $flow_dir/out}}
"
check "no YAML" 'policy\.yml:[0-9]+: not YAML' 'outputs: [
'
check "no outputs" 'policy\.yml:1: expected outputs:' 'inputs: []
'
check "unknown input" 'there is no input module of type "gcz"' "${out}inputs: [{type: gcz}]
"
check "unknown option" 'policy\.yml:3: unknown option "bukets".*did you mean "buckets"' "${out}inputs:
- {type: gcs, project_id: p, bukets: []}
"
check "missing option" 'needs the option "buckets"' "${out}inputs:
- {type: gcs, project_id: p}
"
check "wrong type" 'poll_interval.*expected a duration' "${out}inputs:
- type: gcs
  project_id: p
  poll_interval: often
  buckets: [{name: b}]
"
check "unknown output module" 'no output module of type "elastic"' "outputs: {default: {type: elastic}}
inputs: [{type: gcs, project_id: p, buckets: [{name: b}]}]
"
check "unknown processor" 'no processor "magic"' "${out}inputs: [{type: gcs, project_id: p, buckets: [{name: b}], processors: [{magic: {}}]}]
"
check "variable without value" 'variable \$\{env.CXD_NOT_THERE\} has no value' "${out}inputs:
- {type: gcs, project_id: \"\${env.CXD_NOT_THERE}\", buckets: [{name: b}]}
"
check "template that does not parse" 'policy\.yml:3: .*value.*template' "${out}inputs:
- type: httpjson
  request.url: https://localhost:1/
  request.transforms: [{set: {target: url.params.a, value: '[[ if ]]'}}]
  interval: 1m
"
check "key without its id" 'policy\.yml:3: .*token_id' "${out}inputs:
- type: cortex_xdr/incidents
  domain: t.xdr.eu.paloaltonetworks.com
  api_token: geheim-schluessel
"
printf '%s' "${out}inputs:
- type: cel
  resource.url: https://localhost:1/
  interval: 1m
  program: '{\"events\": [1}'
" >"$flow_dir/policy.yml"
"$cortexd" test config -c "$flow_dir/policy.yml" >"$flow_dir/cel.log" 2>&1
is "program that does not parse: test config" "$?" 1
has "$flow_dir/cel.log" 'policy\.yml:3: program: 1:14: expected'
rm -f "$flow_dir/policy.yml"
agent missing --once
is "no file: exit code" "$code" 1
has "$flow_dir/missing.log" 'policy\.yml: cannot read: No such file'
"$cortexd" nonsense >/dev/null 2>&1
is "unknown command" "$?" 2
"$cortexd" run --nonsense >/dev/null 2>&1
is "unknown word" "$?" 2
"$cortexd" --help >"$flow_dir/help.txt"
has "$flow_dir/help.txt" 'cortexd run -c policy.yml --once'
