# component_config.bash: what Elastic Agent would send to the component, for the simulators that run: $flow_dir/config.json.
# Source it after sim_start; bash only.
# shellcheck shell=bash disable=SC2154 # the variables are those of flow.bash
stream() { # ID BUCKET
  cat <<END
{"id": "$1", "data_stream": {"dataset": "panw_cortex_xdr.event", "type": "logs"}, "project_id": "flow",
 "auth.credentials_file.path": "$flow_dir/sim/service-account.json", "alternative_host": "$storage",
 "ssl.certificate_authorities": ["$flow_dir/sim/ca.pem"], "poll_interval": "1s", "tags": ["forwarded", "a \${b} \"c\""], "buckets": [{"name": "$2"}]}
END
}
cat >"$flow_dir/config.json" <<END
{"output": {"type": "elasticsearch", "hosts": ["$elastic"], "api_key": "id:geheim-schluessel", "preset": "balanced",
            "ssl": {"certificate_authorities": ["$flow_dir/sim/ca.pem"]}, "status_reporting": {"enabled": true}, "short": {"password": "abc1"}},
 "inputs": [
  {"id": "in", "type": "cortex_xdr/gcs", "name": "events", "revision": 3, "policy": {"revision": 12}, "meta": {"package": {"name": "panw_cortex_xdr"}},
   "data_stream": {"namespace": "default"}, "streams": [$(stream component-event cortex-events)]},
  {"id": "bad", "type": "cortex_xdr/gcs", "data_stream": {"namespace": "default"}, "streams": [$(stream component-bad no-such-bucket)]}]}
END
