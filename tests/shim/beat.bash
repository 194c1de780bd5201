#!/bin/bash
# The example: a shipper in Go with the agent as its input, from bucket to Elasticsearch; killed on the way, and with the agent's
# process killed under it: every event is there once.
# shellcheck source=tests/flow/flow.bash
. "$(dirname "$0")/../flow/flow.bash"
# shellcheck source=tests/shim/shim.bash
. "$(dirname "$0")/shim.bash"
events=${CXD_SHIM_EVENTS:-12000}
(cd "$shim/examples/beat" && CGO_ENABLED=0 go build -o "$flow_dir/beat" .) >"$flow_dir/build.log" 2>&1 || { bad "not built: $(cat "$flow_dir/build.log")"; exit 1; }
sim_start --events "$events" --objects $(((events + 999) / 1000))
policy_write file # of which the outputs are not used

beat() { # name, words
  local name=$1
  shift
  "$flow_dir/beat" -policy "$flow_dir/policy.yml" -data "$flow_dir/state" -es "$elastic" -api-key id:geheim-schluessel \
    -ca "$flow_dir/sim/ca.pem" -once -flush 100ms -batch 500 "$@" >"$flow_dir/$name.log" 2>&1
}
something() { # waits until more than so many documents are there
  for _ in $(seq 500); do
    [ "$(stored)" -gt "$1" ] && return
    sleep 0.02
  done
  bad "nothing comes"
}

# the library, killed twice; a third of the requests gets no or a bad answer
fault '{"server":"elasticsearch","kind":"bulk","every":5,"status":429}' '{"server":"elasticsearch","kind":"bulk","every":7,"commit":true,"status":502}'
for turn in 1 2; do
  before=$(stored)
  beat "library-$turn" -library "$library" &
  pid=$!
  something "$before"
  kill -9 "$(pgrep -P "$pid" 2>/dev/null || echo "$pid")" 2>/dev/null
  wait "$pid" 2>/dev/null
done
beat library -library "$library"
is "library: exit code" "$?" 0
is "library: documents stored" "$(stored)" "$events"
is "library: distinct documents" "$(stored_distinct)" "$events"
is "library: dead letters" "$(dead_count)" 0
has "$flow_dir/library.log" 'msg=done|done delivered='

# the agent as a process, which is killed under the shipper: that goes on with another
curl -sS -X POST "$control/_sim/wipe" >/dev/null
rm -rf "$flow_dir/state"
is "documents after the wipe" "$(stored)" 0
fault '{"server":"elasticsearch","kind":"bulk","delay_ms":100}'
beat process -program "$cortexd" &
shell=$!
something 0
# the agent is the one that runs `cortexd embed` on this test's policy folder: the child of the shipper
shipper=$(pgrep -P "$shell" -x beat || echo "$shell")
agent_pid=$(pgrep -P "$shipper" -x cortexd)
kill -9 "$agent_pid" 2>/dev/null || bad "no process of the agent was found"
wait "$shell"
is "process: exit code" "$?" 0
has "$flow_dir/process.log" 'the agent.s process ended, starting it again'
is "process: documents stored" "$(stored)" "$events"
is "process: distinct documents" "$(stored_distinct)" "$events"
