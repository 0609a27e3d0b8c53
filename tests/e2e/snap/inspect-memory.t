#!/bin/bash
# 'heapsnap inspect --leaks' takes no more memory than --max-memory: where that would
# not do, it says so, and tells counts and types as it does without --leaks. What it
# took is in JSON. When not even the counts can be had, it is refused.
# Plain: sanitizers take memory of their own.
. "${0%/*}/../lib.sh"

# took FILE: bytes.
took() {
	jq .cost.memory_bytes "$1"
}

# counted FILE: all of it that does not depend on --leaks.
counted() {
	jq -c '[.totals, (.types | map(del(.leaked))), (.classes | map([.size, .live,
		.cached, .looked_at]))]' "$1"
}

start_victim shop --sessions 150000
undisturbed_before "$V_PID"
run heapsnap inspect -p "$V_PID" -o "$TMP/counts.json"
is "$status $err" '0 ' 'a heap is looked at'
run heapsnap inspect -p "$V_PID" --leaks -o "$TMP/leaks.json"
is "$status $err" '0 ' 'and its pointers'
# 21 bytes each, and pointers.
objects=$(jq .totals.live.objects "$TMP/leaks.json")
less=$(took "$TMP/counts.json") more=$(took "$TMP/leaks.json")
between $((more - less)) $((objects * 21)) $((objects * 200)) \
	'which takes memory, by what it says'
is "$(jq -c '[.reach_left_out, (.reach | type)]' "$TMP/leaks.json")" \
	'[null,"object"]' 'nothing is left out'

# Where even the records are too many, and twice in the scan of memory.
left_out='(the graph of [0-9]+ regions takes more than [0-9]+ MiB|the heap has more than [0-9]+ slabs and large allocations)'
for part in 3 10 30; do
	most=$((less + (more - less) * part / 100))
	run heapsnap inspect -p "$V_PID" --leaks --max-memory "$most" \
		-o "$TMP/bounded.json"
	is "$status" 0 "with $part% of that it is looked at, too" || diag "$err"
	like "$err" "^heapsnap: leaks were not looked for: $left_out; --max-memory allows more\$" \
		'and it says what is left out'
	like "$(jq -r .reach_left_out "$TMP/bounded.json")" "^$left_out\$" \
		'also in JSON'
	is "$(jq -c '[.reach, .types[0].leaked]' "$TMP/bounded.json")" \
		'[null,null]' 'nothing is told of leaks'
	is "$(counted "$TMP/bounded.json")" "$(counted "$TMP/counts.json")" \
		'all else is as without --leaks'
	between "$(took "$TMP/bounded.json")" 1 $((most + (1 << 20))) \
		'it took no more'
done
run heapsnap inspect -p "$V_PID" --leaks --max-memory "$most"
like "$out" $'\nleaks were not looked for: the graph of [0-9]+ regions takes more than [0-9]+ MiB; --max-memory allows more\n' \
	'people are told in the report'
run heapsnap inspect -p "$V_PID" --leaks --max-memory $((2 * more)) -f json
is "$(jq '.reach.objects | .leaked_directly > 100000' <<<"$out")" true \
	'with enough they are looked for'

run heapsnap inspect -p "$V_PID" --max-memory 1K
is "$status" 6 'with too little for its records it is refused'
like "$err" '^heapsnap: its heap has more than 0 slabs: to know them all takes more than the 0 MiB of memory that are left for it
heapsnap: hint: --max-memory allows more' 'and what to do'
run heapsnap inspect -p "$V_PID" --max-memory 0
is "$status" 2 'none is no size'
assert_undisturbed "$V_PID"
stop_victim
done_testing
