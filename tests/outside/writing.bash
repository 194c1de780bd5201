#!/bin/bash
# inputs/WRITING.md, line by line: its files are written, its commands run in order against an installed tree, and what it shows is
# looked for in what they print.
# shellcheck source=tests/flow/flow.bash
. "$(dirname "$0")/../flow/flow.bash"
umask 022
page=$flow_top/inputs/WRITING.md
at=$flow_dir/installed
if ! cmake --install "$flow_build" --prefix "$at" >"$flow_dir/install.log" 2>&1; then bad "cmake --install"; exit 1; fi
PATH=$at/bin:$PATH
PKG_CONFIG_PATH=$(dirname "$(find "$at" -name cortexd.pc)")
export PATH PKG_CONFIG_PATH
# the page's service is a clock that stands still
sim_start --events 1 --objects 1
curl -sS -X POST "$control/_sim/cortex/clock?ms=1800000000000" >/dev/null || bad "no clock"
curl -sS -X POST "$control/_sim/cortex/clock?rate=0" >/dev/null || bad "no clock"
first=$(curl -sS "$control/_sim/cortex/clock")
sleep 0.05
is "the service stands still" "$(curl -sS "$control/_sim/cortex/clock")" "$first"

# page_run PAGE FOLDER: files and commands; counts in $files, $commands, $shown
page_run() {
  local line kind='' name='' text='' number=0 begun=0
  files=0 commands=0 shown=0
  mkdir -p "$2"
  : >"$2/.said"
  while IFS= read -r line; do
    number=$((number + 1))
    if [ -z "$kind" ]; then
      case $line in
        '```'?*) kind=${line#'```'} name=${kind#* } kind=${kind%% *} text='' begun=$number ;;
        '```') bad "$1:$number: a block without a kind"; return ;;
      esac
    elif [ "$line" = '```' ]; then
      block "$2" "$begun"
      kind=
    else
      text+=${line//https:\/\/service.example\/status/$control/_sim/cortex/clock}$'\n'
    fi
  done <"$1"
  [ -z "$kind" ] || bad "$1: the block of line $begun has no end"
}
block() { # folder, line; the rest from page_run
  local want
  case $kind in
    c | yaml)
      if [ "$name" = "$kind" ]; then bad "line $2: a block of $kind without a file"; fi
      printf '%s' "$text" >>"$1/$name"
      files=$((files + 1))
      ;;
    sh)
      (cd "$1" && bash -euo pipefail -c "$text") >"$1/.said" 2>&1
      code=$?
      is "line $2: $(head -n 1 <<<"$text" | cut -c1-60)" "$code" 0
      commands=$((commands + 1))
      ;;
    text)
      while IFS= read -r want; do
        if grep -qxF -- "$want" "$1/.said"; then shown=$((shown + 1)); else
          bad "line $2: not said: $want"
          tail -n 8 "$1/.said" | cut -c1-300
        fi
      done <<<"${text%$'\n'}"
      ;;
    *) bad "line $2: a block of unknown kind: $kind" ;;
  esac
}
page_run "$page" "$flow_dir/page"
at_least "files and pieces of files" "$files" 10
at_least "commands" "$commands" 5
at_least "lines shown" "$shown" 9
has "$flow_dir/page/out/logs-acme.status-default.ndjson" '"message":"\{\\"ok\\":true'
# a change is seen, once
curl -sS -X POST "$control/_sim/cortex/clock?ms=1800000001000" >/dev/null
for _ in 1 2; do (cd "$flow_dir/page" && cortexd run -c policy.yml --modules . --path.data state --once) >"$flow_dir/more.log" 2>&1; done
is "documents after a change" "$(wc -l <"$flow_dir/page/out/logs-acme.status-default.ndjson")" 2
# a destination of the request that is gone: the reason is told
sed -i "s|^url: .*|url: $control/none|" "$flow_dir/page/options.yml"
(cd "$flow_dir/page" && cortexd check-module input-status.so --options options.yml) >"$flow_dir/gone.txt" 2>&1
has "$flow_dir/gone.txt" '^ok +poll .*asks for a retry: the service answers 404'
# the check can fail: a page with a wrong line
flow_failed_before=$flow_failed
# shellcheck disable=SC2016 # fences, not commands
printf '```c x.c\nint x\n```\n```sh\ncc -c x.c\n```\n```text\nfine\n```\n' >"$flow_dir/wrong.md"
page_run "$flow_dir/wrong.md" "$flow_dir/wrong" >"$flow_dir/wrong.log"
flow_failed=$flow_failed_before
is "a wrong page: faults found" "$(grep -c '^FAILED' "$flow_dir/wrong.log")" 2
