#!/bin/bash
# Others find the same: jeprof reads our snapshot file and adds up the same
# total, and a dump that jemalloc writes when the program itself calls mallctl()
# has the same stacks with the same numbers, to the byte.
. "${0%/*}/../lib.sh"

jeprof_total() {
	jeprof --text --show_bytes "$VICTIMS/leaker" "$1" 2>/dev/null |
		sed -n 's/^Total: \([0-9]*\) B$/\1/p'
}

# same_total FILE NAME
same_total() {
	local total stacks
	run heapsnap report "$1" -f json
	read -r total stacks <<<"$(jq -r '"\(.totals.bytes) \(
		.stacks | length)"' <<<"$out")"
	diag "heapsnap: $total bytes, jeprof: $(jeprof_total "$1")"
	# Each stack's is rounded.
	between "$(jeprof_total "$1")" $((total - stacks)) $((total + stacks)) \
		"$2"
}

MALLOC_CONF=prof:true,lg_prof_sample:10 start_victim leaker --busy 1
for size in 8 100 3000 50000; do
	tell leak 500 "$size"
	tell upload 200 "$size"
done
undisturbed_before "$V_PID"
run heapsnap -p "$V_PID" -n 1 -o "$TMP/sampled.heap"
is "$status" 0 'a snapshot with samples' || diag "$err"
same_total "$TMP/sampled.heap" 'jeprof finds the same total in it'
assert_undisturbed "$V_PID"
stop_victim

MALLOC_CONF=prof:true,lg_prof_sample:0 start_victim leaker --idle 2
for size in 8 100 3000 50000; do
	tell leak 500 "$size"
	tell upload 200 "$size"
done
undisturbed_before "$V_PID"
run heapsnap -p "$V_PID" -n 1 -o "$TMP/exact.heap"
is "$status" 0 'a snapshot of every allocation' || diag "$err"
same_total "$TMP/exact.heap" 'jeprof finds the same total in it, too'
assert_undisturbed "$V_PID"

# The names of functions that both have.
jeprof --text --show_bytes "$VICTIMS/leaker" "$TMP/exact.heap" 2>/dev/null |
	awk '$6 ~ /^(leak_site|parse_body|handle_request|read_chunk|main)$/ {
		print $6, $4 }' | sort >"$TMP/jeprof"
run heapsnap report "$TMP/exact.heap" -f json
jq -r '.stacks[] | .bytes as $bytes | [.frames[].function] | unique[] |
	select(. != null) | "\(.) \($bytes)"' <<<"$out" |
	awk '{ n[$1] += $2 } END { for (f in n) print f, n[f] }' |
	grep -E '^(leak_site|parse_body|handle_request|read_chunk|main) ' |
	sort >"$TMP/ours"
is "$(cat "$TMP/ours")" "$(cat "$TMP/jeprof")" \
	'and the same for each function, with those it called'
is "$(wc -l <"$TMP/jeprof")" 5 'which are five'

# The call that heapsnap makes, by the program itself.
dump=$TMP/own.heap
tell dump "$dump"
is "$(heartbeat "$V_PID" harmed)" '' 'the program has jemalloc write a dump'

# A line a stack: its numbers and its addresses.
stacks() {
	sed '/^MAPPED_LIBRARIES/,$d' "$1" |
		awk '/^@/ { stack = $0 } /^  t\*:/ && stack { print $0, stack }' |
		sort
}
stacks "$dump" >"$TMP/own.stacks"
stacks "$TMP/exact.heap" >"$TMP/ours.stacks"
is "$(cat "$TMP/ours.stacks")" "$(cat "$TMP/own.stacks")" \
	'it has the same stacks with the same numbers'
between "$(wc -l <"$TMP/ours.stacks")" 3 1000 'of which there are some'
run heapsnap diff "$TMP/exact.heap" "$dump" -f json
is "$(jq -c '[.stacks, .totals.bytes, .totals.grown_bytes]' <<<"$out")" \
	'[[],0,0]' 'and so heapsnap finds nothing that has changed'
stop_victim
done_testing
