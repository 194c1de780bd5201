#!/bin/bash
# Secrets in the keystore: put there, listed, used by a policy, and seen nowhere: not in what the agent says, nor in its environment,
# its words, a core, or the file itself. A wrong key and a changed file are one clear line.
# shellcheck source=tests/flow/flow.bash
. "$(dirname "$0")/flow.bash"
export CORTEXD_KEYSTORE_KEY_FILE=$flow_dir/keystore.key
secret=geheim-schluessel
file=$flow_dir/state/cortexd.keystore
mkdir "$flow_dir/state"
keystore() { "$cortexd" keystore "$@" --path.data "$flow_dir/state" >"$flow_dir/keystore.out" 2>"$flow_dir/keystore.err"; code=$?; }

keystore list
is "list without a keystore: exit code" "$code" 1
has "$flow_dir/keystore.err" 'first: cortexd keystore create'
keystore create
is "create: exit code" "$code" 0
is "modes" "$(stat -c %a "$file" "$flow_dir/keystore.key" | tr '\n' ' ')" "600 600 "
keystore create
is "create again: exit code" "$code" 1
keystore add ES_KEY --stdin <<<"id:$secret"
is "add: exit code" "$code" 0
keystore add ES_KEY --stdin <<<other
is "add again: exit code" "$code" 1
keystore add OTHER --stdin <<<first-value
keystore add OTHER --stdin --force <<<second-value
is "add --force: exit code" "$code" 0
keystore add 'bad name' --stdin <<<value-of-it
is "a bad name: exit code" "$code" 1
head -c 70000 /dev/zero | tr '\0' x >"$flow_dir/large"
keystore add LARGE --stdin <"$flow_dir/large"
is "a large value: exit code" "$code" 1
keystore add EMPTY --stdin </dev/null
is "an empty value: exit code" "$code" 1
keystore add PIPE </dev/null
has "$flow_dir/keystore.err" 'say --stdin'
keystore list --json
is "list" "$(cat "$flow_dir/keystore.out")" '["ES_KEY","OTHER"]'
keystore remove OTHER
keystore list
is "list after remove" "$(cat "$flow_dir/keystore.out")" ES_KEY
keystore remove OTHER
is "remove again: exit code" "$code" 1
keystore lits
is "a wrong word: exit code" "$code" 2
has_not "$file" "$secret"
has_not "$file" ES_KEY
if command -v script >/dev/null; then # a terminal: the value is not echoed
  (sleep 1; echo typed-on-a-terminal) | script -qec "$cortexd keystore add TYPED --path.data $flow_dir/state" /dev/null >"$flow_dir/typed"
  keystore list
  has "$flow_dir/keystore.out" '^TYPED$'
fi

sim_start --events 2000 --objects 4
flow_poll=true policy_write
sed -i "s|api_key: .*|api_key: \"\${ES_KEY}\"|" "$flow_dir/policy.yml"
printf '  logging.level: debug\n' >>"$flow_dir/policy.yml"
"$cortexd" run -c "$flow_dir/policy.yml" --path.data "$flow_dir/state" --stats "$flow_dir/run.stats" >"$flow_dir/run.log" 2>&1 &
running=$!
for _ in $(seq 600); do
  [ "$(stored_distinct)" = 2000 ] && break
  sleep 0.1
done
is "delivered with the key from the keystore" "$(stored_distinct)" 2000
tr '\0' '\n' <"/proc/$running/cmdline" >"$flow_dir/run.words" 2>/dev/null
tr '\0' '\n' <"/proc/$running/environ" >"$flow_dir/run.environ" 2>/dev/null
"$cortexd" status --json --path.data "$flow_dir/state" >"$flow_dir/run.status" 2>&1
"$cortexd" test output -c "$flow_dir/policy.yml" --path.data "$flow_dir/state" >"$flow_dir/run.test" 2>&1
has "$flow_dir/run.test" '^output default'
is "most a core may have" "$(awk '/core file/ {print $5}' "/proc/$running/limits")" 0
if [ "$(id -u)" -ne 0 ]; then # memory of a process that may not be dumped belongs to root
  is "owner of its memory" "$(stat -c %U "/proc/$running/mem")" root
fi
(cd "$flow_dir" && kill -ABRT "$running"; wait "$running") 2>/dev/null
is "cores" "$(find "$flow_dir" -maxdepth 2 -name 'core*' | wc -l)" 0
grep -rlF "$secret" "$flow_dir"/run.* "$flow_dir/state" >"$flow_dir/leaks"
is "files that hold the secret" "$(cat "$flow_dir/leaks")" ""

# refused by the server, which says back what it was given
fault '{"server":"elasticsearch","status":401,"body":"{\"error\":\"not allowed: id:'$secret'\"}"}'
"$cortexd" test output -c "$flow_dir/policy.yml" --path.data "$flow_dir/state" >"$flow_dir/refused.said" 2>&1
is "refused: exit code" "$?" 1
has_not "$flow_dir/refused.said" "$secret"

wrong() { # WHAT PATTERN
  "$cortexd" test config -c "$flow_dir/policy.yml" --path.data "$flow_dir/state" >"$flow_dir/wrong.out" 2>"$flow_dir/wrong.err"
  is "$1: exit code" "$?" 1
  is "$1: lines" "$(wc -l <"$flow_dir/wrong.err")" 1
  has "$flow_dir/wrong.err" "$2"
}
cp -p "$file" "$flow_dir/good"
openssl rand -hex 32 >"$flow_dir/other.key"
chmod 600 "$flow_dir/other.key"
CORTEXD_KEYSTORE_KEY_FILE=$flow_dir/other.key wrong "another key" 'cortexd.keystore: was made with another key'
CORTEXD_KEYSTORE_KEY_FILE=$flow_dir/none.key wrong "no key" 'none.key'
printf '\377' | dd of="$file" bs=1 seek=60 conv=notrunc 2>/dev/null
wrong "one byte changed" 'cortexd.keystore: the keystore was changed or damaged'
head -c 40 "$flow_dir/good" >"$file"
wrong "cut short" 'cortexd.keystore: '
cp -p "$flow_dir/good" "$file"
chmod 644 "$file"
wrong "open to others" 'closed to all others'
chmod 600 "$file"
sed -i "s|\${ES_KEY}|\${NOT_THERE}|" "$flow_dir/policy.yml"
wrong "a name that is not there" 'NOT_THERE.*has no value.*keystore'
# systemd's credentials hold the key; the environment alone gives ${env.NAME}
mkdir "$flow_dir/credentials"
install -m 440 "$flow_dir/keystore.key" "$flow_dir/credentials/keystore.key"
sed -i "s|\${NOT_THERE}|\${ES_KEY}|" "$flow_dir/policy.yml"
env -u CORTEXD_KEYSTORE_KEY_FILE CREDENTIALS_DIRECTORY="$flow_dir/credentials" \
  "$cortexd" test config -c "$flow_dir/policy.yml" --path.data "$flow_dir/state" >"$flow_dir/good.out" 2>&1
is "key from the credentials: exit code" "$?" 0
sed -i "s|\${ES_KEY}|\${env.ES_KEY}|" "$flow_dir/policy.yml"
wrong "env. is the environment" 'env.ES_KEY.*has no value'
