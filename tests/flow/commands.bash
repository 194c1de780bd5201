#!/bin/bash
# Every command: its help, a word it does not know, and JSON where it offers it; what shells complete is what the help names; the
# manual page tells of each.
# shellcheck source=tests/flow/flow.bash
. "$(dirname "$0")/flow.bash"
mkdir -p "$flow_dir/state"
export CORTEXD_KEYSTORE_KEY_FILE=$flow_dir/keystore.key
ask() { timeout 60 "$cortexd" "$@" >"$flow_dir/ask.out" 2>"$flow_dir/ask.err" </dev/null; code=$?; }
commands=$("$cortexd" help | sed -n 's/^  \([a-z-]*\)  .*/\1/p' | grep -vxE 'cortexd|help')
at_least "commands" "$(wc -w <<<"$commands")" 14
for command in $commands; do
  ask help "$command"
  is "help $command: exit code" "$code" 0
  cp "$flow_dir/ask.out" "$flow_dir/help"
  ask "$command" --help
  is "$command --help says the same" "$code $(cmp "$flow_dir/ask.out" "$flow_dir/help" && echo same)" "0 same"
  has "$flow_dir/help" "^cortexd $command( |\$)"
  has "$flow_dir/help" '[Ee]xit code'
  ask "$command" --no-such-word
  if [ "$command" = component ]; then # words that Elastic Agent adds for Beats are nothing to it
    is "$command --no-such-word, without startup information: exit code" "$code" 1
    continue
  fi
  is "$command --no-such-word: exit code" "$code" 2
  is "$command --no-such-word: says nothing on standard output" "$(wc -c <"$flow_dir/ask.out")" 0
  has "$flow_dir/ask.err" "^cortexd: "
done
ask
is "no command: exit code" "$code" 2
ask modlues
is "a slip: exit code" "$code" 2
has "$flow_dir/ask.err" 'did you mean "modules"'
ask zzzzzzzzzzzz
is "no such command: exit code" "$code" 2
ask version --yaml
is "version: wrong word" "$code" 2

json() { # words; standard output is JSON
  json_lines "$@"
  at_least "$*: bytes" "$(wc -c <"$flow_dir/ask.out")" 2
}
json_lines() { # words; standard output is JSON, or a line of it for each thing; nothing for no thing
  ask "$@"
  is "$* is JSON" "$(python3 -c 'import json, sys
text = sys.stdin.read()
try:
    json.loads(text)
except ValueError:
    [json.loads(line) for line in text.splitlines()]
print("yes")' <"$flow_dir/ask.out" 2>&1 | tail -n 1)" yes
}
storage=https://127.0.0.1:1 policy_write file
mkdir -p "$flow_dir/sim"
openssl req -x509 -newkey rsa:2048 -nodes -keyout "$flow_dir/key" -out "$flow_dir/sim/ca.pem" -subj /CN=x -days 2 2>/dev/null
agent none --once # no storage there: it gives up, and a state folder is made
json version --json
json modules --json
json modules --options --json
json_lines state list --json --path.data "$flow_dir/state"
json_lines state export --path.data "$flow_dir/state"
json_lines deadletter list --json --path.data "$flow_dir/state"
json test input --json -c "$flow_dir/policy.yml"
ask keystore create --path.data "$flow_dir/state"
json keystore list --json --path.data "$flow_dir/state"
json export template panw_cortex_xdr.event
for stream in event alerts incidents; do
  json export fields $stream --json
  is "fields of $stream: as many as the page has" "$(grep -c '^{"name"' "$flow_dir/ask.out")" \
    "$("$cortexd" export fields $stream | grep -cE '^\| [^F-]')"
done
has "$flow_dir/ask.out" '^\{"name": "file.path", "type": "keyword", .*"multi_fields": \[\{"name": "text", "type": "match_only_text"\}\]'
json policy show --json "$flow_dir/policy.yml"
is "policy show --json keeps kinds" "$(python3 -c 'import json, sys
stream = json.load(sys.stdin)["inputs"][0]["streams"][0]
print(stream["max_workers"], stream["poll"], stream["tags"][0])' <"$flow_dir/ask.out")" "3 False forwarded"
json policy explain flow-event --json -c "$flow_dir/policy.yml"
has "$flow_dir/ask.out" '"name":"max_workers","layer":"stream","file":".*policy.yml","line":[0-9]+'
json policy explain outputs.default --json -c "$flow_dir/policy.yml"
json policy keys --json
json_lines check-module "$flow_build/tests/modules/good/ticker.so" --json
has "$flow_dir/ask.out" '^\{"verdict":"ok","step":"load",'

for shell in bash zsh fish; do
  ask completion $shell
  is "completion $shell: exit code" "$code" 0
  cp "$flow_dir/ask.out" "$flow_dir/completion.$shell"
  for command in $commands; do
    has "$flow_dir/completion.$shell" "[*, ]*${command}[) ]"
  done
done
bash -n "$flow_dir/completion.bash" || bad "completion.bash is no bash"
complete_words() { # words: what bash offers for the last of them
  # shellcheck source=/dev/null
  (. "$flow_dir/completion.bash"; COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); _cortexd; echo "${COMPREPLY[*]}")
}
is "bash completes commands" "$(complete_words cortexd keys)" keystore
is "bash completes actions" "$(complete_words cortexd keystore re)" remove
is "bash completes options" "$(complete_words cortexd keystore add X --st)" --stdin
is "bash completes shells" "$(complete_words cortexd completion z)" zsh
is "bash completes what is tested" "$(complete_words cortexd test in)" input
"$flow_top/packaging/packages/manuals/program" "$cortexd" 2026-01-01 >"$flow_dir/cortexd.1"
is "the manual page tells of all commands" "$(grep -c '^\.SS ' "$flow_dir/cortexd.1")" "$(wc -w <<<"$commands")"
"$flow_top/packaging/packages/manuals/policy" "$cortexd" 2026-01-01 >"$flow_dir/cortexd-policy.5"
has "$flow_dir/cortexd-policy.5" '^  shutdown_timeout .*default 30s$'
has "$flow_dir/cortexd-policy.5" '^           project_id .*\(required\)$'
has_not "$flow_dir/cortexd-policy.5" "$flow_build" "a path of this build"
"$cortexd" status --json --path.data "$flow_dir/nowhere" >"$flow_dir/nobody.json"
is "status without an agent: exit code" "$?" 1
has "$flow_dir/nobody.json" '^\{"ok":false,"error":"no agent runs with that state folder: .*"\}$'
printf 'policy: {url: "https://127.0.0.1:1/p.yml"}\nagent: {path.data: %s/nowhere}\n' "$flow_dir" >"$flow_dir/server.yml"
"$cortexd" status -c "$flow_dir/server.yml" >"$flow_dir/nobody.txt" 2>&1
is "status of an agent with a policy server: exit code" "$?" 1
has "$flow_dir/nobody.txt" 'no agent runs with that state folder.*nowhere'
