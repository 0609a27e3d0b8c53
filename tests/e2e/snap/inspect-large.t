#!/bin/bash
# 'heapsnap inspect' counts of large objects the bytes that they have: those of whole
# pages, which is what jemalloc 5.3.1 and later give them, or of size classes. All of
# them is looked at: what the last word of one points to is held by it. $JEMALLOC is
# the library that the program runs with, the installed one by default.
. "${0%/*}/../lib.sh"

# said WORD FIELD: of the line that the victim said.
said() {
	printf '%s\n' "${V_SAID[@]}" | awk -v of="$1" -v field="$2" \
		'$1 == of { print $field }'
}

for conf in '' 'cache_oblivious:false'; do
	LD_PRELOAD=${JEMALLOC:-} MALLOC_CONF=$conf start_victim tails
	undisturbed_before "$V_PID"
	run heapsnap inspect -p "$V_PID" --leaks -o "$TMP/tails.json"
	is "$status $err" '0 ' "large objects are looked at (${conf:-by default})"
	# Of 80 KiB the C++ library has one, where jemalloc is linked with it.
	is "$(jq '[.classes[] | select(.size > 32768 and .size != 81920) |
		.live.bytes] | add' "$TMP/tails.json")" \
		"$(said large 3)" \
		'they have the bytes that malloc_usable_size() says'
	is "$(jq '.totals.live.bytes + .totals.cached.bytes' "$TMP/tails.json")" \
		"$(said allocated 2)" 'as jemalloc counts in all'
	is "$(jq -c ".classes[] | select(.size == $(said small 2)) | .reach |
		[.held, .leaked_directly, .leaked_indirectly]" \
		"$TMP/tails.json")" "[$(said small 3),0,0]" \
		'what their last words point to is held'
	is "$(jq -c '[.reach.bytes | .held, .leaked_directly] |
		add' "$TMP/tails.json")" \
		"$(jq .totals.live.bytes "$TMP/tails.json")" \
		'and so many bytes are all of it'
	assert_undisturbed "$V_PID"
	stop_victim
done
done_testing
