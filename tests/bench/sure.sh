#!/bin/bash
#
# How surely a leak is seen in a large old heap: each row is so many runs of
# 'heapsnap -p PID -i 10s' on one process.
#
#	tests/bench/sure.sh [RUNS] [STOCK_MIB] [ROW]
#
# Prints for each row the runs in which the leaking stack was significant, those
# in which its verdict was a steady leak, the median and the largest error of it,
# and the runs in which another row was called significant. RUNS is 20, the stock
# 1024 MiB; ROW is the name of one of them, all by default. Takes RUNS * 10 s for each
# of the rows, which may be run side by side.
set -u
here=${0%/*}
HEAPSNAP=${HEAPSNAP:-$here/../../heapsnap}
VICTIMS=${VICTIMS:-$here/../../build/victims}
runs=${1:-20} stock=$((${2:-1024} << 20)) only=${3:-}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# row NAME ARGUMENT...: of the victim.
row() {
	local name=$1 n
	shift
	[ "${only:-$name}" = "$name" ] || return 0
	mkfifo "$work/in"
	MALLOC_CONF=prof:true,lg_prof_sample:19 "$VICTIMS/stock" --life 7200 \
		--stock $stock "$@" <"$work/in" >"$work/out" &
	local victim=$!
	exec 3>"$work/in"
	until grep -q '^ready' "$work/out"; do sleep 0.2; done
	echo begin >&3
	rm -f "$work"/report.*
	for ((n = 0; n < runs; n++)); do
		"$HEAPSNAP" -p $victim -i 10s --no-save -f json \
			>"$work/report.$n" || echo "run $n failed" >&2
	done
	echo quit >&3
	exec 3>&-
	wait $victim
	rm "$work/in"
	jq -rs --arg name "$name" '
		def leak: .stacks | map(select(any(.frames[];
			.function == "stack_10"))) | max_by(.bytes) // empty;
		def mib: if . then . / 1048576 * 10 | round / 10 else "-" end;
		[.[] | leak] as $leaks |
		($leaks | map(.bytes_se) | sort) as $errors |
		[$name, ($leaks | map(select(.significant)) | length),
		($leaks | map(select(.trend.verdict == "steady leak")) | length),
		($errors[$errors | length / 2 | floor] | mib),
		($errors[-1] | mib),
		(map(select(.stacks | any(.significant and .bytes > 0 and
			(any(.frames[]; .function == "stack_10") | not)))) |
			length)] | @tsv' "$work"/report.*
}

printf 'process\tsignificant\tsteady\tmedian error MiB\tlargest\tothers\n'
leak=$((2 << 20))
# A share of the stock in ten seconds, as a rate.
share() {
	echo $((stock * $1 / 100 / 10))
}
row 'one stack, 2 MiB/s' --rate $leak
row 'one stack, 2 MiB/s, 1% replaced' --rate $leak --churn "$(share 1)"
row 'of ten of a class among 40' --rate $leak --stacks 40 --classes 4
row 'of ten of a class among 40, 1% replaced' --rate $leak --stacks 40 \
	--classes 4 --churn "$(share 1)"
row 'quiet'
row 'quiet, 20% replaced' --stacks 40 --classes 4 --churn "$(share 20)"
