#!/bin/bash
# A process that was restarted has all of its code at other addresses, and
# may have it in other files; its stacks are the same for all that. What leaks
# as much in each run has not changed, what leaks more has grown by just that.
. "${0%/*}/../lib.sh"

[ "$(cat /proc/sys/kernel/randomize_va_space)" != 0 ] ||
	skip_all 'addresses are not randomized here'

export MALLOC_CONF=prof:true,lg_prof_sample:0

# one_run NAME: takes a snapshot of the current victim and ends it.
one_run() {
	undisturbed_before "$V_PID"
	run heapsnap -p "$V_PID" -n 1 -o "$TMP/$1.heap"
	is "$status" 0 "$1 run" || diag "$err"
	assert_undisturbed "$V_PID"
	stop_victim
}

# addresses FILE: of the first stack through leak_site, leaf first.
addresses() {
	heapsnap report "$1" -f json | jq -c '[.stacks[] |
		select(.frames[0].function == "leak_site")][0].frames |
		[.[] | .address]'
}

start_victim leaker --idle 1
tell leak 100 1000
tell upload 20 5000
one_run first

start_victim leaker --idle 1
tell leak 100 1000
tell upload 20 5000
one_run second

is_not "$(addresses "$TMP/second.heap")" "$(addresses "$TMP/first.heap")" \
	'the code is at other addresses'
is "$(addresses "$TMP/second.heap" | jq length)" \
	"$(addresses "$TMP/first.heap" | jq length)" 'as many of them'
run heapsnap diff "$TMP/first.heap" "$TMP/second.heap" -f json
is "$(jq -c '[.stacks[] | [.bytes, .frames[].function]]' <<<"$out")" '[]' \
	'nothing is gone, new or changed'
is "$(jq -c '[.before.bytes, .before.objects]' <<<"$out")" \
	"$(jq -c '[.after.bytes, .after.objects]' <<<"$out")" 'all is as before'
like "$(heapsnap diff "$TMP/first.heap" "$TMP/second.heap")" \
	'Nothing grew: no stack holds more or less than before\.' 'which is said'

# The same program, installed elsewhere.
mkdir "$TMP/elsewhere"
cp "$VICTIMS/leaker" "$TMP/elsewhere/service"
VICTIMS=$TMP/elsewhere start_victim service --idle 1
tell leak 150 1000
tell upload 15 5000
one_run third
run heapsnap diff "$TMP/first.heap" "$TMP/third.heap" -f json
is "$(jq -c '[.stacks[] | [.bytes, .objects, .frames[2].function,
	.before.objects, .after.objects]]' <<<"$out")" \
	'[[51200,50,"handle_request",100,150],[-25600,-5,"handle_upload",20,15]]' \
	'from another file: the change of each stack, and no other'
done_testing
