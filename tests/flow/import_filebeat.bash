#!/bin/bash
# A Filebeat's registry is taken over: the bucket goes on behind what it had finished, with what had failed; httpjson and cel find its
# cursors. Nothing it delivered comes again, nothing that was left is missed.
# shellcheck source=tests/flow/flow.bash
. "$(dirname "$0")/flow.bash"
mkdir -p "$flow_dir/objects/day" "$flow_dir/filebeat/data/registry/filebeat"
registry=$flow_dir/filebeat/data/registry/filebeat
for n in 01 02 03 04 05 06; do
  for i in 1 2 3; do printf '{"_id":"%s-%s","event_timestamp":1744761600000,"event_type":"FILE"}\n' "$n" "$i"; done >"$flow_dir/objects/day/$n.json"
  touch -d "2026-01-01T00:00:$n Z" "$flow_dir/objects/day/$n.json"
done
start=1760000000000
sim_start --dir "$flow_dir/objects" --cortex-alerts 5 --cortex-incidents 5 --cortex-start $start --cortex-span 86400000 --cortex-clock $((start + 90000000)) --cortex-rate 50
cortex=$(ready cortex)
cat >"$flow_dir/policy.yml" <<END
outputs:
  default: {type: file, path: $flow_dir/out}
inputs:
- type: gcs
  streams:
  - id: bucket
    data_stream: {dataset: panw_cortex_xdr.event}
    project_id: flow
    auth.credentials_file.path: $flow_dir/sim/service-account.json
    alternative_host: $storage
    ssl.certificate_authorities: $flow_dir/sim/ca.pem
    poll: false
    preserve_original_event: true
    buckets: [{name: cortex-events}]
- type: httpjson
  streams:
  - id: requests
    data_stream: {dataset: own.requests}
    request.method: POST
    request.url: $cortex/public_api/v1/incidents/get_incidents
    request.ssl.certificate_authorities: ["$flow_dir/sim/ca.pem"]
    request.tracer: {enabled: true, filename: $flow_dir/trace.ndjson}
    interval: 1m
    request.transforms:
    - set: {target: header.Authorization, value: standard-key-of-the-simulator}
    - set: {target: header.x-xdr-auth-id, value: 1}
    - set: {target: body.request_data.search_from, value: 0, value_type: int}
    - set: {target: header.X-Was-At, value: '[[.cursor.next_ts]]', default: nowhere}
    response.split: {target: body.reply.incidents}
    cursor.next_ts.value: '[[.last_event.modification_time]]'
- type: cel
  streams:
  - id: programs
    data_stream: {dataset: own.programs}
    resource.url: $cortex/
    interval: 1m
    program: '{"events": [{"message": "was at " + state.?cursor.page.orValue("nowhere")}], "cursor": {"page": "behind"}}'
- type: cel
  streams:
  - id: renamed
    data_stream: {dataset: own.renamed}
    resource.url: $cortex/
    interval: 1m
    program: '{"events": [{"message": "was at " + state.?cursor.page.orValue("nowhere")}]}'
agent: {path.data: $flow_dir/state}
END
printf '{"version":"1"}' >"$registry/meta.json"
seconds=$(date -ud 2026-01-01T00:00:04Z +%s)
cat >"$registry/7.json" <<END
[{"_key":"cel::programs::$cortex/","cursor":{"page":"old"},"ttl":0,"updated":[281470681743360,$seconds]},
{"_key":"filestream::x::native::1-2","cursor":{"offset":1}}
]
END
printf '%s' "$registry/7.json" >"$registry/active.dat"
cat >"$registry/log.json" <<END
{"op":"set","id":8}
{"k":"gcs::bucket::flow::cortex-events","v":{"ttl":0,"updated":[281470681743360,$seconds],"cursor":{"objectname":"day/04.json","latestentrytime":[281470681743360,$seconds],"failedjobs":{"day/02.json":1}}}}
{"op":"set","id":9}
{"k":"httpjson::requests::$cortex/public_api/v1/incidents/get_incidents","v":{"cursor":{"next_ts":"1760000000123"}}}
{"op":"set","id":10}
{"k":"cel::programs::$cortex/","v":{"cursor":{"page":"twelve"}}}
{"op":"set","id":11}
{"k":"cel::of-long-ago::$cortex/","v":{"cursor":{"page":"seven"}}}
{"op":"set","id":12}
{"k":"cel::programs::$cortex/","v":{"cursor":{"pa
END
import() { # name, words
  local name=$1
  shift
  "$cortexd" state import-filebeat "$flow_dir/filebeat" "$@" -c "$flow_dir/policy.yml" >"$flow_dir/$name.txt" 2>&1
  code=$?
}
import dry --dry-run
is "dry run: exit code" "$code" 0
has "$flow_dir/dry.txt" '^bucket: would go on where Filebeat was \(1 entry\)$'
has "$flow_dir/dry.txt" '^not taken: cel::of-long-ago::'
has "$flow_dir/dry.txt" 'log.json: ends in the middle of change 12'
if [ -e "$flow_dir/state" ]; then bad "dry run: a state folder was made"; else say "ok: no state folder"; fi
import told --dry-run --json
has "$flow_dir/told.txt" '^\{"stream":"bucket","result":"would be imported","entries":1\}$'
has "$flow_dir/told.txt" '^\{"entry":"cel::of-long-ago::.*","result":"not taken"\}$'
import all
is "import: exit code" "$code" 0
for stream in bucket requests programs; do has "$flow_dir/all.txt" "^$stream: goes on where Filebeat was"; done
import twice
is "import again: exit code" "$code" 1
has "$flow_dir/twice.txt" '^bucket: has a cursor already'
import renamed renamed --key "cel::of-long-ago::$cortex/"
is "import by key: exit code" "$code" 0
import missing renamed --key "cel::nobody::$cortex/"
is "import of what is not there: exit code" "$code" 1
has "$flow_dir/missing.txt" 'no such entry'
"$cortexd" state import-filebeat "$flow_dir/out" -c "$flow_dir/policy.yml" >"$flow_dir/none.txt" 2>&1
is "no registry: exit code" "$?" 1
has "$flow_dir/none.txt" 'no registry of Filebeat here'

agent first --once
is "first run: exit code" "$code" 0
ids() { sed 's/.*\\"_id\\":\\"\([0-9]*\)-.*/\1/' "$flow_dir/out/logs-panw_cortex_xdr.event-default.ndjson" | sort | uniq -c | tr -s ' ' | tr '\n' ','; }
is "objects collected, with their records" "$(ids)" " 3 02, 3 05, 3 06,"
has "$flow_dir/trace.ndjson" '"1760000000123"'
has "$flow_dir/out/logs-own.programs-default.ndjson" '"message":"was at twelve"'
has "$flow_dir/out/logs-own.renamed-default.ndjson" '"message":"was at seven"'

say "-- from here on it is our own cursor: what comes late is collected, whatever its name and time"
printf '{"_id":"03a-1","event_timestamp":1744761600000,"event_type":"FILE"}\n' >"$flow_dir/new"
touch -d "2026-01-01T00:00:02Z" "$flow_dir/new"
mv "$flow_dir/new" "$flow_dir/objects/day/03a.json"
agent second --once
is "second run: exit code" "$code" 0
is "lines of the bucket" "$(wc -l <"$flow_dir/out/logs-panw_cortex_xdr.event-default.ndjson")" 10
has "$flow_dir/out/logs-own.programs-default.ndjson" '"message":"was at behind"'
