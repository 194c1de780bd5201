#!/bin/bash
# A file system that is really full, with state, dead letters, queue or output on it: the agent says so, waits, and goes on by itself
# when there is room again. Nothing is lost, nothing comes twice. Needs the right to mount a small tmpfs in a namespace of its own.
if [ -z "${CXD_OWN_MOUNTS:-}" ]; then
  unshare -m true 2>/dev/null || { echo "skipped: no right to a mount namespace (unshare -m)"; exit 77; }
  CXD_OWN_MOUNTS=1 exec unshare -m "$0" "$@"
fi
# shellcheck source=tests/flow/flow.bash
. "$(dirname "$0")/flow.bash"
small=$flow_dir/small
mkdir "$small"
mount -t tmpfs -o size=24m,mode=0700 cortexd-small "$small" 2>/dev/null || { echo "skipped: no right to mount a tmpfs"; exit 77; }
trap 'umount "$small" 2>/dev/null; flow_finish' EXIT
events=6000
sim_start --events "$events" --objects 8

room_left() { df -k --output=avail "$small" | tail -n 1; }
# fills it up but for some KiB
fill() {
  local left=$(($(room_left) - $1))
  head -c "$((left * 1024))" /dev/zero >"$small/ballast"
}
start() { # NAME WORDS..: in the background, its pid in $pid
  local name=$1
  shift
  : >"$flow_dir/$name.log"
  "$cortexd" run -c "$flow_dir/policy.yml" --path.data "$state" --stats "$flow_dir/$name.stats" "$@" >"$flow_dir/$name.log" 2>&1 &
  pid=$!
}
# waits until the log says it
wait_said() { # NAME, what
  for _ in $(seq 300); do
    grep -qE -- "$2" "$flow_dir/$1.log" && break
    kill -0 "$pid" 2>/dev/null || break
    sleep 0.1
  done
  has "$flow_dir/$1.log" "$2"
}
alive() { if kill -0 "$pid" 2>/dev/null; then say "ok: $1: still running"; else bad "$1: the agent is gone"; fi; }
ended() { # NAME: by itself, all delivered
  wait "$pid"
  is "$1: exit code" "$?" 0
  adds_up "$1"
  memory "$1"
}
afresh() {
  rm -rf "${small:?}"/* "$flow_dir/state" "$flow_dir/out"
  curl -sS -X POST "$control/_sim/wipe" >/dev/null
  fault
}
state=$small/state

say "--- cursors and dead letters on a full disk"
policy_write
agent_warm() { # the state folder is there before there is no room for it
  mkdir -p "$state"
  fill 64
}
agent_warm
fault '{"kind":"bulk","item_every":40,"item_status":400,"item_type":"document_parsing_exception"}'
start dead --once
wait_said dead '(No space left|is full)'
sleep 1
alive dead
at_least "dead: documents so far" "$(sim_stat distinct_ids)" 1
rm "$small/ballast"
ended dead
dead=$(wc -l <"$state/dead_letter/dead.ndjson")
is "dead: documents and dead letters" "$(($(sim_stat distinct_ids) + dead))" "$events"
is "dead: letters counted" "$(of dead dead_lettered)" "$dead"
is "dead: letters that are whole lines of JSON" "$(grep -cE '^\{"@timestamp".*\}$' "$state/dead_letter/dead.ndjson")" "$dead"

say "--- the queue on a full disk, the destination away"
afresh
agent_more=("queue.disk: {max_size: 1GiB, segment_size: 1MiB}")
policy_write
fill 4096
fault '{"kind":"bulk","status":503}'
start queue --once
wait_said queue 'No space left'
sleep 1
alive queue
is "queue: documents so far" "$(sim_stat distinct_ids)" 0
fault
ended queue # what is sent makes room
is "queue: documents" "$(stored)" "$events"
is "queue: distinct" "$(stored_distinct)" "$events"

say "--- killed with a full queue"
afresh
policy_write
fill 4096
fault '{"kind":"bulk","status":503}'
start killed --once
wait_said killed 'No space left'
kill -9 "$pid"
wait "$pid" 2>/dev/null
fault
start after --once
ended after
is "after: documents" "$(stored)" "$events"
is "after: distinct" "$(stored_distinct)" "$events"
is "after: lost in the queue" "$(of after queue_lost)" 0

say "--- the file output on a full disk"
afresh
unset agent_more
state=$flow_dir/state
policy_write file
sed -i "s|path: .*/out|path: $small/out|" "$flow_dir/policy.yml"
fill 1024
start file --once
wait_said file 'No space left'
sleep 1
alive file
rm "$small/ballast"
ended file
wanted=$(of file collected)
is "file: collected" "$wanted" "$events"
cat "$small"/out/*.ndjson >"$flow_dir/all.ndjson"
is "file: lines" "$(wc -l <"$flow_dir/all.ndjson")" "$wanted"
is "file: whole lines of JSON" "$(grep -cE '^\{.*\}$' "$flow_dir/all.ndjson")" "$wanted"
is "file: distinct lines" "$(sort -u "$flow_dir/all.ndjson" | wc -l)" "$wanted"
