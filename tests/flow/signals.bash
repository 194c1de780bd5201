#!/bin/bash
# SIGHUP ends nothing; a stop ends the setup of destinations; the second stop signal cuts the wait for acknowledgements short, the third ends a module that hangs.
# shellcheck source=tests/flow/flow.bash
. "$(dirname "$0")/flow.bash"
umask 022
mkdir "$flow_dir/modules"
cp "$flow_build"/tests/modules/good/*.so "$flow_build"/tests/modules/stubborn/*.so "$flow_dir/modules/"
policy() { # output
  cat >"$flow_dir/policy.yml" <<END
outputs: {default: {$1}}
inputs: [{id: "we\"ird\\\\id", type: ticker, count: 100, data_stream: {dataset: third.party}}]
agent: {registry.flush: 20ms, shutdown_timeout: 60s}
END
}
started() { # name; the process in $pid
  "$cortexd" run -c "$flow_dir/policy.yml" --path.data "$flow_dir/state" --modules "$flow_dir/modules" --stats "$flow_dir/$1.stats" \
    >"$flow_dir/$1.log" 2>&1 &
  pid=$!
  said "$1" ' started'
}
said() { # name, words: waits for them in the log
  for _ in $(seq 600); do
    grep -q -- "$2" "$flow_dir/$1.log" && return
    sleep 0.02
  done
  bad "$1 does not say: $2"
}

policy "type: lines, path: $flow_dir/lines.txt"
started hup
kill -HUP "$pid"
said hup 'SIGHUP: policy is the one that runs'
kill -0 "$pid" 2>/dev/null
is "alive after SIGHUP" "$?" 0
for _ in $(seq 600); do
  [ "$(wc -l 2>/dev/null <"$flow_dir/lines.txt")" = 100 ] && break
  sleep 0.02
done
kill -TERM "$pid"
wait "$pid"
is "exit code" "$?" 0
is "lines" "$(wc -l <"$flow_dir/lines.txt")" 100
adds_up hup
has "$flow_dir/hup.stats" '"id":"we\\"ird\\\\id","kind":"input","state":"HEALTHY"'

rm -rf "$flow_dir/state"
policy "type: wall"
started wall
for _ in $(seq 600); do grep -q 'wall: open' "$flow_dir/wall.log" && break; sleep 0.02; done
sleep 0.3
kill -TERM "$pid"
sleep 0.3
kill -0 "$pid" 2>/dev/null
is "waits for acknowledgements" "$?" 0
kill -TERM "$pid"
said wall 'second signal: not waiting'
kill -TERM "$pid"
wait "$pid"
is "exit code after the third" "$?" 3
has "$flow_dir/wall.log" 'third signal: ended at once'
policy "type: lines, path: $flow_dir/rest.txt"
agent rest --once --modules "$flow_dir/modules"
is "nothing is lost" "$(wc -l <"$flow_dir/rest.txt")" 100

# A destination that keeps us waiting before anything has started.
rm -rf "$flow_dir/state"
policy "type: door"
sed -i 's/dataset: third.party/dataset: panw_cortex_xdr.event/; s/count: 100/count: 100, mapping: ingest/' "$flow_dir/policy.yml"
"$cortexd" run -c "$flow_dir/policy.yml" --path.data "$flow_dir/state" --modules "$flow_dir/modules" >"$flow_dir/door.log" 2>&1 &
pid=$!
said door 'door: waiting'
kill -TERM "$pid"
wait "$pid"
is "a stop in the middle of the setup: exit code" "$?" 0
has "$flow_dir/door.log" 'door: interrupted'
has "$flow_dir/door.log" 'stopped: collected=0'
