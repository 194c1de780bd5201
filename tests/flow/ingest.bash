#!/bin/bash
# mapping: ingest: documents as Filebeat sends them, for a cluster whose ingest pipelines map: the record as message, nothing of ECS
# but what the collector knows, the same ids as the mapping at the edge gives, and no document twice after everything is forgotten.
# shellcheck source=tests/flow/flow.bash
. "$(dirname "$0")/flow.bash"
start=1760000000000
sim_start --events 400 --objects 4 --cortex-alerts 40 --cortex-incidents 20 --cortex-start $start --cortex-span 86400000 --cortex-clock $((start + 90000000)) --cortex-rate 50
cortex=$(ready cortex)
store() { echo "$flow_dir/sim/store/logs-panw_cortex_xdr.$1-default.ndjson"; }
# the documents without what differs between two runs by nature
ids() { sed -n 's/.*"_id":"\([^"]*\)".*/\1/p' "$1" | sort; }
count() { grep -cE -- "$2" "$1"; }

policy_write
agent edge --once
is "edge: exit code" "$code" 0
cp "$(store event)" "$flow_dir/edge.ndjson"
rm -rf "$flow_dir/state"

say "-- the same bucket, mapped by the destination; the collector has forgotten where it was"
output_more=("mapping: ingest")
policy_write
agent again --once
is "again: exit code" "$code" 0
is "again: documents that were there" "$(of again duplicates)" 400
is "again: documents stored" "$(stored)" 400

say "-- to a destination of its own: files"
policy_write file
rm -rf "$flow_dir/state"
agent files --once
is "files: exit code" "$code" 0
docs=$flow_dir/out/logs-panw_cortex_xdr.event-default.ndjson
is "documents" "$(wc -l <"$docs")" 400
is "documents with the record as message" "$(count "$docs" '"message":"\{\\"')" 400
is "documents with event.dataset" "$(count "$docs" '"event":\{"dataset":"panw_cortex_xdr.event"\}')" 400
is "documents that were mapped" "$(count "$docs" '"panw_cortex"|"event":\{"original|"process":')" 0
is "documents with their origin" "$(count "$docs" '"gcs":\{"storage":\{"bucket".*"log":\{"file":\{"path":"gs://cortex-events/.*"offset":[0-9]+')" 400
# what the destination's mapping gets is what the mapping at the edge got
sed -E 's/.*"message":"(.*)","event":\{"dataset.*/\1/; s/\\(["\\])/\1/g' "$docs" >"$flow_dir/records"
"$cortexd" map event "$flow_dir/records" | ids /dev/stdin >"$flow_dir/mapped.ids"
ids "$flow_dir/edge.ndjson" >"$flow_dir/edge.ids"
is "ids of the records, mapped offline" "$(comm -3 "$flow_dir/mapped.ids" "$flow_dir/edge.ids" | wc -l)" 0

say "-- data of somebody else's in a bucket: equal lines are two events, found again under the same ids"
output_more=()
policy_write
sed -i 's/panw_cortex_xdr.event/own.lines/' "$flow_dir/policy.yml"
for run in first second; do
  rm -rf "$flow_dir/state"
  agent "$run" --once
done
is "second: documents that were there" "$(of second duplicates)" 400
store=$flow_dir/sim/store/logs-own.lines-default.ndjson
is "documents stored" "$(wc -l <"$store")" 400
is "ids of place and offset" "$(grep -cE '"_id":"[A-Za-z0-9_-]{20}-[0-9]+"' "$store")" 400

say "-- httpjson and cel"
cat >"$flow_dir/policy.yml" <<END
outputs:
  default: {type: file, path: $flow_dir/api, mapping: ingest}
  edge: {type: file, path: $flow_dir/never}
inputs:
- type: httpjson
  id: incidents
  data_stream: {dataset: panw_cortex_xdr.incidents}
  request.method: POST
  request.url: $cortex/public_api/v1/incidents/get_incidents
  request.ssl.certificate_authorities: ["$flow_dir/sim/ca.pem"]
  interval: 1m
  tags: [forwarded]
  request.transforms:
  - set: {target: header.Authorization, value: standard-key-of-the-simulator}
  - set: {target: header.x-xdr-auth-id, value: 1}
  - set: {target: body.request_data.search_from, value: 0, value_type: int}
  response.split: {target: body.reply.incidents}
- type: cel
  id: members
  mapping: ingest
  data_stream: {dataset: own.members}
  resource.url: $cortex/
  interval: 1m
  program: '{"events": [{"message": "text"}, {"a": {"b": 1}}]}'
END
agent api --once
is "api: exit code" "$code" 0
docs=$flow_dir/api/logs-panw_cortex_xdr.incidents-default.ndjson
is "incidents" "$(wc -l <"$docs")" 20
is "incidents as Filebeat sends them" "$(count "$docs" '"input":\{"type":"httpjson"\}.*"event":\{"created":"[^"]+","dataset":"panw_cortex_xdr.incidents"\},"message":"\{\\"incident_id')" 20
docs=$flow_dir/api/logs-own.members-default.ndjson
is "an event with a message" "$(count "$docs" '"message":"text","event":\{"dataset":"own.members"\}\}')" 1
is "an event of members has no message of its own" "$(count "$docs" '"a":\{"b":1\},"event":\{"dataset":"own.members"\}\}')" 1
is "dead letters" "$(dead_count)" 0
