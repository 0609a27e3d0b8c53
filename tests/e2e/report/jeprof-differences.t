#!/bin/bash
# Where heapsnap and jeprof do not say the same: each case, with what is true.
. "${0%/*}/../lib.sh"

data=$ROOT/tests/data
exact=$data/jemalloc-5.3.0-exact.heap
restarted=$data/jemalloc-5.3.0-exact-restarted.heap
cd "$TMP" || exit 1

# jeprof_total OPTION... FILE...: of "Total: 123 B", an integer.
jeprof_total() {
	jeprof --text --show_bytes "$@" 2>/dev/null |
		sed -n 's/^Total: \(-\{0,1\}[0-9]*\).* B$/\1/p'
}

# The truth is in tests/data/README.heap.md.
is "$(jeprof_total /bin/true "$exact")" 7179840 'one exact dump: jeprof is right'
run heapsnap report -q --bytes "$exact"
like "$out" 'live  7179840 B ' 'and heapsnap'

total=$(jeprof_total /bin/true "$exact" "$exact" "$exact")
is "$((total / 10))" "$((3 * 7179840 / 10))" \
	'of three dumps jeprof makes three times the heap'
run heapsnap diff -q --bytes "$exact" "$exact" "$exact"
like "$out" 'last   7179840 B ' 'for heapsnap it is as large as before'
like "$out" '  trend   ___  0 B a step .* flat' 'and did not change'

# 5,000 objects more, 560,000 B, in one place.
jeprof --text --show_bytes --base "$exact" /bin/true "$restarted" \
	>base.txt 2>/dev/null
ok 'after a restart jeprof finds a stack gone' grep -q '^ *-' base.txt
run heapsnap diff -q "$exact" "$restarted" -f json
is "$(jq -c '[.totals.grown_bytes, .totals.shrunk_bytes, (.stacks | length)]' \
	<<<"$out")" '[560000,0,1]' 'heapsnap finds what grew, and that only'

# One sample of 64 B.
printf '%s\n' heap_v2/524288 '  t*: 1: 64 [0: 0]' '  t0: 1: 64 [0: 0]' \
	'@ 0x401000' '  t*: 1: 64 [0: 0]' '  t0: 1: 64 [0: 0]' >one.heap
printf '%s\n' heap_v2/524288 '  t*: 0: 0 [0: 0]' >none.heap
is "$(jeprof_total --base none.heap /bin/true one.heap)" 524320 \
	'for jeprof one sample is half a MiB'
run heapsnap diff -q none.heap one.heap
like "$out" 'Nothing grew for sure: all changes are within the sampling noise' \
	'for heapsnap it is chance'

# dump FIRST SECOND: bytes at two sites.
dump() {
	printf '%s\n' heap_v2/1 '  t*: 2: 200 [0: 0]' '  t0: 2: 200 [0: 0]' \
		'@ 0x401000' "  t*: 1: $1 [0: 0]" "  t0: 1: $1 [0: 0]" \
		'@ 0x402000' "  t*: 1: $2 [0: 0]" "  t0: 1: $2 [0: 0]"
}
dump 1000 1000 >old.heap
dump 2000 100 >new.heap
like "$(jeprof --text --show_bytes --base old.heap /bin/true new.heap \
	2>/dev/null)" '1000 1000\.0%' 'jeprof: 1,000 bytes are 1000 %'
run heapsnap diff -q old.heap new.heap
like "$out" '#1  \+1000 B .* 100% of growth' 'heapsnap: all that grew'

is "$(jeprof_total --alloc_space /bin/true "$exact")" '' \
	'what was allocated, without prof_accum: jeprof says nothing'
run heapsnap report -q --alloc "$exact"
like "$err" 'prof_accum:true' 'heapsnap says why'

unlike "$(jeprof --text --thread=1 /bin/true "$exact" 2>/dev/null)" 'my worker' \
	'threads of jeprof have no names'
run heapsnap report -q --by thread "$exact"
like "$out" 'my worker \(t1\)' 'but had some'
done_testing
