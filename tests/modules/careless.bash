#!/bin/bash
# check-module finds each rule that a module breaks at work, and says so in one line; it finds nothing in one that breaks none.
# shellcheck source=tests/flow/flow.bash
. "$(dirname "$0")/../flow/flow.bash"
umask 022
cp "$flow_build"/tests/modules/careless/*.so "$flow_build"/tests/modules/good/sieve.so "$flow_dir/"
check() { # module, words of check-module..; its exit code in $code
  local name=$1
  shift
  "$cortexd" check-module "$flow_dir/$name.so" "$@" >"$flow_dir/check.txt" 2>"$flow_dir/check.err"
  code=$?
}
careless() { # module, step, words
  check "$1"
  is "$1: exit code" "$code" 1
  is "$1: lines of failure" "$(grep -c '^failed' "$flow_dir/check.txt")" 1
  has "$flow_dir/check.txt" "^failed +$2 +.*$3"
}
check nothing
is "one that breaks no rule" "$code" 0
is "its lines" "$(wc -l <"$flow_dir/check.txt")" 7
is "its good lines" "$(grep -c '^ok' "$flow_dir/check.txt")" 7
careless leak close "careless: 1 of the host's blocks were not given back"
careless leak_builder close "careless: 1 of the host's blocks were not given back"
careless poll_value poll 'gave 42, which is none of enum cxd_poll'
careless no_reason poll 'failed without saying why'
careless busy poll 'asks to be polled again at once: wait_ms is 0'
careless cursor poll 'mark was given a cursor that is no BSON document'
careless foreign poll 'emit was given an event that event_new did not give'
careless option_twice options 'option "page\.size" stands twice, or below another'
careless option_below options 'option "page\.size" stands twice, or below another'
careless option_default options 'a default is not what its type asks for: default of option "page\.size"'
careless exits poll 'crashed \(exit code 0\)'

# what is expected of its documents
printf '{"message":"a \\"line\\""}\n' >"$flow_dir/right"
check nothing --expect "$flow_dir/right"
is "as expected" "$code" 0
has "$flow_dir/check.txt" '^ok +expect +careless: 1 documents are as expected'
for wrong in '' '{"message":"b"}' '{"message":"a \"line\""}\n{"more":1}' '{"message":"a \"line\""'; do
  printf '%b' "${wrong//\\\"/\\\\\"}" >"$flow_dir/wrong"
  check nothing --expect "$flow_dir/wrong"
  is "not as expected: $wrong" "$code" 1
  has "$flow_dir/check.txt" '^failed +expect .*/wrong:[12]: expected '
done
check nothing --documents
is "the documents" "$(tail -n 1 "$flow_dir/check.txt")" '{"message":"a \"line\""}'

# options and events
echo 'page.sice: 3' >"$flow_dir/options.yml"
check nothing --options "$flow_dir/options.yml"
is "an unknown option" "$code" 1
has "$flow_dir/check.txt" '^failed +open .*options\.yml:1: unknown option "page\.sice".*did you mean "page\.size"'
check nothing --options "$flow_dir/none.yml"
is "options that are not there" "$code" 1
echo 'no event' >"$flow_dir/events"
check sieve --events "$flow_dir/events"
is "an event that is none" "$code" 1
has "$flow_dir/check.txt" '^failed +process +sieve: the event is no JSON object'
check nothing --module other
is "a module that is not in the file" "$code" 1
has "$flow_dir/check.txt" '^failed +abi +there is no module "other" in it'
for words in '' '--polls' '--polls 0' '--timeout often' '--nonsense 1' "$flow_dir/nothing.so again"; do
  # shellcheck disable=SC2086 # words on purpose
  "$cortexd" check-module $words >"$flow_dir/check.txt" 2>&1
  is "words that are wrong: $words" "$?" 2
done
check none
is "a file that is not there" "$code" 1
has "$flow_dir/check.txt" '^failed +file .*No such file'
