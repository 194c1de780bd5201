# real.bash: what the tests against real peers share: servers that are taken down whatever happens, questions to OpenSearch.
# Source it; bash only. Words for verdicts (is, has, bad, ..) and runs of the agent (agent, of, dead_count) are those of flow.bash.
# shellcheck shell=bash disable=SC2034 # what is set here is for those who source it
# shellcheck source=tests/flow/flow.bash
. "$(dirname "${BASH_SOURCE[0]}")/../flow/flow.bash"
peers=$flow_top/tests/peers
real_stops=()   # peers to stop at the end
real_wipe=()    # paths to delete in OpenSearch before that
real_skipped=   # nothing could be proved
namespace=cxdreal$$
template=logs-panw_cortex_xdr.event

real_finish() {
  local peer path
  trap '' INT TERM HUP
  for path in ${real_wipe[@]+"${real_wipe[@]}"}; do
    curl -sS -m 30 --noproxy '*' -o /dev/null -X DELETE "$search$path"
  done
  for peer in ${real_stops[@]+"${real_stops[@]}"}; do
    "$peers/$peer" stop "$flow_dir/$peer"
  done
  if [ -n "$real_skipped" ] && [ "$flow_failed" -eq 0 ]; then
    if [ -n "$flow_sim" ]; then kill "$flow_sim" 2>/dev/null && wait "$flow_sim" 2>/dev/null; fi
    rm -rf "$flow_dir"
    exit 77
  fi
  flow_finish
}
trap real_finish EXIT
trap 'flow_failed=1; exit' INT TERM HUP

# peer_start PEER [WORDS]: its URL, or the end of the test: skipped or failed
peer_start() {
  local peer=$1 code=0
  shift
  mkdir -p "$flow_dir/$peer"
  chmod 755 "$flow_dir/$peer"
  real_stops+=("$peer")
  "$peers/$peer" start "$flow_dir/$peer" "$@" >"$flow_dir/$peer.out" || code=$?
  case $code in
    0) peer_url=$(tail -n 1 "$flow_dir/$peer.out") ;;
    77) grep '^skipped:' "$flow_dir/$peer.out"; real_skipped=yes; exit ;;
    *) bad "$peer does not start"; cat "$flow_dir/$peer.out"; exit ;;
  esac
}

search_start() {
  peer_start opensearch
  search=$peer_url
  ask GET "/_index_template/$template"
  template_was_there=no
  case $answer in
    *'"name":"'"$template"'"'*) template_was_there=yes ;;
    *) real_wipe+=("/_index_template/$template") ;;
  esac
}
# ask METHOD PATH [BODY]: what OpenSearch says is in $answer
ask() {
  answer=$(curl -sS -m 60 --noproxy '*' -X "$1" -H 'Content-Type: application/json' ${3:+--data-binary "$3"} "$search$2" 2>&1)
}
# answer_has WHAT TEXT
answer_has() {
  case $answer in
    *"$2"*) say "ok: $1" ;;
    *) bad "$1: no $2 in: ${answer:0:400}" ;;
  esac
}
# documents STREAM [QUERY]: how many there are
documents() {
  ask POST "/$1/_count" "${2:-}"
  sed -n 's/^{"count":\([0-9]*\).*/\1/p' <<<"$answer"
}
# types_of INDEX: `field type` of every field in the mapping, one a line
types_of() {
  ask GET "/$1/_mapping/field/*"
  grep -o '"full_name":"[^"]*","mapping":{"[^"]*":{"type":"[^"]*"' <<<"$answer" |
    sed 's/"full_name":"\([^"]*\)".*"type":"\([^"]*\)"/\1 \2/' | sort -u
}
# types_wanted: the same of the exported fields (an object is no field there), with what OpenSearch has in place of two types
types_wanted() {
  "$cortexd" export fields event | sed -n 's/^| \([a-z@][^ ]*\) |.*| \([a-z_]*\) |$/\1 \2/p' |
    sed 's/ constant_keyword$/ keyword/; s/ match_only_text$/ text/; / object$/d' | sort -u
}
# types_hold INDEX: every exported field is there with its type
types_hold() {
  types_wanted >"$flow_dir/wanted"
  types_of "$1" >"$flow_dir/found"
  at_least "exported fields" "$(wc -l <"$flow_dir/wanted")" 150
  is "exported fields that are not mapped so" "$(comm -23 "$flow_dir/wanted" "$flow_dir/found" | head -n 5)" ""
}
