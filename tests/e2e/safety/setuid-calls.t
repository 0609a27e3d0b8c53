#!/bin/bash
# A process that changes its user or groups asks each of its threads by a signal,
# ours too (glibc, nptl/nptl_setxid.c), and aborts if one fared otherwise. Wherever
# in our thread's calls that signal comes, its handler does what the process wants,
# and nothing of it is taken for what we watch for, or replace, in the call.
#
# Plain: what it looks for happens in the process, which has no sanitizers.
. "${0%/*}/../lib.sh"

[ "$(id -u)" = 0 ] || skip_all 'to change groups takes root'

snapshot() {
	HS_FAULT_LOG=$TMP/points exec "$HEAPSNAP_FAULT" -p "$V_PID" -n 1 --no-save \
		>"$TMP/out" 2>"$TMP/err"
}

# All threads have group $1, and the process knows.
followed() {
	local file
	tell group
	[ "$answer" = "group $1" ] || return 1
	for file in /proc/"$V_PID"/task/*/status; do
		grep -q "^Groups:[[:space:]]$1 \$" "$file" || return 1
	done
}

# is_asked HEAPSNAP: a thread has the signal, 33, or the first one is held itself, or
# it is over.
is_asked() {
	cat /proc/"$V_PID"/task/*/status 2>/dev/null |
		grep -q '^SigPnd:.[0-9a-f]\{7\}[13579bdf]' ||
		grep -q '^State:.t' "/proc/$V_PID/task/$V_PID/status" ||
		ended "$1"
}

# asks_at POINT GROUP: the process changes its groups while heapsnap stands there
# (or when its first thread is free again).
asks_at() {
	local pid
	HS_FAULT=STOP:$1 snapshot &
	pid=$!
	started $pid
	poll_until stopped_or_ended $pid
	echo "groups $2" >&"$V_IN"
	poll_until is_asked $pid
	kill -CONT $pid 2>/dev/null
	wait $pid
	status=$?
	forget $pid
	victim_line answer
}

MALLOC_CONF=prof:true start_victim follower --beat no
(snapshot)
undisturbed_before "$V_PID"
rm "$TMP/points"
(snapshot)
# By each of them our thread goes on to where it stops next: the signal comes there.
# A call that asks for a number makes no system call, so it has two: every thirtieth
# of those, and all of the others.
mapfile -t goes_on < <(awk '
	function take(    i) {
		for (i = 1; i <= n; i++)
			if (n > 2 || ++short % 30 == 1)
				print points[i]
		n = 0
	}
	/GETEVENTMSG/ { made = 1 }
	/pwrite64/ { take() }
	made && $2 == "PTRACE_SYSCALL" { points[++n] = $1 }
	END { take() }' "$TMP/points")
between ${#goes_on[@]} 20 100 'our thread goes on many times'
group=100
for point in "${goes_on[@]}"; do
	asks_at "$point" $((++group))
	# 5: it stood there for longer than a step may take.
	[[ $status = [05] ]] && poll_until followed $group && continue
	fail "asked at point $point, status $status: $(cat "$TMP/err")"
	break
done
pass "its threads followed, asked at $((group - 100)) points"
assert_undisturbed "$V_PID"
stop_victim
done_testing
