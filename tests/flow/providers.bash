#!/bin/bash
# Variables of the policy's own providers: local values, secrets from files, folders. A file that changes, or a link that is turned to
# another folder, is a change of the policy; a bad one is refused and the agent goes on; its content is seen nowhere.
# shellcheck source=tests/flow/flow.bash
. "$(dirname "$0")/flow.bash"
secrets=$flow_dir/secrets
mkdir "$secrets" "$secrets/..one" "$secrets/..two" "$secrets/..three"
printf 'id:falscher-schluessel\n' >"$secrets/..one/es_key" # nobody's
printf 'id:geheim-schluessel\n' >"$secrets/..two/es_key"
head -c 5000 /dev/zero | tr '\0' x >"$secrets/..three/es_key"
turn() { ln -sfn "..$1" "$secrets/..tmp" && mv -T "$secrets/..tmp" "$secrets/..data"; } # as Kubernetes does
turn one
ln -s ..data/es_key "$secrets/es_key"
said() { # words, how often
  for _ in $(seq 400); do
    [ "$(grep -cE -- "$1" "$flow_dir/run.log")" -ge "${2:-1}" ] && { say "ok: the log says ${2:-1} times: $1"; return; }
    sleep 0.05
  done
  bad "the log does not say ${2:-1} times: $1"
}

sim_start --events 2000 --objects 4
flow_poll=true policy_write
sed -i -e "s|api_key: .*|api_key: \${filesource.es_key}|" -e "s|hosts: .*|hosts: \${local.cluster.hosts}|" \
  -e "s|tags: .*|tags: [forwarded, \"\${local.site}\"]|" \
  -e "s|buckets: .*|&\\n        condition: \${local.site} == 'berlin' and length(\${local.cluster.hosts}) == 1|" "$flow_dir/policy.yml"
cat >>"$flow_dir/policy.yml" <<END
  logging.level: debug
  policy.probation: 2s
providers:
  local.vars: {site: berlin, cluster: {hosts: ["$elastic"]}}
  filesource.sources: {es_key: {type: raw, path: $secrets/es_key}}
END
"$cortexd" policy show "$flow_dir/policy.yml" >"$flow_dir/show.txt" || bad "policy show"
has "$flow_dir/show.txt" 'api_key: \*+$'
has "$flow_dir/show.txt" "$elastic"
has_not "$flow_dir/show.txt" falscher-schluessel
"$cortexd" run -c "$flow_dir/policy.yml" --path.data "$flow_dir/state" --stats "$flow_dir/run.stats" >"$flow_dir/run.log" 2>&1 &
pid=$!
said ' started'
said '401|403|not accept|Failed'
is "documents while the key is wrong" "$(stored)" 0
turn three
said 'filesource: policy refused, the one before runs: .*es_key: larger than 4096 bytes'
turn two
said 'filesource: policy applied: new=0 changed=[0-9]+ gone=0'
for _ in $(seq 400); do [ "$(stored_distinct)" = 2000 ] && break; sleep 0.05; done
is "documents after the key was turned" "$(stored_distinct)" 2000
has "$(find "$flow_dir/sim/store" -name '*.ndjson' | head -n 1)" '"tags":\["forwarded","berlin"\]'
rm "$secrets/es_key"
said 'filesource: .*/es_key is gone; what was read of it stays'
ln -s ..data/es_key "$secrets/es_key"
kill -TERM "$pid"
wait "$pid"
is "exit code" "$?" 0
for secret in falscher-schluessel geheim-schluessel; do has_not "$flow_dir/run.log" "$secret" "a secret of a file"; done
is "secrets in the state" "$(grep -rl schluessel "$flow_dir/state" | wc -l)" 0
