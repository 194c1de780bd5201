#!/bin/bash
# What can come between the agent and its destination, or its own machine: in the end all is there, once.
# shellcheck source=tests/flow/flow.bash
. "$(dirname "$0")/flow.bash"
events=6000
sim_start --events "$events" --objects 8
round=0
start_over() {
  rm -rf "$flow_dir"/state*
  curl -sS -X POST "$control/_sim/wipe" >/dev/null
  fault
  output_more=() agent_more=()
}
complete() { # what
  is "$1: documents" "$(stored)" "$events"
  is "$1: distinct" "$(stored_distinct)" "$events"
  is "$1: dead letters" "$(dead_count)" 0
}
once() { # what, rules... ; output_more as set
  local what=$1
  shift
  round=$((round + 1))
  fault "$@"
  policy_write
  agent "r$round" --once
  is "$what: exit code" "$code" 0
  adds_up "r$round"
  memory "r$round"
  complete "$what"
  say "   $(of "r$round" seconds | head -c 6) collected $(of "r$round" collected) delivered $(of "r$round" delivered) there already $(of "r$round" duplicates)"
  start_over
}

say "--- storms"
start_over
once "429 for half of all requests, with and without Retry-After" \
  '{"kind":"bulk","status":429,"retry_after":"1","probability":0.1,"seed":5}' '{"kind":"bulk","status":429,"probability":0.5,"seed":6}'
once "every second document 429, for a while" \
  '{"kind":"bulk","item_every":2,"item_status":429,"item_type":"es_rejected_execution_exception","count":20}'
once "429, 503, item 429 and 5xx in turn, some of it stored" \
  '{"kind":"bulk","commit":true,"status":503,"probability":0.15,"seed":1}' '{"kind":"bulk","status":429,"probability":0.15,"seed":2}' \
  '{"kind":"bulk","commit":true,"status":500,"probability":0.1,"seed":3}' '{"kind":"bulk","item_every":5,"item_status":503,"probability":0.3,"seed":4}'

say "--- connections that are half closed, or silent"
output_more=("timeout: 1s")
once "half closed before the reply" '{"kind":"bulk","end":"half_close","stall_ms":4000,"count":3}'
output_more=("timeout: 1s")
once "half closed in the reply, work done" '{"kind":"bulk","commit":true,"cut":20,"end":"half_close","stall_ms":4000,"count":3}'
output_more=("timeout: 1s")
once "silent, work done" '{"kind":"bulk","commit":true,"end":"stall","stall_ms":4000,"count":3}'

say "--- several hosts: one that nobody is at, one that is silent"
policy_write
sed -i "s|hosts: \[\"|hosts: [\"https://127.0.0.1:9\", \"|" "$flow_dir/policy.yml"
agent two --once
is "a dead host beside a good one: exit code" "$code" 0
complete "a dead host beside a good one"
start_over

