#!/bin/bash
# kill -9 of a Go host in the middle, again and again: every event is pulled and acknowledged in the end, none is lost; with the
# library under the race detector, and with the agent as a child process, which ends by itself.
#
# CXD_SHIM_EVENTS: how many events (default 100000); CXD_KILLS: how many kills each (default 4); CXD_SEED repeats a run.
# shellcheck source=tests/flow/flow.bash
. "$(dirname "$0")/../flow/flow.bash"
# shellcheck source=tests/shim/shim.bash
. "$(dirname "$0")/shim.bash"
events=${CXD_SHIM_EVENTS:-100000}
kills=${CXD_KILLS:-4}
seed=${CXD_SEED:-$RANDOM}
RANDOM=$seed
say "seed $seed (CXD_SEED=$seed repeats it), $events events"
host_build "$flow_dir/host" || exit 1
flavour="race detector"
host_build "$flow_dir/host-race" race || { say "skipped: shim: no race detector here"; cp "$flow_dir/host" "$flow_dir/host-race"; flavour=plain; }
sim_start --events "$events" --objects $(((events + 4999) / 5000))
policy_write file

storm() { # name, host, border
  local name=$1 program=$2 done_kills=0 pid ids=$flow_dir/$1.ids
  shift 2
  rm -rf "$flow_dir/state"
  while [ "$done_kills" -lt "$kills" ]; do
    "$program" -policy "$flow_dir/policy.yml" -data "$flow_dir/state" -ids "$ids" "$@" >>"$flow_dir/$name.out" 2>>"$flow_dir/$name.log" &
    pid=$!
    # until there is something new, and then a moment
    local before
    before=$(stat -c %s "$ids" 2>/dev/null || echo 0)
    for _ in $(seq 400); do
      [ "$(stat -c %s "$ids" 2>/dev/null || echo 0)" -gt $((before + 1)) ] && break
      kill -0 "$pid" 2>/dev/null || break
      sleep 0.02
    done
    sleep "$(awk -v r=$((RANDOM % 30)) -v n="$events" 'BEGIN {print r / 100 * n / 100000}')" # of the time that all of them take
    kill -9 "$pid" 2>/dev/null && done_kills=$((done_kills + 1))
    if wait "$pid" 2>/dev/null; then break; fi # it was through before
  done
  timeout 300 "$program" -policy "$flow_dir/policy.yml" -data "$flow_dir/state" -ids "$ids" "$@" >"$flow_dir/$name.last" 2>>"$flow_dir/$name.log"
  is "$name: exit code of the last run" "$?" 0
  [ "$flow_failed" -eq 0 ] || tail -n 5 "$flow_dir/$name.log"
  at_least "$name: kills in the middle" "$done_kills" 1
  # a torn line is shorter than an id, or two in one
  local len
  len=$(awk 'length > 0 {print length; exit}' "$ids")
  say "$name: $(awk -v l="$len" 'length == l' "$ids" | wc -l) pulled, $(sed -n 's/.*"documents":\([0-9]*\).*/\1/p' "$flow_dir/$name.last") of them by the last run"
  is "$name: distinct events" "$(awk -v l="$len" 'length == l' "$ids" | sort -u | wc -l)" "$events"
  has_not "$flow_dir/$name.log" 'DATA RACE'
  # nothing is left: a further run has nothing to pull
  "$program" -policy "$flow_dir/policy.yml" -data "$flow_dir/state" -ids "$flow_dir/after.ids" "$@" >"$flow_dir/after.out" 2>>"$flow_dir/$name.log"
  has "$flow_dir/after.out" '"documents":0,'
  is "$name: dead letters" "$(dead_count)" 0
}

say "library, host: $flavour"
storm library "$flow_dir/host-race" -library "$library"
storm process "$flow_dir/host" -program "$cortexd"
