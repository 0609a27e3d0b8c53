#!/bin/bash
# heapsnap borrows a thread of a process in which it can make none, since the
# process's user is at the limit of threads or since the process is a static
# program without the functions for it: the dump is as right, the report says
# that a thread was borrowed, and nobody notices, even when heapsnap is killed
# in the middle. Programs that have a jemalloc of their own, under whatever
# prefix, are found and dumped.
#
# First: it takes minutes.
. "${0%/*}/../lib.sh"

export MALLOC_CONF=prof:true,lg_prof_sample:0
export JE_MALLOC_CONF=$MALLOC_CONF _RJEM_MALLOC_CONF=$MALLOC_CONF

# snapshot: a JSON report of one; mode, borrowed and pause_us of it.
snapshot() {
	run heapsnap -p "$V_PID" -n 1 --no-save -f json
	read -r mode borrowed pause_us < <(jq -r '.snapshot.capture |
		"\(.mode) \(.host_tid) \(.pause_us)"' <<<"$out")
}

# The bytes and objects of all stacks that go through function $1.
live_in() {
	jq -r --arg f "$1" '[.stacks[] | select(any(.frames[]; .function == $f))]
		| "\(map(.objects) | add) \(map(.bytes) | add)"' <<<"$out"
}

# right_dumps MODE NAME: of the current leaker, twice.
right_dumps() {
	local n said last=0 slack
	tell leak 100 1000
	tell upload 50 2000
	undisturbed_before "$V_PID"
	for n in first second; do
		snapshot
		is "$status" 0 "$2, $n: a snapshot is taken"
		is "$mode" "$1" "$2, $n: $1 mode"
		ok "$2, $n: on a thread of it" test -d "/proc/$V_PID/task/$borrowed"
		is "leaked $(live_in leak_site)" "$answer" \
			"$2, $n: what it leaked is what is live"
		is "$(live_in handle_upload)" '50 102400' "$2, $n: by its caller"
		said=
		[ "$1" = guest ] || said="heapsnap: no thread could be made in \
the process: thread $borrowed of it was used instead, and stopped for $pause_us us"
		is "$err" "$said" "$2, $n: what is said"
		# For a thread that was not borrowed before, and has never
		# allocated, jemalloc may map an arena: two pieces.
		slack=0
		[ "$mode" = guest ] || [ "$borrowed" = "$last" ] || slack=2
		last=$borrowed
		UNDISTURBED_SLACK=$slack \
			assert_undisturbed "$V_PID" "$2, $n: undisturbed"
	done
}

# storm SIGNAL STATUS NAME: ends heapsnap at each third point of a run.
spacing=${FAULT_SPACING:-1}
storm() {
	local n=1 wrong='' runs=0 fds
	while [ -z "$wrong" ]; do
		{
			HS_FAULT="$1:$n" timeout -k 1 20 "$HEAPSNAP_FAULT" -q \
				-p "$V_PID" -n 1 --no-save -o "$TMP/report.txt" \
				2>"$TMP/err"
		} 2>/dev/null
		status=$?
		[ $status != 0 ] || break
		[ $status = "$2" ] || wrong="status $status: $(cat "$TMP/err")"
		all_threads_run "$V_PID" || poll_until all_threads_run "$V_PID" ||
			wrong+=" $(print_threads "$V_PID")"
		if [ "$1" != KILL ]; then
			fds=$(print_fds "$V_PID")
			[[ $fds != *memfd* ]] || wrong+=" $fds"
		fi
		n=$((n + 3 * spacing))
		runs=$((runs + 1))
	done
	[ -z "$wrong" ] && [ $runs -gt $((30 / spacing)) ]
	result $? "$3" "point $n:" "$wrong"
	snapshot
	is "$status/$mode" 0/borrowed "$3: the next snapshot is taken"
	# jemalloc maps a piece for its own use now and then, some in all.
	UNDISTURBED_SLACK=2 assert_undisturbed "$V_PID" "$3: undisturbed"
}

# A user at a limit of two threads: the main one and that of the heartbeat.
uid=$OWN_USER
chmod 777 "$TMP"
mkdir "$TMP/limited"
cp "$VICTIMS/leaker" "$TMP/limited/program"
cat >"$TMP/limited/leaker" <<END
#!/bin/sh
exec prlimit --nproc=2 setpriv --reuid=$uid --regid=$uid --clear-groups \
	$TMP/limited/program "\$@"
END
chmod 755 "$TMP/limited/leaker"
VICTIMS=$TMP/limited start_victim leaker
is "$(stat -c %u "/proc/$V_PID")" $uid 'the limited one belongs to that user'
right_dumps borrowed 'no thread is allowed'
storm KILL 137 'no thread is allowed, SIGKILL'
storm INT 130 'no thread is allowed, SIGINT'
stop_victim

for victim in static-leaker-je_ static-leaker-_rjem_; do
	start_victim $victim
	right_dumps borrowed $victim
	[ $victim != static-leaker-je_ ] || storm KILL 137 "$victim, SIGKILL"
	stop_victim
done

for victim in embedded-leaker embedded-leaker-je_ embedded-leaker-_rjem_; do
	start_victim $victim
	right_dumps guest $victim
	stop_victim
done
done_testing
