#!/bin/bash
# A redis that has many old keys, some of which are overwritten all the time: what
# is added beside them, by another command or by the same, is named and sure, also
# when redis makes a larger table for its keys meanwhile; what is overwritten is
# not, however fast. The net change is what redis itself counts.
#
# A report may be wrong by chance, in one of twenty: what a row does not show is asked
# once more, over ten seconds, and holds then.
#
# Alone: how much is added and overwritten in a second is a matter of CPU time.
# Plain: what is added in a second, and by how much it is sure, is measured.
. "${0%/*}/../lib.sh"

command -v redis-server >/dev/null || skip_all 'there is no redis-server'

# look SECONDS ROW...: a line in $TMP/table for each, after two of its head.
look() {
	local seconds=$1

	shift
	"$ROOT/tests/bench/redis_sure" "$HEAPSNAP" 128 "$seconds" 17 "$@" \
		>"$TMP/table" 2>"$TMP/err"
	is $? 0 "heapsnap looks at redis: $*" || diag "$(cat "$TMP/err")"
	diag "$(cat "$TMP/table")"
}

# field N: of the current row.
field() {
	awk -F ' *[|] *' -v n="$1" '{ print $(n + 1) }' <<<"$row"
}

# Both are rounded.
counts_right() {
	awk -v a="$added" -v net="$net" 'BEGIN {
		split(net, b, " ± ")
		off = a > b[1] ? a - b[1] : b[1] - a
		exit off > 2 * b[2] + 0.15 && off > 0.05 * a
	}'
}

# tell NAME: whether what the current row of that name says is so, and what is not.
tell() {
	local grown of_set='zmalloc_usable \+[0-9.]+'
	local of_push='pushGenericCommand \+[0-9.]+'

	added=$(field 2) net=$(field 3) grown=$(field 4)
	counts_right ||
		echo "$net is not within two printed errors, or 5%, of $added"
	case $1 in
	set-*) [[ $grown =~ $of_set ]] || echo "what is added is not sure" ;;
	push-*) [[ $grown =~ $of_push ]] || echo "what is added is not sure" ;;&
	push-* | none-*)
		[[ $grown != *zmalloc_usable* ]] ||
			echo "what is overwritten is sure"
		;;&
	none-*) [[ $grown != *push* ]] || echo "what is over is sure" ;;
	esac
}

# 131,072 keys are what redis has a table for: the first row has more.
rows=(set-slow set-slow push-slow none-slow set-fast push-fast none-fast)
look 4 "${rows[@]}"
cp "$TMP/table" "$TMP/first"
for i in "${!rows[@]}"; do
	row=$(sed -n $((i + 3))p "$TMP/first")
	wrong=$(tell "${rows[i]}")
	if [ -n "$wrong" ]; then
		diag "${rows[i]}: $wrong"
		look 10 "${rows[i]}"
		row=$(sed -n 3p "$TMP/table")
		wrong=$(tell "${rows[i]}")
	fi
	is "$wrong" '' "${rows[i]}: what is added is counted and sure, nothing else"
done
done_testing
