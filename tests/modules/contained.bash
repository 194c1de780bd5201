#!/bin/bash
# Modules that are wrong in every way there is: each is refused or contained, with one clear line, and what is good goes on.
# shellcheck source=tests/flow/flow.bash
. "$(dirname "$0")/../flow/flow.bash"
umask 022
mkdir "$flow_dir/modules"
built=$flow_build/tests/modules
cp "$built"/good/ticker.so "$flow_dir/modules/"
# each NAME: one line of the list, and of a run, that holds the words; the run itself is a good one
policy() { # type, further words
  cat >"$flow_dir/policy.yml" <<END
outputs: {default: {type: file, path: $flow_dir/out}}
inputs: [{id: it, type: $1, data_stream: {dataset: third.party}${2:-}}]
agent: {registry.flush: 20ms, shutdown_timeout: 500ms}
END
}
refused() { # what, words, file
  policy ticker ', count: 10'
  rm -rf "$flow_dir/state"
  agent "refused" --once --modules "$flow_dir/modules"
  is "$1: the run goes on" "$code" 0
  is "$1: collected" "$(of refused collected)" 10
  is "$1: lines in the log" "$(grep -c "module refused: .*$3" "$flow_dir/refused.log")" 1
  has "$flow_dir/refused.log" "module refused: .*$3: .*$2"
  "$cortexd" modules --modules "$flow_dir/modules" >"$flow_dir/list.txt" 2>&1
  is "$1: lines in the list" "$(grep -c "^refused .*$3" "$flow_dir/list.txt")" 1
  "$cortexd" check-module "$flow_dir/modules/$3" >"$flow_dir/check.txt" 2>&1
  is "$1: check-module" "$?" "${4:-1}"
  is "$1: failures that it names" "$(grep -c '^failed' "$flow_dir/check.txt")" "${4:-1}"
  rm -f "$flow_dir/modules/$3"
}
broken() { # name, words
  cp "$built/broken/$1.so" "$flow_dir/modules/"
  refused "$1" "$2" "$1.so"
}
broken abi_major 'made for ABI 2\.0, this host speaks 1\.[0-9]*: build it again'
broken missing_symbol 'cannot be loaded: .*undefined symbol: nobody_has_this'
broken no_entry 'has no cxd_module_entry'
broken crash_load 'crashed \(.*\) in loading'
broken crash_entry 'crashed \(.*\) in loading'
cp "$built/good/sieve.so" "$flow_dir/modules/open.so"
chmod o+w "$flow_dir/modules/open.so"
refused "writable by others" 'the file is writable by others; run: chmod go-w' open.so
printf 'no library\n' >"$flow_dir/modules/text.so"
refused "not an ELF file" 'cannot be loaded: ' text.so
cp "$built/good/ticker.so" "$flow_dir/modules/twice.so"
refused "a name twice" 'input ..ticker.. is loaded already, from .*/ticker.so' twice.so 0

# a folder that the policy names is a stranger's as well
cp "$built/broken/crash_entry.so" "$flow_dir/modules/"
policy ticker ', count: 20'
sed -i "s|^agent: {|agent: {modules.path: [$flow_dir/modules], |" "$flow_dir/policy.yml"
agent named --once
is "agent.modules.path: the run goes on" "$code" 0
is "agent.modules.path: collected" "$(of named collected)" 10
has "$flow_dir/named.log" 'module refused: .*crash_entry\.so: crashed \(.*\) in loading'
rm "$flow_dir/modules/crash_entry.so"

# a parent that ignores the end of its children leaves us that way, and it does not matter
cp "$built/broken/crash_load.so" "$flow_dir/modules/"
env --ignore-signal=CHLD "$cortexd" modules --modules "$flow_dir/modules" >"$flow_dir/list.txt" 2>&1
has "$flow_dir/list.txt" '^input +ticker'
has "$flow_dir/list.txt" '^refused .*crash_load\.so: crashed \(.*\) in loading'
rm "$flow_dir/modules/crash_load.so"

# what falls over when it is opened stops the policy that names it, and no other
cp "$built"/stubborn/*.so "$flow_dir/modules/"
opened() { # type or processor, words of the policy, words said
  rm -rf "$flow_dir/state" "$flow_dir/out"
  agent opened --once --modules "$flow_dir/modules"
  is "$1: exit code" "$code" 1
  is "$1: lines said" "$(wc -l <"$flow_dir/opened.log")" 1
  has "$flow_dir/opened.log" "$2"
  if [ -e "$flow_dir/state" ]; then bad "$1: state was touched"; fi
  "$cortexd" check-module "$flow_dir/modules/${1/-/_}.so" >"$flow_dir/check.txt"
  is "$1: check-module" "$?" 1
  has "$flow_dir/check.txt" "^failed +${3:-open} .*crashed \\("
}
policy crash-open
opened crash-open 'crash_open\.so: input "crash-open": crashed \(.*\) in open'
policy crash-close
opened crash-close 'crash_close\.so: input "crash-close": crashed \(.*\) in close' close
policy ticker ', count: 1, processors: [{crash-start: {}}]'
opened crash-start 'policy\.yml:2: .*crash_start\.so: processor "crash-start": crashed \(.*\) in open'

# what does not come back from a stop is ended, and named
hangs() { # type
  policy "$1"
  rm -rf "$flow_dir/state"
  "$cortexd" run -c "$flow_dir/policy.yml" --path.data "$flow_dir/state" --modules "$flow_dir/modules" >"$flow_dir/hang.log" 2>&1 &
  pid=$!
  for _ in $(seq 600); do grep -q 'mole: open' "$flow_dir/hang.log" && break; sleep 0.02; done
  sleep 0.3
  start=$(date +%s)
  kill -TERM "$pid"
  wait "$pid"
  is "$1: exit code" "$?" 3
  took=$(($(date +%s) - start))
  if [ "$took" -le 8 ]; then say "ok: $1: ended after $took s"; else bad "$1: $took s to end"; fi
  is "$1: lines that name it" "$(grep -c 'did not come back' "$flow_dir/hang.log")" 1
  has "$flow_dir/hang.log" "input ..it.. \\($1\\) did not come back within 3.5 s while stopping"
}
hangs hang-close
hangs hang-poll
"$cortexd" check-module "$flow_dir/modules/hang_close.so" --timeout 500ms >"$flow_dir/check.txt"
is "check-module of one that hangs: exit code" "$?" 1
has "$flow_dir/check.txt" '^failed +close .*did not come back within 0\.5 s'
