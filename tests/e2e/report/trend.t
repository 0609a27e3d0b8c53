#!/bin/bash
# Three and more snapshots are a trend, not a sum: a leak, a cache that comes
# and goes, and what grew once are distinguished, with sampling and without.
. "${0%/*}/../lib.sh"

# verdict FILE FUNCTION
verdict() {
	jq -r ".stacks[] | select(.frames[0].function == \"$2\") |
		.trend | \"\(.verdict), \(.steps_grown) of \(.steps)\"" "$1"
}

for sampled in 0 14; do
	cd "$TMP" || exit 1
	rm -f step*.heap
	MALLOC_CONF=prof:true,lg_prof_sample:$sampled start_victim trends
	undisturbed_before "$V_PID"
	for step in 1 2 3 4 5 6 7; do
		tell step
		is "$answer" "step $step" 'the victim goes on'
		heapsnap -q -p "$V_PID" -n 1 -o "step$step.heap" || fail 'snap'
	done
	how="lg_prof_sample:$sampled"
	run heapsnap diff step*.heap -o trend.json
	is "$status$err" 0 "a trend, $how"
	is "$(jq -r '.kind, (.snapshots | length)' trend.json | paste -sd' ')" \
		'trend 7' 'of seven snapshots'
	is "$(verdict trend.json leaks)" 'steady leak, 6 of 6' 'a steady leak'
	is "$(verdict trend.json cycles)" 'cycles, 3 of 6' 'a cache'
	like "$(verdict trend.json grows_once)" '^step, ' 'growth, once'
	is "$(verdict trend.json stays)" '' 'what stays is not shown'
	assert_undisturbed "$V_PID"
	stop_victim
done

run heapsnap diff step*.heap
like "$out" '#[0-9]+  \+.* MiB .*
    [_.,*#=+-]{7}  \+.*/s \+- .*/s  grew in 6 of 6 steps  steady leak
(    age [^
]*
)?    leaks ' 'in words'
like "$out" '  trend   [_.,*#=+-]{7}  ' 'also for all of it'
sorted=$out
run heapsnap diff step7.heap step{2,3,4,5,6}.heap step1.heap
is "$out" "$sorted" 'the order of the files does not matter'

# --- not a sum ---------------------------------------------------------------

run heapsnap diff step7.heap step7.heap step7.heap -f json
is "$(jq -r '.trend.verdict, (.stacks | length), .totals.bytes' <<<"$out" |
	paste -sd' ')" 'flat 0 0' 'one dump three times is flat'
is "$(jq -r '(.trend.bytes | unique | length),
	(.after.bytes - .trend.bytes[0] | fabs < 100)' <<<"$out" |
	paste -sd' ')" '1 true' 'and as large as one'

run heapsnap diff "$ROOT"/tests/data/jemalloc-5.3.0-exact{,-restarted,-restarted}.heap
like "$out" '\+546\.9 KiB a step|\+273\.4 KiB a step' \
	'without times the slope is by steps'
like "$out" 'grown .* 1 stack' 'and a restart makes no other stack'

# --- live --------------------------------------------------------------------

MALLOC_CONF=prof:true,lg_prof_sample:0 start_victim leaker --rate 3000000
undisturbed_before "$V_PID"
# On a busy machine it may not leak at all for a second, and is no steady leak then.
for _ in 1 2 3; do
	rm -f "$TMP"/heapsnap.leaker.*.heap
	run heapsnap -q -p "$V_PID" -n 4 -i 1s --save "$TMP" -f json
	seen="$(jq -r '.kind, (.snapshots | length), .trend.slope_per,
		.stacks[0].trend.verdict, .stacks[0].frames[0].function' <<<"$out" |
		paste -sd' ')"
	[[ $seen != *steady* ]] || break
done
is "$status" 0 'four snapshots of a live process'
is "$seen" 'trend 4 second steady leak leak_site' 'are a trend'
ok 'that knows the rate' test "$(jq '.stacks[0].trend.slope_bytes |
	. > 2400000 and . < 3600000' <<<"$out")" = true
saved=("$TMP"/heapsnap.leaker.*.heap)
is "${#saved[@]}" 4 'and are kept'
assert_undisturbed "$V_PID"
stop_victim
done_testing
