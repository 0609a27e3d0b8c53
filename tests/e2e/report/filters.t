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
like "$out" '^allocations since the start of[[:space:]]' '--alloc says what it is'
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
like "$out" 'without 1 stack that suppressions leave out \(\+169\.7 MiB\)' \
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

# many SAMPLES ALLOCATED RSS: 100 stacks with so many samples of 64 bytes each,
# and what jemalloc and the kernel count.
many() {
	awk -v n="$1" 'BEGIN {
		printf "heap_v2/524288\n  t*: %d: %d [0: 0]\n", 100 * n,
			6400 * n
		for (i = 0; i < 100; i++)
			printf "@ 0x%x 0x1000\n  t*: %d: %d [0: 0]\n" \
				"  t0: %d: %d [0: 0]\n", 4096 + i, n,
				64 * n, n, 64 * n }'
	printf '\nMAPPED_LIBRARIES:\n# heapsnap 1\n'
	printf '# heapsnap %s\n' "allocated $2" "active $2" "resident $3" \
		"mapped $3" "rss $3" end
}
many 4 $((200 << 20)) $((300 << 20)) >few.heap
many 6 $((200 << 20)) $((300 << 20)) >more.heap
run heapsnap diff few.heap more.heap --fail-above 50M
is "$status $err" \
	'1 heapsnap: growth of all stacks together of 100.0 MiB is above 50M' \
	'what is sure of all together, and of no stack, is growth'
for by in function line file module; do
	run heapsnap diff few.heap more.heap --fail-above 50M --by $by
	is "$status $err" \
		'1 heapsnap: growth of all stacks together of 100.0 MiB is above 50M' \
		"--by $by makes no difference"
done
run heapsnap diff few.heap more.heap --fail-above 101M
is "$status $err" '0 ' 'below it is not'
many 4 $((240 << 20)) $((301 << 20)) >counted.heap
run heapsnap diff few.heap counted.heap --fail-above 30M
is "$status $err" \
	'1 heapsnap: growth of what jemalloc has allocated of 40.0 MiB is above 30M' \
	'so is what jemalloc counts'
run heapsnap diff few.heap counted.heap --fail-above 30M --focus .
is "$status $err" '0 ' 'which is not of a part of the stacks'
many 4 $(((200 << 20) + 65536)) $((300 << 20)) >little.heap
run heapsnap diff few.heap little.heap --fail-above 0
is "$status $err" '0 ' 'a little more or less is no growth'
many 4 $((200 << 20)) $((360 << 20)) >resident.heap
run heapsnap diff few.heap resident.heap --fail-above 50M
is "$status $err" '0 ' 'memory outside of malloc is no growth of the heap'
run heapsnap diff few.heap resident.heap --fail-above 50M --fail-on rss
is "$status $err" \
	'1 heapsnap: growth of resident memory of 60.0 MiB is above 50M' \
	'but of resident memory'
run heapsnap diff few.heap resident.heap --fail-above 61M --fail-on rss
is "$status $err" '0 ' 'below the limit is not'
run heapsnap diff -q "$exact" few.heap --fail-above 50M --fail-on rss
is "$status $err" "2 heapsnap: '$exact' does not tell how much memory was \
resident: --fail-on rss cannot be told" 'where it is not known, that is said'
run heapsnap diff few.heap resident.heap --fail-on rss
is "$status" 2 'without a limit it is an error'
like "$err" '^heapsnap: --fail-on rss needs a limit: --fail-above SIZE' 'which says so'
done_testing
