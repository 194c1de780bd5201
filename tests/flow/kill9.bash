#!/bin/bash
# kill -9 at 20 random moments; afterwards every event is there once, in Elasticsearch and in files.
# shellcheck source=tests/flow/flow.bash
. "$(dirname "$0")/flow.bash"
kills=${CXD_KILLS:-20}
seed=${CXD_SEED:-$RANDOM}
RANDOM=$seed
say "seed $seed (CXD_SEED=$seed repeats it)"
sim_start --events 60000 --objects 24

storm() { # output
  local done_kills=0 early=0
  while [ "$done_kills" -lt "$kills" ]; do
    "$cortexd" run -c "$flow_dir/policy.yml" --path.data "$flow_dir/state" --once >>"$flow_dir/storm-$1.log" 2>&1 &
    local pid=$!
    # within the time that a whole run takes, so that most kills hit work
    sleep "0.0$((RANDOM % 10))$((RANDOM % 10))"
    [ $((RANDOM % 3)) -eq 0 ] && sleep "0.$((RANDOM % 3))$((RANDOM % 10))"
    if kill -9 "$pid" 2>/dev/null; then done_kills=$((done_kills + 1)); fi
    if wait "$pid" 2>/dev/null; then
      early=$((early + 1))
      [ "$early" -gt 3 ] && break # drained: nothing is left to kill
      rm -rf "$flow_dir/state" # again, from the start: all of it comes as repeats
    fi
  done
  say "$1: $done_kills kills"
  agent "last-$1" --once
  is "$1: exit code of the last run" "$code" 0
  adds_up "last-$1"
  memory "last-$1"
}

policy_write elasticsearch
storm elasticsearch
is "elasticsearch: documents stored" "$(stored)" 60000
is "elasticsearch: distinct documents" "$(stored_distinct)" 60000
is "elasticsearch: dead letters" "$(dead_count)" 0

rm -rf "$flow_dir/state"
policy_write file
storm file
file=$flow_dir/out/logs-panw_cortex_xdr.event-default.ndjson
is "file: lines" "$(wc -l <"$file")" 60000
is "file: distinct events" "$(sed -n 's/.*"event":{[^}]*"id":"\([^"]*\)".*/\1/p' "$file" | sort -u | wc -l)" 60000
