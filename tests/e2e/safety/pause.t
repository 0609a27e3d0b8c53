#!/bin/bash
# A large profile costs the process no more than a small one: no thread of it is
# stopped for longer, and its memory does not grow while jemalloc writes tens of
# megabytes, which are taken away as they are written. Of snapshots within an
# interval it has as many as are cheap, and none that stops a thread for longer.
#
# Alone: how long a thread is stopped is measured.
# Plain: times and memory are those of what is used.
. "${0%/*}/../lib.sh"

# numbers FIELD FILE...: in the order of their size.
numbers() {
	jq "$1" "${@:2}" | sort -n | tr '\n' ' '
}

middle() {
	numbers "$@" | awk '{ print $int((NF + 1) / 2) }'
}

# snapshots N NAME: takes them of the current victim, reports to $TMP/NAME.N.
snapshots() {
	local i
	for ((i = 1; i <= $1; i++)); do
		run heapsnap -p "$V_PID" -n 1 --no-save --top 1 -f json
		is "$status" 0 "snapshot $i of $2 stacks" || diag "$err"
		printf '%s\n' "$out" >"$TMP/$2.$i"
	done
}

MALLOC_CONF=prof:true,lg_prof_sample:0 start_victim recurser --paths 10
undisturbed_before "$V_PID"
snapshots 5 10
small=$(middle .snapshot.capture.pause_us "$TMP"/10.*)

# The first borrows a thread; the others wake the helper thread that this made.
mkdir "$TMP/looks"
run heapsnap -p "$V_PID" -i 3s --save-all --save "$TMP/looks" -f json
is "$(jq .snapshots <<<"$out")" 6 'a small profile: six snapshots in an interval'
pauses=$(sed -n 's/^# heapsnap pause-us //p' "$TMP"/looks/*.heap)
is "$(wc -w <<<"$pauses")" 6 'each of which says how long a thread stood still'
read -r inner _ < <(tail -n +2 <<<"$pauses" | sort -n | tail -n +3 |
	tr '\n' ' ')
diag "longest stops of the six: ${pauses//$'\n'/ }us"
between "$inner" 0 $((small + 1000)) 'those in between stop none for longer'
assert_undisturbed "$V_PID"
stop_victim

MALLOC_CONF=prof:true,lg_prof_sample:0 start_victim recurser --paths 131072
undisturbed_before "$V_PID"
snapshots 3 131072
assert_undisturbed "$V_PID"

bytes=$(middle .snapshot.capture.dump_bytes "$TMP"/131072.*)
between "$bytes" 50000000 500000000 'a large dump is large'
is "$(middle .snapshot.objects "$TMP"/131072.*)" "$(($(
	middle .snapshot.objects "$TMP"/10.*) + 131072 - 10))" \
	'and has an object for each stack'
is "$(jq -r .snapshot.capture.mode "$TMP"/10.* "$TMP"/131072.* | sort -u)" \
	guest 'a thread of our own did all of it'

# What else runs on the machine makes single stops longer: the shortest of the
# long ones counts. Were the whole dump in it, it would be a hundred times that.
read -r large _ <<<"$(numbers .snapshot.capture.pause_us "$TMP"/131072.*)"
diag "longest stops with 10 stacks: $(numbers .snapshot.capture.pause_us \
	"$TMP"/10.*)us" "with 131072: $(numbers .snapshot.capture.pause_us \
	"$TMP"/131072.*)us" "writing $bytes bytes took jemalloc $(
	middle .snapshot.capture.dump_us "$TMP"/131072.*) us"
between "$large" 1 $((5 * small + 5000)) \
	'threads are stopped no longer for a large profile'

# A twentieth of a step is less than a dump takes: one at each end.
run heapsnap -p "$V_PID" -i 3s --no-save --top 1 -f json
is "$(jq .snapshots <<<"$out")" 2 'a large profile: two snapshots in an interval'
is "$(jq '[.before, .after] | map(.capture.dump_us * 20 > 600000) | all' \
	<<<"$out")" true 'since six would take too much of it'

memory() {
	awk '/^Rss(Anon|Shmem):/ { n += $2 } END { print n }' \
		"/proc/$V_PID/status"
}
before=$(memory)
python3 "$ROOT/tests/e2e/safety/memory_peak.py" "$V_PID" >"$TMP/peak" 2>&1 &
watcher=$!
started $watcher
ok 'its memory is watched' poll_until grep -q ready "$TMP/peak"
snapshots 1 131072
kill -TERM $watcher
wait $watcher
forget $watcher
read -r _ peak _ memfd _ looks <<<"$(tail -1 "$TMP/peak")"
diag "$before KiB before, $peak at the most in $looks looks," \
	"of which $memfd were in the memfd"
between "$memfd" 1 100000 'the memfd is seen'
between $((peak - before)) 0 8191 'the process grows by less than 8 MiB'
assert_undisturbed "$V_PID"
stop_victim
done_testing