say "--- certificates"
certificate() { # name, openssl ca words: signed by an authority of our own
  openssl req -newkey rsa:2048 -nodes -subj "/CN=$2" -addext "subjectAltName=$3" -keyout "$flow_dir/$1.key" -out "$flow_dir/$1.csr" 2>/dev/null
  (cd "$flow_dir" && openssl ca -batch -config ca.cnf -in "$1.csr" -out "$1.pem" -notext "${@:4}" 2>"$1.err") || bad "certificate $1: $(tail -n 2 "$flow_dir/$1.err")"
}
mkdir "$flow_dir/issued"
: >"$flow_dir/index.txt"
openssl req -x509 -newkey rsa:2048 -nodes -days 30 -subj /CN=flow-ca -keyout "$flow_dir/own-ca.key" -out "$flow_dir/own-ca.pem" 2>/dev/null
cat >"$flow_dir/ca.cnf" <<END
[ca]
default_ca=own
[own]
database=index.txt
new_certs_dir=issued
certificate=own-ca.pem
private_key=own-ca.key
rand_serial=yes
default_md=sha256
policy=any
copy_extensions=copy
unique_subject=no
[any]
commonName=supplied
END
certificate expired 127.0.0.1 IP:127.0.0.1 -startdate 20200101000000Z -enddate 20200201000000Z
certificate stranger other.example DNS:other.example -startdate 20200101000000Z -enddate 20490101000000Z
for name in expired stranger; do
  openssl s_server -accept 127.0.0.1:0 -cert "$flow_dir/$name.pem" -key "$flow_dir/$name.key" -quiet >"$flow_dir/$name.server" 2>&1 &
  server=$!
  port=
  for _ in $(seq 100); do
    port=$(ss -ltnpH 2>/dev/null | sed -n "s/.*127.0.0.1:\([0-9]*\) .*pid=$server,.*/\1/p" | head -n 1)
    [ -n "$port" ] && break
    sleep 0.05
  done
  agent_more=("queue.disk: {max_size: 64MiB}")
  flow_shutdown=2s policy_write
  sed -i "s|hosts: .*|hosts: [\"https://127.0.0.1:$port\"]|; s|    ssl.certificate_authorities: .*sim/ca.pem|    ssl.certificate_authorities: $flow_dir/own-ca.pem|" "$flow_dir/policy.yml"
  sed -i "/alternative_host/,/ssl.certificate/s|ssl.certificate_authorities: .*|ssl.certificate_authorities: $flow_dir/sim/ca.pem|" "$flow_dir/policy.yml"
  agent "$name" --once
  kill "$server"
  wait "$server" 2>/dev/null
  is "$name certificate: exit code (all waits on the disk)" "$code" 3
  is "$name certificate: delivered" "$(of "$name" delivered)" 0
  is "$name certificate: in the queue" "$(of "$name" queued)" "$events"
  if [ "$name" = expired ]; then has "$flow_dir/$name.log" 'expired'; else has "$flow_dir/$name.log" '(host name|hostname|does not match|IP address|subject)'; fi
  policy_write
  agent "$name-mended" --once
  is "$name certificate, then a good one: exit code" "$code" 0
  is "$name certificate, then a good one: collected anew" "$(of "$name-mended" collected)" 0
  complete "$name certificate, then a good one"
  start_over
done

say "--- a state folder that is moved"
agent_more=("queue.disk: {max_size: 64MiB}")
flow_shutdown=1s policy_write
fault '{"kind":"bulk","status":503,"skip":6}'
agent moving --once
at_least "before: waits in the queue" "$(of moving queued)" 1
fault
mkdir -p "$flow_dir/elsewhere"
mv "$flow_dir/state" "$flow_dir/elsewhere/state"
policy_write
timeout 120 "$cortexd" run -c "$flow_dir/policy.yml" --path.data "$flow_dir/elsewhere/state" --stats "$flow_dir/moved.stats" --once >"$flow_dir/moved.log" 2>&1
is "moved: exit code" "$?" 0
is "moved: collected anew" "$(of moved collected)" 0
adds_up moved
memory moved
complete "moved"
start_over

say "--- the machine's clock jumps"
if grep -qE 'lib(a|t)san' <<<"$(ldd "$cortexd")"; then # no pipe: grep -q ends it early, and that counts as a failure
  say "skipped: a sanitizer must be loaded first"
else
  shift_file=$flow_dir/shift
  jump() { printf '%-31s\n' "$1" | dd of="$shift_file" conv=notrunc status=none; }
  printf '%-31s\n' 86400 >"$shift_file"
  is "the clock that a program sees" "$(LD_PRELOAD=$flow_build/tests/clock_shift.so CXD_CLOCK_SHIFT=$shift_file date -u +%F)" "$(date -u -d tomorrow +%F)"
  for first in 86400 -86400; do
    printf '%-31s\n' 0 >"$shift_file"
    fault '{"kind":"bulk","delay_ms":100}' '{"kind":"media","delay_ms":50}'
    flow_poll=true policy_write
    LD_PRELOAD=$flow_build/tests/clock_shift.so CXD_CLOCK_SHIFT=$shift_file \
      "$cortexd" run -c "$flow_dir/policy.yml" --path.data "$flow_dir/state" --stats "$flow_dir/jump.stats" >"$flow_dir/jump.log" 2>&1 &
    pid=$!
    for to in "$first" 0 "$((-first))" 0; do
      sleep 0.6
      jump "$to"
    done
    for _ in $(seq 600); do
      [ "$(sim_stat distinct_ids)" = "$events" ] && break
      sleep 0.1
    done
    kill -TERM "$pid"
    wait "$pid"
    is "clock off by $first s: exit code" "$?" 0
    adds_up jump
    memory jump
    complete "clock off by $first s and back"
    start_over
  done
fi
