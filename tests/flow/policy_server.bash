#!/bin/bash
# An agent whose policy comes from a web server: signed revisions are applied as they come; a wrong signature, an older revision, a
# hundred megabytes, a bomb, an unknown module, a missing secret and a failing unit each give one line and change nothing; with the
# server away the last good policy runs, also after a start.
# shellcheck source=tests/flow/flow.bash
. "$(dirname "$0")/flow.bash"
umask 022
shop=$flow_dir/shop state=$flow_dir/state
mkdir "$shop" "$flow_dir/modules"
cp "$flow_build"/tests/modules/good/*.so "$flow_dir/modules/"
server_start() { # port
  rm -f "$flow_dir/tls/url"
  "$flow_build/bin/cxd-policy-server" "$flow_dir/tls" "$shop" a-token-nobody-guesses 300 "$@" 2>"$flow_dir/server.err" &
  flow_sim=$!
  for _ in $(seq 400); do [ -s "$flow_dir/tls/url" ] && break; sleep 0.05; done
  url=$(cat "$flow_dir/tls/url") || { cat "$flow_dir/server.err"; exit 1; }
}
server_stop() { kill "$flow_sim"; wait "$flow_sim" 2>/dev/null; flow_sim=; }
policy_text() { # inputs, on standard output
  cat <<END
id: edge
revision: 1
outputs: {default: {type: lines, path: $flow_dir/lines.txt}}
inputs: [$1]
agent: {registry.flush: 20ms, policy.probation: 1s}
END
}
# publish REVISION FILE [KEY [ID]]: signature first, so that the agent never sees a pair that is none for long
publish() {
  "$cortexd" policy sign "$2" --key "${3:-$flow_dir/key.pem}" --id "${4:-edge}" --revision "$1" >/dev/null || bad "sign $2"
  mv "$2.sig" "$shop/edge.yml.sig"
  mv "$2" "$shop/edge.yml"
}
offer() { policy_text "$2" >"$flow_dir/next.yml"; publish "$1" "$flow_dir/next.yml"; } # REVISION INPUTS
said() { # words, how often
  for _ in $(seq 600); do
    [ "$(grep -cE -- "$1" "$flow_dir/run.log")" -ge "${2:-1}" ] && { say "ok: the log says ${2:-1} times: $1"; return; }
    sleep 0.05
  done
  bad "the log does not say ${2:-1} times: $1"
  tail -n 5 "$flow_dir/run.log" | cut -c1-400
}
line() { # words in lines.txt
  for _ in $(seq 600); do grep -cF -- "$1" "$flow_dir/lines.txt" >/dev/null 2>&1 && { say "ok: delivered: $1"; return; }; sleep 0.05; done
  bad "not delivered: $1"
}
agent_start() {
  "$cortexd" run -c "$flow_dir/boot.yml" --path.data "$state" --modules "$flow_dir/modules" >>"$flow_dir/run.log" 2>&1 &
  pid=$!
}
agent_stop() { kill -TERM "$pid"; wait "$pid"; is "exit code" "$?" 0; }
# standing WHAT MEMBERS: what the running agent says of its policy, until it does
standing() {
  local told
  for _ in $(seq 100); do
    told=$("$cortexd" status --json --path.data "$state" | python3 -c 'import json, sys
p = json.load(sys.stdin)["policy"]
print(p["state"], p["running"]["revision"], p["wanted"]["revision"], p.get("server", {}).get("state"))')
    [ "$told" = "$2" ] && break
    sleep 0.1
  done
  is "$1" "$told" "$2"
}
tick() { echo "{id: $1, type: ticker, count: $2, data_stream: {dataset: $1}}"; }

server_start
port=${url##*:} port=${port%/}
public=$("$cortexd" policy keygen "$flow_dir/key.pem" | sed 's/public_key: //')
"$cortexd" policy keygen "$flow_dir/other.pem" >/dev/null
is "the private key is the owner's alone" "$(stat -c %a "$flow_dir/key.pem")" 600
boot() { # more members of policy
  cat >"$flow_dir/boot.yml" <<END
policy: {url: "$url/edge.yml", public_key: "$public", token: a-token-nobody-guesses, poll: 200ms, id: edge,
  ssl.certificate_authorities: $flow_dir/tls/ca.pem$1}
END
}
boot ""
chmod 600 "$flow_dir/boot.yml"
offer 1 "$(tick one 10)"
agent_start
said 'fleet: edge revision 1: the first policy'
line logs-one-default
standing "the first" "running 1 1 up"
offer 2 "$(tick one 10), $(tick two 5)"
said 'fleet: edge revision 2: policy applied: new=1 changed=0 gone=0'
line logs-two-default
standing "the second, after its probation" "running 2 2 up"
for _ in $(seq 200); do grep -cs "^304 /edge.yml$" "$shop/asked" >/dev/null && break; sleep 0.05; done
has "$shop/asked" '^304 /edge.yml$'

policy_text "$(tick three 5)" >"$flow_dir/next.yml"
publish 3 "$flow_dir/next.yml" "$flow_dir/other.pem"
said 'policy refused: signed with key [0-9a-f]{16}, which is none of policy.public_key'
policy_text "$(tick three 6)" >"$flow_dir/next.yml" # other bytes than those that lie there: with these the new signature would fit
"$cortexd" policy sign "$flow_dir/next.yml" --key "$flow_dir/key.pem" --id edge --revision 3 >/dev/null
echo '# one byte more' >>"$flow_dir/next.yml"
mv "$flow_dir/next.yml.sig" "$shop/edge.yml.sig"
mv "$flow_dir/next.yml" "$shop/edge.yml"
said 'policy refused: the signature does not belong to these bytes'
standing "a forged one" "running 2 2 forged"
offer 1 "$(tick three 5)"
said 'revision 1: policy refused, the one before runs: .*revision'
policy_text "$(tick three 5)" >"$flow_dir/next.yml"
publish 9 "$flow_dir/next.yml" "$flow_dir/key.pem" another
said 'policy refused: .*another'
offer 4 "{id: three, type: tocker}"
said 'edge revision 4: policy refused, the one before runs: .*there is no input module of type ..tocker'
standing "one that can't run" "refused 2 4 up"
"$cortexd" status --path.data "$state" >"$flow_dir/status.txt"
has "$flow_dir/status.txt" '^policy edge revision 2, refused; wanted edge revision 4: .*there is no input module of type "tocker"'
curl -sS --max-time 10 --unix-socket "$state/cortexd.sock" http://x/metrics >"$flow_dir/metrics.txt"
has "$flow_dir/metrics.txt" '^cortexd_policy_revision\{which="wanted"\} 4$'
has "$flow_dir/metrics.txt" '^cortexd_policy_state\{state="refused"\} 1$'
has "$flow_dir/metrics.txt" '^cortexd_policy_server_up 1$'
{ echo 'a0: &a0 [x,x,x,x,x,x,x,x,x]'; for i in $(seq 8); do
  echo "a$i: &a$i [*a$((i - 1)),*a$((i - 1)),*a$((i - 1)),*a$((i - 1)),*a$((i - 1)),*a$((i - 1)),*a$((i - 1)),*a$((i - 1)),*a$((i - 1))]"; done; } >"$flow_dir/next.yml"
publish 5 "$flow_dir/next.yml"
said 'edge revision 5: policy refused, the one before runs: .*more than 200000 values'
{ policy_text "$(tick three 5)"; printf 'deep: %s%s\n' "$(printf '[%.0s' $(seq 100))" "$(printf ']%.0s' $(seq 100))"; } >"$flow_dir/next.yml"
publish 51 "$flow_dir/next.yml"
said 'edge revision 51: policy refused, the one before runs: .*nested deeper than 64 levels'
{ policy_text "$(tick three 5)"; echo 'a0: &a0 [x]'; for i in $(seq 80); do echo "a$i: &a$i [*a$((i - 1))]"; done; } >"$flow_dir/next.yml"
publish 52 "$flow_dir/next.yml"
said 'edge revision 52: policy refused, the one before runs: .*nested deeper than 64 levels'
{ policy_text "$(tick three 5)"; head -c 2000000 /dev/zero | tr '\0' k; echo ': 1'; } >"$flow_dir/next.yml"
publish 53 "$flow_dir/next.yml"
said 'edge revision 53: policy refused, the one before runs: .*not YAML'
{ policy_text "$(tick three 5)"; echo 'many:'; seq -f '  k%.0f: 1' 5000; } >"$flow_dir/next.yml"
publish 54 "$flow_dir/next.yml"
said 'edge revision 54: policy refused, the one before runs: .*more than 4096 keys in one map'
{ policy_text "$(tick three 5)" | sed "s|path: [^}]*|path: '\${NO_SUCH_SECRET}'|"; } >"$flow_dir/next.yml"
publish 60 "$flow_dir/next.yml"
said 'edge revision 60: policy refused, the one before runs: .*NO_SUCH_SECRET. has no value'
offer 70 "$(tick one 10), {id: four, type: ticker, count: 9, stuck: 5, data_stream: {dataset: four}}"
said 'policy: rolled back to the last good one: input four: ticker: stuck at 9'
standing "one that was taken back" "rolled_back 2 70 up"
echo huge >"$shop/fault"
said 'policy refused: larger than 4194304 bytes'
echo 500 >"$shop/fault"
said 'no policy from the server: the server answers 500'
standing "the server is in trouble" "rolled_back 2 70 away"
rm "$shop/fault"
is "each of them is one line" "$(grep -c 'policy refused, the one before runs' "$flow_dir/run.log")" 8
is "the longest line, under 1000 bytes" "$(awk 'length > 1000' "$flow_dir/run.log" | wc -l)" 0
line logs-two-default # what ran before all this runs
offer 80 "$(tick one 10), $(tick five 5)"
said 'edge revision 80: policy applied: new=1 changed=0 gone=1'
line logs-five-default
said 'the server answers again'
has_not "$flow_dir/lines.txt" logs-three-default "a document of a refused policy"
sleep 2 # its probation
agent_stop

# the server is away: the last good one runs
server_stop
agent_start
said 'fleet: edge revision 80: the last good policy'
said 'no policy from the server: ' 2
agent_stop
# a week later it is still away
echo $((8 * 86400)) >"$flow_dir/shift"
printf '%32s' '' >>"$flow_dir/shift"
away=$(grep -c 'no policy from the server' "$flow_dir/run.log")
preload=$flow_build/tests/clock_shift.so
if grep -qE 'lib(a|t)san' <<<"$(ldd "$cortexd")"; then preload=; fi # a sanitizer must be loaded first
LD_PRELOAD=$preload CXD_CLOCK_SHIFT=$flow_dir/shift "$cortexd" run -c "$flow_dir/boot.yml" --path.data "$state" \
  --modules "$flow_dir/modules" >>"$flow_dir/run.log" 2>&1 &
pid=$!
said 'fleet: edge revision 80: the last good policy' 2
said 'no policy from the server: ' $((away + 1))
sleep 3 # some ten requests
is "a week later: lines about the server" "$(grep -c 'no policy from the server' "$flow_dir/run.log")" $((away + 1))
standing "a week later" "running 80 80 away"
agent_stop
agent_start
said 'no policy from the server: ' $((away + 2))
offer 90 "$(tick one 10), $(tick six 6)"
server_start "$port"
said 'edge revision 90: policy applied'
line logs-six-default
agent_stop

# nobody's token, nobody's certificate, and a changed file among what was kept
sed -i 's/a-token-nobody-guesses/a-token-of-mine/' "$flow_dir/boot.yml"
agent_start
said 'no policy from the server: the server answers 401'
agent_stop
boot ", ssl.ca_sha256: AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA="
agent_start
said 'no policy from the server: .*(TLS|certificate)'
agent_stop
boot ""
sed -i 's/count: 6/count: 7/' "$state/policy/good"
agent_start
said "the last good policy can't be used: the signature does not belong to these bytes"
said 'edge revision 90: the first policy'
agent_stop
has_not "$flow_dir/run.log" a-token- "a token"
if "$cortexd" run -c <(printf 'policy: {url: "http://example.org/p.yml", public_key: "%s"}\n' "$public") --path.data "$state" 2>"$flow_dir/plain.txt"; then
  bad "http:// to a stranger was taken"
fi

# the commands
policy_text "$(tick one 10)" >"$flow_dir/a.yml"
policy_text "$(tick one 11), $(tick two 5)" >"$flow_dir/b.yml"
"$cortexd" policy check "$flow_dir/a.yml" --modules "$flow_dir/modules" --json >"$flow_dir/check.txt"
has "$flow_dir/check.txt" '^\{"ok":true,"streams":\[\{"id":"[^"]+","type":"ticker",.*"outputs":\[.*\]\}$'
printf 'inputs: "a\n' >"$flow_dir/wrong.yml"
"$cortexd" policy check "$flow_dir/wrong.yml" --json >"$flow_dir/check.txt"
is "exit code of a wrong policy" "$?" 1
has "$flow_dir/check.txt" '^\{"ok":false,"error":".*wrong.yml:2: not YAML: .*"\}$'
"$cortexd" policy diff "$flow_dir/a.yml" "$flow_dir/b.yml" --modules "$flow_dir/modules" >"$flow_dir/diff.txt"
has "$flow_dir/diff.txt" '^input one: changed \(options\)$'
has "$flow_dir/diff.txt" '^input two: new$'
"$cortexd" policy explain one -c "$flow_dir/a.yml" --modules "$flow_dir/modules" >"$flow_dir/explain.txt"
has "$flow_dir/explain.txt" 'count: stream, .*a.yml:4'
has "$flow_dir/explain.txt" 'data_stream: stream, .*a.yml:'

"$cortexd" policy show "$flow_dir/a.yml" --modules "$flow_dir/modules" >"$flow_dir/show.txt"
has "$flow_dir/show.txt" 'count: 10'
