#!/bin/bash
# Dashboards made from the schema: every reference leads to an object of the same file, texts within texts are JSON, fields are exported
# and can be aggregated, panels do not lie on each other, and two exports are the same bytes. Where CXD_KIBANA_URL or
# CXD_OPENSEARCH_DASHBOARDS_URL names a server, it imports them.
# shellcheck source=tests/flow/flow.bash
. "$(dirname "$0")/flow.bash"
"$cortexd" export dashboards >"$flow_dir/all.ndjson"
is "export: exit code" "$?" 0
"$cortexd" export dashboards | cmp - "$flow_dir/all.ndjson"
is "two exports that differ" "$?" 0
for name in event alerts incidents; do
  "$cortexd" export dashboards $name >"$flow_dir/$name.ndjson"
  is "$name: exit code" "$?" 0
done
cat "$flow_dir"/{alerts,incidents,event}.ndjson | cmp -s - "$flow_dir/all.ndjson" || bad "the parts are not the whole"
"$cortexd" export dashboards nothing >/dev/null 2>"$flow_dir/wrong.txt"
is "unknown data stream: exit code" "$?" 2
python3 - "$flow_build/schema" "$flow_dir"/{alerts,incidents,event}.ndjson <<'END' >"$flow_dir/checked.txt" 2>&1
import json, sys
def types(tree, front=""):
    for key, value in tree.items():
        name = front + key
        if "properties" in value:
            yield from types(value["properties"], name + ".")
        else:
            yield name, value["type"]
for path in sys.argv[2:]:
    stream = path.rsplit("/", 1)[1].split(".")[0]
    template = json.load(open(f"{sys.argv[1]}/template/logs-panw_cortex_xdr.{stream}.opensearch.json"))
    known = dict(types(template["template"]["mappings"]["properties"]))
    objects = [json.loads(line) for line in open(path)]
    ids = {(o["type"], o["id"]) for o in objects}
    assert len(ids) == len(objects), "an id twice"
    board = [o for o in objects if o["type"] == "dashboard"]
    assert len(board) == 1
    for o in objects:
        for r in o["references"]:
            assert (r["type"], r["id"]) in ids, r
        a = o["attributes"]
        if "kibanaSavedObjectMeta" in a:
            source = json.loads(a["kibanaSavedObjectMeta"]["searchSourceJSON"])
            assert source.get("indexRefName") in [None] + [r["name"] for r in o["references"]]
        for agg in json.loads(a["visState"])["aggs"] if "visState" in a else []:
            field = agg["params"].get("field")
            assert field is None or known[field] in ("keyword", "ip", "long", "date", "boolean", "double", "float"), field
        for column in a.get("columns", []):
            assert column in known, column
    cells = set()
    panels = json.loads(board[0]["attributes"]["panelsJSON"])
    names = {r["name"] for r in board[0]["references"]}
    for p in panels:
        g = p["gridData"]
        assert p["panelRefName"] in names and g["x"] + g["w"] <= 48
        for cell in ((x, y) for x in range(g["x"], g["x"] + g["w"]) for y in range(g["y"], g["y"] + g["h"])):
            assert cell not in cells, p
            cells.add(cell)
    print(stream, len(panels), "panels")
END
is "saved objects hold together" "$?" 0
cat "$flow_dir/checked.txt"
is "panels" "$(grep -c 'panels$' "$flow_dir/checked.txt")" 3

import() { # NAME URL HEADER
  curl -sS --max-time 60 -X POST -H "$3: cortexd" -F "file=@$flow_dir/all.ndjson" "$2/api/saved_objects/_import?overwrite=true" >"$flow_dir/$1.json" 2>&1
  has "$flow_dir/$1.json" '"success":true'
}
if [ -n "${CXD_KIBANA_URL:-}" ]; then import kibana "$CXD_KIBANA_URL" kbn-xsrf; else say "skipped: import into Kibana (CXD_KIBANA_URL names none)"; fi
if [ -n "${CXD_OPENSEARCH_DASHBOARDS_URL:-}" ]; then
  import dashboards "$CXD_OPENSEARCH_DASHBOARDS_URL" osd-xsrf
else
  say "skipped: import into OpenSearch Dashboards (CXD_OPENSEARCH_DASHBOARDS_URL names none)"
fi
