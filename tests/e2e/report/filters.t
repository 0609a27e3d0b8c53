#!/bin/bash
# What the options make of a report: rows by something else than stacks, other
# numbers, fewer rows, and an exit status for scripts.
. "${0%/*}/../lib.sh"

data=$ROOT/tests/data
before=$data/searchd-before.heap
after=$data/searchd-after.heap
exact=$data/jemalloc-5.3.0-exact.heap
cd "$TMP" || exit 1

run heapsnap diff "$before" "$after" --by function
like "$out" $'#1  \\+169\\.7 MiB \\+- 10\\.5 MiB  .*\n    search::Cache::put +/srv/searchd' \
	"a function of the program's own code"
like "$out" 'grown .* 4 functions' 'functions are counted'
run heapsnap diff "$before" "$after" --by file -f json
is "$(jq -r '.by, .stacks[0].frames[0].file' <<<"$out" | paste -sd' ')" \
	'file /srv/searchd/src/cache/cache.cc' 'files in JSON'

run heapsnap report -q "$exact" --by thread
like "$out" '218\.8 KiB  7,000 objects .*
    my worker \(t1\)' 'threads by their names'
run heapsnap report -q "$exact" --thread worker --bytes
like "$out" 'live  224000 B  7,000 objects' 'what one thread allocated'
run heapsnap report "$data/jemalloc-3.6.0.heap" --by thread
is "$status $err" "2 heapsnap: '$data/jemalloc-3.6.0.heap' does not tell \
threads apart: only jemalloc 4.0 and later does" 'old dumps have no threads'

run heapsnap report -q "$data/jemalloc-5.3.1-accum.heap" --alloc
like "$out" '^allocations since the start of ' '--alloc says what it is'
like "$out" '#1  206\.8 MiB ' 'and shows what was freed'
run heapsnap report "$exact" --alloc
is "$status" 2 '--alloc without prof_accum is an error'
like "$err" "does not tell what was allocated since the start, only what is \
in use
heapsnap: hint: .*prof_accum:true" 'that says why'

run heapsnap diff "$before" "$after" --significant
unlike "$out" 'within noise' '--significant leaves noise out'
like "$out" 'without 1 stack within the sampling noise \(\+1\.0 MiB in all\)' \
	'and says so'
printf '%s\n' '# known' 'leak:Cache::put' >known
run heapsnap diff "$before" "$after" --suppressions known
like "$out" 'without 1 stack that --suppressions leave out \(\+169\.7 MiB\)' \
	'suppressed growth is counted'
unlike "$out" 'Cache::put' 'and not shown'
run heapsnap diff "$before" "$after" --hide 'Session|Server'
unlike "$out" 'Session::query' 'frames can be hidden'

run heapsnap diff "$before" "$after" --fail-above 150M
is "$status" 1 'growth above the limit is exit status 1'
is "$err" 'heapsnap: significant growth of 187.2 MiB is above 150M' 'it says so'
like "$out" '^heap growth' 'after the report'
run heapsnap diff "$before" "$after" --fail-above 200M
is "$status $err" '0 ' 'below it is not'
run heapsnap diff "$before" "$after" --fail-above 20M/s
is "$status" 0 'by the second: below'
run heapsnap diff "$before" "$after" --fail-above 18M/s
is "$status $err" '1 heapsnap: significant growth of 18.7 MiB/s is above 18M/s' \
	'and above'
run heapsnap diff "$before" "$after" --fail-above 100M --suppressions known
is "$status" 0 'what is suppressed does not count'
run heapsnap diff "$exact" "$exact" --fail-above 1/s
is "$status" 2 'without times there is no rate'
run heapsnap diff "$before" "$after" --fail-above 1Q
is "$err" "heapsnap: invalid --fail-above '1Q': want a size such as 10M, or 64K/s
heapsnap: hint: try 'heapsnap diff --help'" 'a limit is a size'
done_testing
