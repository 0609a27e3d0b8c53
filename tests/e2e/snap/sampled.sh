# shellcheck shell=bash
#
# What the tests of sampling share: the truth of many changes, which the victim
# counts, and what heapsnap made of each. Sourced after lib.sh.
#
# shellcheck disable=SC2154

# jemalloc seeds the sampling of a thread with the address of its data (tsd.c,
# tsd_data_init()). Where that is the same each time, so are the samples: what
# passes once passes always.
if [ -z "${SAME_ADDRESSES:-}" ] && setarch -R true 2>/dev/null; then
	rm -r "$TMP"
	SAME_ADDRESSES=yes exec setarch -R "$0"
fi

# leak_stack SCALE: the stack's bytes, and their error times SCALE; or nothing.
leak_stack() {
	jq -r ".stacks[] | select(.frames[0].function == \"leak_site\") |
		\"\(.bytes) \(.bytes_se * $1)\"" <<<"$out"
}

# measure RUNS TURN SIZE COUNT...: leaks so many objects of SIZE each time, by
# turns; TURN is "fresh" when the older ones are freed each time, else "more". A
# line a run in $TMP/runs: truth, estimate, standard error. OPTIONS are more ones of
# heapsnap's.
OPTIONS=()
measure() {
	local runs=$1 turn=$2 size=$3 run bytes=0 before shown
	shift 3
	local -a counts=("$@") saved
	mkdir "$TMP/snapshots"
	run heapsnap -p "$V_PID" -n 1 "${OPTIONS[@]}" --save "$TMP/snapshots"
	is "$status" 0 'a snapshot to begin with' || diag "$err"
	: >"$TMP/runs"
	for ((run = 0; run < runs; run++)); do
		before=$bytes
		[ "$turn" = more ] || tell free 4000000
		tell leak "${counts[run % ${#counts[@]}]}" "$size"
		bytes=${answer##* }
		run heapsnap -p "$V_PID" -n 1 "${OPTIONS[@]}" --base last \
			--save "$TMP/snapshots" -f json
		[ "$status" = 0 ] || break
		shown=$(leak_stack 1)
		# A stack with as many samples as before has not changed and is
		# not shown, nor its error. Both sides have the same one then.
		if [ -z "$shown" ]; then
			saved=("$TMP"/snapshots/*)
			run heapsnap report "${saved[-1]}" -f json
			shown="0 $(leak_stack 1.41421356 | cut -d ' ' -f 2)"
		fi
		echo "$((bytes - before)) $shown" >>"$TMP/runs"
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

# mean_error: the standard error, bytes, in the mean of all runs.
mean_error() {
	awk '{ error += $3 } END { printf "%d\n", error / NR }' "$TMP/runs"
}

# report_accuracy: of all runs, to read by eye.
report_accuracy() {
	diag "within 1, 2, 3 standard errors: $(within 1), $(within 2), $(
		within 3) of $(awk '{ truth += $1; estimate += $2; error += $3 }
		END { printf "%d; in the mean %d bytes, estimate %d +- %d",
			NR, truth / NR, estimate / NR, error / NR }' "$TMP/runs")"
}
