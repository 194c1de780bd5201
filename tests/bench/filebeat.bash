# Filebeat beside cortexd, in the same run: sourced by tests/bench/run while its simulator is up. Leaves filebeat.row and, with a word
# about what was measured or why not, filebeat.said in the work folder.
# shellcheck shell=bash
# shellcheck disable=SC2154 # variables are the caller's

# What newer versions' own default preset ("balanced") says, so that an older one is not held back by older defaults.
filebeat_policy() { # input: gcs or files
  if [ "$1" = gcs ]; then
    cat <<EOF
filebeat.inputs:
  - type: gcs
    id: bench
    project_id: bench
    alternative_host: "$(field storage)"
    auth.credentials_file.path: $work/sim/service-account.json
    buckets: [{name: cortex-events, max_workers: 3, poll: true, poll_interval: 1h}]
EOF
  else
    cat <<EOF
filebeat.inputs:
  - type: filestream
    id: bench
    paths: [$work/filebeat/plain/*.ndjson]
EOF
  fi
  cat <<EOF
queue.mem: {events: 3200, flush.min_events: 1600, flush.timeout: 10s}
output.elasticsearch:
  hosts: ["$(field elasticsearch)"]
  ssl.certificate_authorities: [$work/sim/ca.pem]
  index: logs-panw_cortex_xdr.event-default
  bulk_max_size: 1600
  worker: 1
  compression_level: 1
setup.template.enabled: false
setup.ilm.enabled: false
logging.level: error
logging.to_stderr: true
EOF
}

items() { # bulk items that the sink has counted
  curl -fsS -m 10 --noproxy '*' "$(field control)/_sim/stats" | sed -n 's/.*"bulk":{"requests":[0-9]*,"items":\([0-9]*\).*/\1/p'
}

filebeat_files() { # the bucket's objects, unpacked
  local object
  for object in "$(dirname "${sample[0]}")"/object-*.gz; do
    gzip -dc "$object" >"$work/filebeat/plain/$(basename "$object" .gz).ndjson"
  done
}

# Runs until the sink has counted all events; 1: they did not come in time.
filebeat_drain() { # program
  local before pid deadline=$((SECONDS + 60 + events / 2000))
  before=$(items)
  "$build/bin/bench_process" "$1" run -c "$work/filebeat/filebeat.yml" --path.home "$work/filebeat" \
    --path.data "$work/filebeat/data" >"$work/filebeat.json" 2>"$work/filebeat.log" &
  pid=$!
  while kill -0 "$pid" 2>/dev/null && [ "$SECONDS" -lt "$deadline" ] && [ $(($(items) - before)) -lt "$events" ]; do
    sleep 0.1
  done
  filebeat_end=$EPOCHREALTIME
  kill -TERM "$pid" 2>/dev/null || true
  wait "$pid" || true
  filebeat_came=$(($(items) - before))
  [ "$filebeat_came" -ge "$events" ]
}

filebeat_run() {
  local said program input start wall note=
  said=$("$top/tests/peers/filebeat" path) || { echo "${said:-skipped: filebeat}" >"$work/filebeat.said"; return 0; }
  program=${said% *} input=${said##* }
  mkdir -p "$work/filebeat/plain" "$work/filebeat/data"
  if [ "$input" = files ]; then
    filebeat_files
    note="; this one has no input for buckets and read the same events, unpacked, from files: no requests, no inflate"
  fi
  (umask 077 && filebeat_policy "$input" >"$work/filebeat/filebeat.yml")
  start=$EPOCHREALTIME
  if filebeat_drain "$program"; then
    wall=$(awk -v a="$start" -v b="$filebeat_end" 'BEGIN { print b - a }')
    echo "filebeat $events $raw $wall $(of "$work/filebeat.json" cpu_s) - $(of "$work/filebeat.json" peak_kib) -" >"$work/filebeat.row"
    echo "filebeat: $("$program" version | cut -d ' ' -f 1-3), without any mapping$note" >"$work/filebeat.said"
  else
    echo "skipped: filebeat: $filebeat_came of $events events came: $(tail -n 1 "$work/filebeat.log" | cut -c 1-200)" >"$work/filebeat.said"
  fi
  rm -rf "$work/filebeat"
}
