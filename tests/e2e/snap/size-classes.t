#!/bin/bash
# The table of size classes is what the process itself reads through mallctl at
# the same moment, and what malloc_stats_print() writes there.
. "${0%/*}/../lib.sh"

start_victim hoarder
for row in '1000 8' '500 100' '300 1000' '77 14000' '50 20000' '20 300000' \
	'3 5000000' '2 20000000'; do
	# shellcheck disable=SC2086
	tell malloc $row
done
# What a first visit brings, a thread's beginnings, is there from then on.
run heapsnap stats -p "$V_PID"
undisturbed_before "$V_PID"

# own: "SIZE REGIONS" lines of the victim's.
own() {
	echo classes >&"$V_IN"
	while victim_line answer && [ "$answer" != end ]; do
		echo "${answer#class }"
	done
}
own | sort -n >"$TMP/own"
run heapsnap stats -p "$V_PID" -f json
is "$status" 0 'the statistics are read' || diag "$err"
assert_undisturbed "$V_PID"
jq -r '.snapshot.size_classes[] | select(.regions > 0) |
	"\(.size) \(.regions)"' <<<"$out" | sort -n >"$TMP/reported"
between "$(wc -l <"$TMP/own")" 8 200 'there are some size classes'

# The helper thread that reads has a few objects of its own meanwhile: its
# thread-local storage (glibc's _dl_allocate_tls()), at most three of a small
# class, and its cache in jemalloc, 28 KiB. malloc_stats_print() has a buffer of
# 64 KiB. Whatever else differs is wrong.
differences() {
	join -a 1 -a 2 -e 0 -o 0,1.2,2.2 <(sort "$1") <(sort "$2") |
		awk -v buffer="${3:-0}" '{
			d = $3 - $2
			if ($1 == buffer)
				d++
			most = $1 == 28672 ? 1 : $1 > 4096 ? 0 : 3
			if (d < 0 || d > most)
				print
		}'
}
is "$(differences "$TMP/own" "$TMP/reported")" '' 'as the victim has them'
for class in 8 112 1024 14336 20480 320000 327680 5242880 20971520; do
	own_class=$(grep "^$class " "$TMP/own")
	[ -n "$own_class" ] || continue
	[[ $class -lt 64 || $(grep "^$class " "$TMP/reported") = "$own_class" ]]
	result $? "of $class bytes: just as many" "$own_class" \
		"$(grep "^$class " "$TMP/reported")"
done

tell print "$TMP/print.json"
jq -r '.jemalloc as $j | [$j.arenas.bin, $j["stats.arenas"].merged.bins] |
	transpose[] | select(.[1].curregs > 0) |
	"\(.[0].size) \(.[1].curregs)"' "$TMP/print.json" >"$TMP/printed"
jq -r '.jemalloc as $j |
	[$j.arenas.lextent, $j["stats.arenas"].merged.lextents] |
	transpose[] | select(.[1].curlextents > 0) |
	"\(.[0].size) \(.[1].curlextents)"' "$TMP/print.json" >>"$TMP/printed"
is "$(differences "$TMP/printed" "$TMP/reported" 65536)" '' \
	'and as malloc_stats_print() has them'
stop_victim
done_testing
