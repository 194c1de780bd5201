#!/bin/bash
# As Elastic Agent would run it: units by the control protocol over gRPC's own implementation (Debian's python3-grpcio), with mutual TLS;
# documents arrive. Skipped where there is no grpcio for the system's Python.
# shellcheck source=tests/flow/flow.bash
. "$(dirname "$0")/flow.bash"
python=/usr/bin/python3
if ! $python -c 'import grpc, google.protobuf' 2>/dev/null || ! command -v protoc >/dev/null; then
  echo "skipped: component: no grpcio and protobuf for $python (packaging/install-deps test)"
  exit 77
fi
sim_start --events 1000 --objects 4
agent_dir=$flow_dir/agent
mkdir -p "$agent_dir/state"
protoc -I "$flow_top/tests/peers/agent" --python_out="$agent_dir" control.proto || bad "protoc"
cp "$flow_top/tests/peers/agent/server.py" "$agent_dir/"
{
  authority() { # NAME
    openssl req -x509 -newkey rsa:2048 -nodes -days 2 -subj "/CN=$1" -keyout "$agent_dir/$1.key" -out "$agent_dir/$1.pem"
  }
  authority ca
  authority other
  for name in server client; do
    printf 'subjectAltName=DNS:cortexd-component\n' >"$agent_dir/ext"
    openssl req -newkey rsa:2048 -nodes -subj "/CN=$name" -keyout "$agent_dir/$name.key" -out "$agent_dir/$name.csr"
    openssl x509 -req -in "$agent_dir/$name.csr" -CA "$agent_dir/ca.pem" -CAkey "$agent_dir/ca.key" -CAcreateserial -days 2 \
      -extfile "$agent_dir/ext" -out "$agent_dir/$name.pem"
  done
} >"$flow_dir/openssl.log" 2>&1
# shellcheck source=tests/flow/component_config.bash
. "$(dirname "$0")/component_config.bash"
(cd "$agent_dir" && timeout 200 $python server.py "$cortexd" "$agent_dir" "$flow_dir/config.json") >"$flow_dir/life.txt" 2>&1
is "the agent's side: exit code" "$?" 0
cat "$flow_dir/life.txt"
is "documents stored" "$(stored_distinct)" 1000
has "$flow_dir/sim/store/logs-panw_cortex_xdr.event-default.ndjson" '"tags":\["forwarded","a \$\{b\} \\"c\\""'
has_not "$agent_dir/component.log" geheim-schluessel "the API key"
has_not "$agent_dir/component.log" the-token "the token"
is "lines of its log that are no JSON" "$(grep -cv '^{.*}$' "$agent_dir/component.log")" 0

say "-- the same on grpc-go, from Debian's packages"
code=0
"$flow_top/tests/peers/agent-go" "$cortexd" "$agent_dir" "$flow_dir/config.json" >"$flow_dir/life-go.txt" 2>&1 || code=$?
cat "$flow_dir/life-go.txt"
[ "$code" = 77 ] || is "the agent's side: exit code" "$code" 0

say "-- installed where an agent looks for components"
for version in 9.1.0 9.2.0; do mkdir -p "$flow_dir/top/data/elastic-agent-$version-abcdef/components"; done
"$cortexd" component install --agent "$flow_dir/top" >"$flow_dir/install.txt" 2>&1
is "install: exit code" "$?" 0
for version in 9.1.0 9.2.0; do
  folder=$flow_dir/top/data/elastic-agent-$version-abcdef/components
  is "$version: rights" "$(stat -c '%a' "$folder/cortexd" "$folder/cortexd.spec.yml" | tr '\n' ' ')" "755 644 "
done
is "the spec is what the agent reads" "$($python - "$folder/cortexd.spec.yml" <<'END'
import sys, yaml
spec = yaml.safe_load(open(sys.argv[1]))
print(spec["version"], len({i["name"] for i in spec["inputs"]}), spec["inputs"][2]["command"]["name"], *spec["inputs"][1]["outputs"])
END
)" "2 3 cortexd elasticsearch"
libraries=$(ldd "$cortexd")
# as rpm --root runs the package's script; a sanitizer needs /proc
if [[ $libraries != *san.so* ]] && unshare -m true 2>/dev/null; then
  rm -f "$folder"/cortexd*
  unshare -m sh -c "mount -t tmpfs none /proc && exec '$cortexd' component install --agent '$flow_dir/top'" >"$flow_dir/install.txt" 2>&1
  is "install without /proc: exit code, files" "$? $(find "$folder" -type f | wc -l)" "0 2"
fi
"$cortexd" component remove --agent "$flow_dir/top" >"$flow_dir/remove.txt" 2>&1
is "remove: exit code" "$?" 0
is "remove: what is left" "$(find "$flow_dir/top" -type f | wc -l)" 0
"$cortexd" component remove --agent "$flow_dir/nowhere" --if-there >"$flow_dir/remove.txt" 2>&1
is "remove, no agent: exit code, words" "$? $(wc -c <"$flow_dir/remove.txt")" "0 0"
"$cortexd" component install --agnet x >"$flow_dir/remove.txt" 2>&1
is "install, wrong word: exit code" "$?" 2
"$cortexd" component install --agent "$flow_dir/nowhere" >"$flow_dir/install.txt" 2>&1
is "no agent there: exit code" "$?" 1
has "$flow_dir/install.txt" 'where is the agent'
