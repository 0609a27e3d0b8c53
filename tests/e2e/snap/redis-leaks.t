#!/bin/bash
# A redis that has many old keys, some of which are overwritten all the time: what
# is added beside them, by another command or by the same, is named and sure, also
# when redis makes a larger table for its keys meanwhile; what is overwritten is
# not, however fast. The net change is what redis itself counts.
#
# Alone: how much is added and overwritten in a second is a matter of CPU time.
. "${0%/*}/../lib.sh"

command -v redis-server >/dev/null || skip_all 'there is no redis-server'

# 131,072 keys are what redis has a table for: the first row has more.
rows="set-slow set-slow push-slow none-slow set-fast push-fast none-fast"
# shellcheck disable=SC2086
"$ROOT/tests/bench/redis_sure" "$HEAPSNAP" 128 4 17 $rows >"$TMP/table" \
	2>"$TMP/err"
is $? 0 'heapsnap looks at redis' || diag "$(cat "$TMP/err")"
diag "$(cat "$TMP/table")"

# field N: of the current row.
field() {
	awk -F ' *[|] *' -v n="$1" '{ print $(n + 1) }' <<<"$row"
}

n=2
for name in $rows; do
	n=$((n + 1))
	row=$(sed -n ${n}p "$TMP/table")
	added=$(field 2) net=$(field 3) grown=$(field 4)
	ok "$name: what redis counts is within two printed errors, or 5%" awk \
		-v a="$added" -v net="$net" 'BEGIN {
			split(net, b, " ± ")
			off = a > b[1] ? a - b[1] : b[1] - a
			# Both are rounded.
			exit off > 2 * b[2] + 0.15 && off > 0.05 * a
		}'
	case $name in
	set-*)
		like "$grown" 'zmalloc_usable \+[0-9.]+' \
			"$name: what is added is sure"
		;;
	push-*)
		like "$grown" 'pushGenericCommand \+[0-9.]+' \
			"$name: what is added is sure"
		unlike "$grown" zmalloc_usable "$name: what is overwritten is not"
		;;
	none-*)
		unlike "$grown" 'zmalloc_usable|push' "$name: nothing is"
		;;
	esac
done
done_testing
