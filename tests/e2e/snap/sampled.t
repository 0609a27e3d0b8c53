#!/bin/bash
# Where allocations are sampled the change is an estimate, and its standard
# error is what it says: the truth, which the victim counts, is within three of
# them nearly always and within one about as often as it should be, so that the
# error is neither too small nor merely large.
. "${0%/*}/../lib.sh"

# jemalloc seeds the sampling of a thread with the address of its data (tsd.c,
# tsd_data_init()). Where that is the same each time, so are the samples: what
# passes once passes always.
if [ -z "${SAME_ADDRESSES:-}" ] && setarch -R true 2>/dev/null; then
	SAME_ADDRESSES=yes exec setarch -R "$0"
fi

# leak_stack SCALE: the stack's bytes and their error times SCALE, if it is told.
leak_stack() {
	jq -r ".stacks[] | select(.frames[0].function == \"leak_site\") |
		\"\(.bytes) \(.bytes_se * $1)\"" <<<"$out"
}

# measure RUNS TURN SIZE COUNT...: leaks so many objects of SIZE each time, by
# turns; TURN is "anew" when the older ones are freed each time, else "more". A
# line a run in $TMP/runs: truth, estimate, standard error.
measure() {
	local runs=$1 turn=$2 size=$3 run bytes=0 before told
	shift 3
	local -a counts=("$@") kept
	mkdir "$TMP/snapshots"
	run heapsnap -p "$V_PID" -n 1 --save "$TMP/snapshots"
	is "$status" 0 'a snapshot to begin with' || diag "$err"
	: >"$TMP/runs"
	for ((run = 0; run < runs; run++)); do
		before=$bytes
		[ "$turn" = more ] || tell free 4000000
		tell leak "${counts[run % ${#counts[@]}]}" "$size"
		bytes=${answer##* }
		run heapsnap -p "$V_PID" -n 1 --base last \
			--save "$TMP/snapshots" -f json
		[ "$status" = 0 ] || break
		told=$(leak_stack 1)
		# What has as many samples as before has not changed and is not
		# told, with no error. Both sides have the same one then.
		if [ -z "$told" ]; then
			kept=("$TMP"/snapshots/*)
			run heapsnap report "${kept[-1]}" -f json
			told="0 $(leak_stack 1.41421356 | cut -d ' ' -f 2)"
		fi
		echo "$((bytes - before)) $told" >>"$TMP/runs"
	done
	rm -r "$TMP/snapshots"
	is "$(wc -l <"$TMP/runs")" "$runs" "$runs intervals are measured" ||
		diag "$err"
}

# within N: in how many runs the truth was within N standard errors.
within() {
	awk -v n="$1" '{ d = $2 - $1; if (d < 0) d = -d }
		d <= n * $3 { k++ }
		END { print k + 0 }' "$TMP/runs"
}

told() {
	diag "within 1, 2, 3 standard errors: $(within 1), $(within 2), $(
		within 3) of $(awk '{ truth += $1; told += $2; error += $3 }
		END { printf "%d; in the mean %d bytes, told %d +- %d",
			NR, truth / NR, told / NR, error / NR }' "$TMP/runs")"
}

# Objects of 1000 bytes, 1024 usable: one in 4.5 is seen. Each interval's are
# freed in the next, so that the two sides of each change are independent, as
# the formula has it. 68 of 100 are within one standard error when it is right;
# 50 to 85 is four of their own around that.
MALLOC_CONF=prof:true,lg_prof_sample:12 start_victim leaker
undisturbed_before "$V_PID"
measure 100 anew 1000 300 400 350
told
between "$(within 3)" 98 100 '4 KiB: the truth is within 3 standard errors'
between "$(within 1)" 50 85 'and as often within one as it should be'

# What stays is the same sample on both sides: the error is an upper bound.
tell free 4000000
measure 50 more 1000 60
told
between "$(within 3)" 49 50 'what only grows is within 3, too'
UNDISTURBED_SLACK=1000 assert_undisturbed "$V_PID"
stop_victim

# When allocations are counted the error is that of what came: about 13 samples
# beside up to 1,300 that stay; of so few some are far off.
MALLOC_CONF=prof:true,lg_prof_sample:12,prof_accum:true start_victim leaker
undisturbed_before "$V_PID"
measure 100 more 1000 60 50 70
told
between "$(within 3)" 96 100 'counted: the truth is within 3 standard errors'
between "$(within 1)" 50 85 'and as often within one as it should be'
UNDISTURBED_SLACK=1000 assert_undisturbed "$V_PID"
stop_victim

MALLOC_CONF=prof:true,lg_prof_sample:19 start_victim leaker
undisturbed_before "$V_PID"
measure 100 anew 40000 400 300 350
told
between "$(within 3)" 98 100 '512 KiB: the truth is within 3 standard errors'
between "$(within 1)" 50 85 'and as often within one as it should be'
UNDISTURBED_SLACK=1000 assert_undisturbed "$V_PID"
stop_victim
done_testing
