#!/bin/bash
# Modules of a third party, built from the public headers alone: an input with a cursor, a processor that drops every tenth
# event, an output of its own; beside them files that are refused, each with its reason.
# shellcheck source=tests/flow/flow.bash
. "$(dirname "$0")/flow.bash"
umask 022
mkdir "$flow_dir/modules" "$flow_dir/broken"
cp "$flow_build"/tests/modules/good/*.so "$flow_dir/modules/"
cp "$flow_build"/tests/modules/broken/*.so "$flow_dir/broken/"
echo 'no library' >"$flow_dir/broken/text.so"
cp "$flow_build"/tests/modules/good/sieve.so "$flow_dir/broken/zz_open.so"
chmod o+w "$flow_dir/broken/zz_open.so"

ticks() { # count
  cat >"$flow_dir/policy.yml" <<END
outputs:
  default: {type: plain-lines, path: $flow_dir/lines.txt, backoff: {init: 5ms, max: 20ms}}
inputs:
  - id: third
    type: ticker
    count: $1
    data_stream: {dataset: third.party}
    processors:
      - sieve: {every: 10}
agent: {registry.flush: 20ms, queue.mem: {bytes: 1MiB, batch_bytes: 4KiB}}
END
}
ticks 1000
agent first --once --modules "$flow_dir/modules"
is "exit code" "$code" 0
is "collected" "$(of first collected)" 1000
is "delivered" "$(of first delivered)" 900
is "dropped" "$(of first dropped)" 100
adds_up first
is "lines" "$(wc -l <"$flow_dir/lines.txt")" 900
is "distinct ids" "$(cut -d' ' -f1 "$flow_dir/lines.txt" | sort -u | wc -l)" 900
is "index" "$(cut -d' ' -f2 "$flow_dir/lines.txt" | sort -u)" logs-third.party-default
has "$flow_dir/lines.txt" '^tick-7 .*"message":"\{\\"tick\\":7\}".*"n":7,"word":"a \\"text\\"\\n"'
has "$flow_dir/first.stats" '"sieve_kept_total":900'
agent second --once --modules "$flow_dir/modules"
is "from the cursor: nothing new" "$(of second collected)" 0
ticks 1500
agent third --once --modules "$flow_dir/modules"
is "from the cursor: the rest" "$(of third collected)" 500
is "lines" "$(cut -d' ' -f1 "$flow_dir/lines.txt" | sort -u | wc -l)" 1350

"$cortexd" modules --modules "$flow_dir/modules" --modules "$flow_dir/broken" --modules "$flow_dir/modules" >"$flow_dir/modules.txt" 2>&1
is "modules: exit code" "$?" 0
for line in '^input +ticker +1\.0 +counts' '^processor +sieve' '^output +lines' 'also: plain-lines' '^input +gcs' \
  'refused .*/abi_major\.so: made for ABI 2\.0' 'refused .*/build\.so: built as' 'refused .*/short\.so: descriptor of' \
  'refused .*/no_entry\.so: has no cxd_module_entry' 'refused .*/null_entry\.so: its entry gave no module' \
  'refused .*/says_why\.so: its entry refused: this kernel' 'refused .*/text\.so: cannot be loaded' \
  'refused .*/zz_open\.so: the file is writable by others' 'refused .*/twin_b\.so: processor "twin" is loaded already, from .*/twin_a\.so' \
  '^processor +abi-minor'; do
  has "$flow_dir/modules.txt" "$line"
done
is "a folder named twice: sieve" "$(grep -c '^processor *sieve' "$flow_dir/modules.txt")" 1
has "$flow_dir/first.log" 'cortexd .* started'
agent beside --once --modules "$flow_dir/broken" --modules "$flow_dir/modules"
is "refused modules do not hinder the others" "$code" 0
has "$flow_dir/beside.log" 'module refused: .*abi_major\.so: made for ABI 2\.0'
agent nowhere --once --modules "$flow_dir/none"
is "a folder that is not there: exit code" "$code" 1
has "$flow_dir/nowhere.log" 'module folder .*/none: No such file'
