#!/bin/bash
# `cortexd embed` spoken to by a stranger: the table of agent/front/embed/README.md, and bytes that are not in it. No Go needed.
# shellcheck source=tests/flow/flow.bash
. "$(dirname "$0")/../flow/flow.bash"
if ! command -v python3 >/dev/null; then
  say "skipped: shim: no python3 on this machine"
  trap - EXIT
  rm -rf "$flow_dir"
  exit 77
fi
mkdir -m 750 "$flow_dir/state"
timeout 200 python3 "$(dirname "$0")/talk.py" "$cortexd" "$flow_build/tests/modules/good" "$flow_dir/state"
is "talk: exit code" "$?" 0
