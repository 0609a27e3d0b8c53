#!/bin/bash
# What a program allocates through is nobody's fault: rows are of its callers.
# What only looks like a wrapper, and has one caller, stays.
. "${0%/*}/../lib.sh"

cd "$TMP" || exit 1
export HOME=$TMP XDG_CONFIG_HOME=

# functions ARGUMENT...: those of the rows of a report, the largest first.
functions() {
	run heapsnap report "$@" --by function -f csv
	is "$status$err" 0 "report $*"
	names=$(python3 -c 'import csv, sys
for row in csv.DictReader(sys.stdin):
    print(row["function"])' <<<"$out")
}

export MALLOC_CONF=prof:true,lg_prof_sample:0
start_victim dispenser
unset MALLOC_CONF
run heapsnap -p "$V_PID" -n 1 -o leak.heap
is "$status" 0 'a snapshot is taken'
stop_victim

functions leak.heap
is "$(head -10 <<<"$names" | paste -sd' ')" \
	'hoard grow_malloc make_words make_users make_table make_icons make_pages make_fonts make_names make_index' \
	'the callers of dispense, and what has one caller'
functions leak.heap --fold allocator
is "$(head -3 <<<"$names" | paste -sd' ')" 'dispense hoard grow_malloc' \
	'--fold allocator: no wrappers'
functions leak.heap --fold none
unlike $'\n'"$names" $'\nmake_' '--fold none: neither'
functions leak.heap --fold '^(hoard|grow_malloc)$'
is "$(head -1 <<<"$names")" serve '--fold REGEX adds'
functions leak.heap --fold hoard --fold grow_mal
is "$(head -1 <<<"$names")" serve 'each one'

# A program of APR, as its authors build it and distributions strip it.
functions "$ROOT/tests/data/apr.heap"
is "$(head -7 <<<"$names" | sort | paste -sd' ')" \
	'make_index make_names make_pages make_pools make_table make_users make_words' \
	'APR: those who allocate from pools'
functions "$ROOT/tests/data/apr.heap" --fold allocator
like "$names" '^libapr.*apr_palloc|^libapr' 'APR: through functions without names'
like "$(heapsnap report "$ROOT/tests/data/apr.heap")" 'through apr_ps?printf' \
	'APR: the outermost of them is named'

run heapsnap report leak.heap
like "$out" '  through dispense
(    age [^
]*
)?    make_words ' 'a row says what its first function allocates through'
unlike "$out" '
 +dispense ' 'which is no frame of it'
run heapsnap report leak.heap -v
like "$out" '
    dispense  .*
    make_words ' '-v: but with all frames'
unlike "$out" through 'said once'
for format in tree svg dot; do
	run heapsnap report leak.heap -f "$format"
	like "$out" make_words "$format has the callers"
	unlike "$out" 'dispense[^r]' "$format: and no wrapper"
	run heapsnap report leak.heap -f "$format" --fold none
	like "$out" 'dispense[^r]' "$format --fold none: it has"
done

run heapsnap report leak.heap --fold hoard --fold grow_mal
like "$(head -5 <<<"$out")" serve 'the first lines name a caller, too'
unlike "$(head -5 <<<"$out")" '(MiB|from)  ?(hoard|grow_malloc|dispense) ' 'and no wrapper'

mkdir -p .config/heapsnap project/src
echo 'fold ^hoard$' >.config/heapsnap/config
functions leak.heap
like "$names" ^serve "the user's own config"
printf '# ours\n\n fold grow_mal \n' >project/.heapsnap
cd project/src || exit 1
functions ../../leak.heap
unlike "$names" 'hoard|grow_malloc' "and that of the project, from above"
chmod o+w ../.heapsnap
run heapsnap report ../../leak.heap --by function
like "$err" "^heapsnap: '$TMP/project/.heapsnap' is not read: others than you" \
	'one that everybody can write to is not read'
like "$out" grow_malloc 'and does nothing'
chmod o-w ../.heapsnap
echo 'fold (' >>../.heapsnap
run heapsnap report ../../leak.heap
is "$status $err" \
	"2 heapsnap: $TMP/project/.heapsnap:4: invalid --fold '(': Unmatched ( or \\(" \
	'a mistake has its line'
echo 'hide x' >../.heapsnap
run heapsnap report ../../leak.heap
is "$status $err" \
	"2 heapsnap: $TMP/project/.heapsnap:1: expected 'fold REGEX'" \
	'so has what is something else'
done_testing
