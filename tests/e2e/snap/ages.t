#!/bin/bash
# A snapshot of a process that profiles tells of each stack how old its sampled
# allocations are, right to the second, and what they are: as many as are in the dump,
# without those that were freed, of C++ programs with symbols and without. The files
# that are kept say the same. Nothing is stopped or called for it. $JEMALLOC is the
# library that the program runs with, the installed one by default.
. "${0%/*}/../lib.sh"

# now: by the victim's clock.
now() {
	tell now
	echo "${answer#now }"
}

# aged US: it is at least so late.
aged() {
	[ "$(now)" -ge "$1" ]
}

# row FUNCTION FILTER: of the row of that function in $out.
row() {
	jq -c --arg of "$1" '[.stacks[] | select(any(.frames[];
		.function // "" | startswith($of)))][0] | '"$2" <<<"$out"
}

# ages FUNCTION NAME OLDEST-BEFORE OLDEST-AFTER MEDIAN-BEFORE MEDIAN-AFTER: when they
# were made; the snapshot was taken between $begun and $ended. A clock of jemalloc's is
# 10 ms coarse at most.
ages() {
	between "$(row "$1" .age_us.oldest)" $((begun - $4 - 10000)) \
		$((ended - $3 + 10000)) "$2: how old the oldest is"
	between "$(row "$1" .age_us.median)" $((begun - $6 - 10000)) \
		$((ended - $5 + 10000)) "$2: how old half of them are"
}

# counted FILE: each stack of the dump has as many samples as it counts objects there.
counted() {
	awk '/^@/ { n++ } /^  t\*:/ && n > was { was = n; print n - 1, $2 }' "$1" |
		sed 's/:$//' >"$TMP/want"
	sed -n 's/^# heapsnap samples \([0-9]*\) \([0-9]*\) .*/\1 \2/p' "$1" \
		>"$TMP/have"
	between "$(wc -l <"$TMP/want")" 3 100 'the dump has some stacks'
	is "$(<"$TMP/have")" "$(<"$TMP/want")" 'and the same number is found of each'
}

# same FILE: a report of the file says what $out does.
same() {
	local ages='[.stacks[] | [.samples, .age_us, .type, .type_share]]'
	is "$(heapsnap report -q "$1" -f json | jq -c "$ages")" \
		"$(jq -c "$ages" <<<"$out")" 'the kept file says the same'
}

# --- each allocation is sampled --------------------------------------------------

LD_PRELOAD=${JEMALLOC:-} MALLOC_CONF=prof:true,lg_prof_sample:0 start_victim ages
tell make order 50
read -r _ order_0 order_1 <<<"$answer"
tell make block 9
poll_until aged $((order_1 + 1500000))
tell make order 150
read -r _ order_2 order_3 <<<"$answer"
tell make note 40
read -r _ note_0 note_1 <<<"$answer"
tell make block 11
read -r _ block_0 block_1 <<<"$answer"
tell free order 10
is "$answer" 'freed 190' 'some objects are freed'
tell free block 9
is "$answer" 'freed 11' 'and some blocks'
poll_until aged $((note_1 + 1000000))
undisturbed_before "$V_PID"
begun=$(now)
run heapsnap -p "$V_PID" -n 1 --save "$TMP" -f json
status_of=$status
ended=$(now)
is "$status_of" 0 'a snapshot is taken' || diag "$err"
is "$(row make_order '[.objects, .samples, .type, .type_share]')" \
	'[190,190,"shop::order",1]' 'objects of a class'
ages make_order 'objects' "$order_0" "$order_1" "$order_2" "$order_3"
is "$(row make_note '[.objects, .samples, .type, .type_share]')" \
	'[40,40,"text",1]' 'text'
ages make_note 'text' "$note_0" "$note_1" "$note_0" "$note_1"
is "$(row make_block '[.objects, .samples, .type, .type_share]')" \
	'[11,11,"zeros",1]' 'blocks, without those in the cache of a thread'
ages make_block 'blocks' "$block_0" "$block_1" "$block_0" "$block_1"
is "$(jq '[.stacks[] | select(.objects != .samples)] | length' <<<"$out")" 0 \
	'all stacks have as many samples as objects'
counted "$TMP"/*.heap
same "$TMP"/*.heap
run heapsnap report -q --top 0 "$TMP"/*.heap
like "$out" 'age of 190 samples: median [0-9.]+ s, oldest [0-9.]+ s; type:'\
' shop::order \(100%\)' 'and people are told'
unlike "$(cat "$TMP"/*.heap)" nnnnnn 'what the text says is in no file'

# A diff tells of what is there after it.
mv "$TMP"/*.heap "$TMP/before"
tell make order 500
run heapsnap -p "$V_PID" --base "$TMP/before" --save "$TMP" -f json
is "$(row make_order '[.objects, .samples]')" '[500,690]' \
	'what grew has ages and types, too'
run heapsnap diff -q "$TMP/before" "$TMP"/heapsnap.*.heap
like "$out" 'age of 690 samples: median [0-9.]+ m?s, oldest [0-9.]+ s; type:'\
' shop::order \(100%\)' 'which people are told'

# Not to look at contents leaves the ages.
run heapsnap -p "$V_PID" -n 1 --no-save --no-contents -f json
is "$(row make_order '[.samples, (.age_us.oldest > 0), .type, .type_share]')" \
	'[690,true,null,null]' '--no-contents looks at no contents'
run heapsnap -p "$V_PID" -n 1 --no-save --no-contents
unlike "$out" 'shop::order' 'nor is there a type for people'
like "$out" 'age of 690 samples' 'but an age'
assert_undisturbed "$V_PID"
stop_victim

# --- samples -----------------------------------------------------------------------

for victim in shop stripped-shop; do
	LD_PRELOAD=${JEMALLOC:-} \
		MALLOC_CONF=prof:true,lg_prof_sample:11,prof_unbias:false \
		start_victim $victim --sessions 10000
	undisturbed_before "$V_PID"
	run heapsnap -p "$V_PID" -n 1 --save "$TMP" -f json
	is "$status" 0 "a snapshot of $victim is taken" || diag "$err"
	is "$(jq -c '[.stacks[] | select(.type // "" | startswith("shop::")) |
		[.type, .type_share]] | unique' <<<"$out")" \
		'[["shop::request",1],["shop::session",1]]' \
		'its classes are named'
	counted "$TMP/heapsnap.$victim."*.heap
	assert_undisturbed "$V_PID"
	stop_victim
done
done_testing
