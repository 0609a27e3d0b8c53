#!/bin/bash
# What a process did is told apart: a leak that goes on, also where two threads
# hand it over to each other, or where it begins slowly; what grew once; and a
# cache that is filled and emptied. Each change is what the process says of itself.
. "${0%/*}/../lib.sh"

MIB=$((1 << 20))
export MALLOC_CONF=prof:true,lg_prof_sample:16

# truth NAME: what the victim says of it now.
truth() {
	tell truth
	sed -n "s/.* $1=\([0-9]*\).*/\1/p" <<<"$answer"
}

# begun_for MS: that long ago the victim began, by its own clock.
begun_for() {
	[ "$(truth us)" -ge $(($1 * 1000)) ]
}

# look NAME OPTION...: $out is a report; $rate is by how many bytes a second what
# the victim calls NAME changed in that time, by the victim's clock.
look() {
	local name=$1 bytes us
	shift
	us=$(truth us) bytes=$(truth "$name")
	run heapsnap -p "$V_PID" --no-save -f json "$@"
	rate=$((($(truth "$name") - bytes) * 1000 / (($(truth us) - us) / 1000)))
	is "$status" 0 "a report on $name" || diag "$err"
}

# of FUNCTION: FIELD of the stack that goes through it, or of none.
of() {
	jq -r --arg function "$1" "[.stacks[] | select(any(.frames[];
		.function == \$function))] | max_by(.bytes | fabs) |
		$2" <<<"$out"
}

# grows FUNCTION WHAT: at $rate, within two printed errors and a quarter.
grows() {
	local slope error
	slope=$(of "$1" '.trend.slope_bytes | round')
	error=$(of "$1" '.trend.slope_bytes_se * 2 | ceil')
	between "$slope" $((rate * 3 / 4 - error)) $((rate * 5 / 4 + error)) "$2"
}

begin() {
	start_victim stock --stock $((64 * MIB)) "$@"
	undisturbed_before "$V_PID"
	tell begin
}

end() {
	UNDISTURBED_SLACK=$((256 * MIB)) assert_undisturbed "$V_PID"
	stop_victim
}

# On and on, beside what is replaced; the levels alone would be noise.
MALLOC_CONF=prof:true,lg_prof_sample:17 begin --rate $((4 * MIB)) --churn $MIB
look leaked -i 400ms -n 7
is "$(of stack_10 .significant)" true 'a leak is sure'
grows stack_10 'by as much as it is'
is "$(of stack_10 .trend.verdict)" 'steady leak' 'and goes on'
is "$(jq -r .trend.verdict <<<"$out")" 'steady leak' \
	'so it does for all stacks together'
look leaked -i 2s
is "$(of stack_10 .significant)" true 'it is sure in a single interval'
grows stack_10 'and as large'
is "$(jq -r .trend.verdict <<<"$out")" 'steady leak' \
	'also all stacks together'
end

# Two threads by turns, each stands still while the other leaks.
begin --rate $((8 * MIB)) --threads 2 --turn 500
poll_until begun_for 1200
look leaked -i 500ms -n 7
is "$(of stack_10 .significant)" true 'what threads hand over is one leak'
grows stack_10 'its size is the sum'
is "$(of stack_10 .trend.verdict)" 'steady leak' 'and it goes on'
end

# The rate goes up all the time.
begin --rate $((16 * MIB)) --slow 20000
poll_until begun_for 1000
look leaked -i 500ms -n 7
is "$(of stack_10 .significant)" true 'a slow start is seen'
grows stack_10 'by as much as it grew'
is "$(of stack_10 .trend.verdict)" 'steady leak' 'and it goes on'
end

# All at once, and then nothing, once the first snapshot is there.
start_victim stock --stock $((64 * MIB)) --burst $((24 * MIB)) --at 300 \
	--churn $((2 * MIB))
undisturbed_before "$V_PID"
mkdir "$TMP/kept"
heapsnap -p "$V_PID" -i 1s -n 9 --save "$TMP/kept" -f json >"$TMP/burst" \
	2>"$TMP/burst-err" </dev/null &
taker=$!
started $taker
is_kept() {
	compgen -G "$TMP/kept/*.heap" >/dev/null
}
ok 'a first snapshot' poll_until is_kept
tell begin
wait $taker
is $? 0 'and a report' || diag "$(cat "$TMP/burst-err")"
forget $taker
out=$(cat "$TMP/burst")
burst=$(truth burst)
is "$(of serve_burst .significant)" true 'a burst is a sure change'
between "$(of serve_burst .bytes)" \
	$((burst - $(of serve_burst '.bytes_se * 5 | ceil'))) \
	$((burst + $(of serve_burst '.bytes_se * 5 | ceil'))) 'of its size'
is "$(of serve_burst .trend.verdict)" step 'that came once'
# One of twenty that did not change is called significant; one in 10,000 is here.
is "$(of stack_10 '.p == null or .p > 1e-4')" true \
	'what is replaced beside it did not change'
end

# It is filled and emptied a little slower than it is looked at.
begin --cache $((32 * MIB)) --period 1100
look cache -i 700ms -n 9
like "$(of fill_cache .trend.verdict)" '^(cycles|noise)$' 'a cache leaks nothing'
end
done_testing
