#!/bin/bash
# Snapshots are not to be seen by threads that wait, in whatever call they do,
# when they are borrowed: no EINTR, no time-out that comes early or late, nobody
# who is not woken. And by threads that wait for signals: each signal's handler
# runs once and ends the wait that it is to end.
#
# Alone: how late waits end is measured.
. "${0%/*}/../lib.sh"

# snapshot [TID]: one, on that thread; whose it was is $borrowed.
snapshot() {
	run timeout -k 1 40 env HS_FAULT_THREAD="${1:-}" "$HEAPSNAP_FAULT" \
		-p "$V_PID" -n 1 --no-save -f json --timeout 20s
	borrowed=$(jq -r '.snapshot.capture | "\(.mode) \(.host_tid)"' <<<"$out")
}

# borrow KIND TIMES: snapshots in its thread; what is wrong, in $wrong.
borrow() {
	local tid n
	tid=$(field "$1" tid)
	wrong=
	for ((n = 0; n < $2; n++)); do
		snapshot "$tid"
		[ "$status" = 0 ] || wrong+="status $status: $err"$'\n'
		[ "$borrowed" = "guest $tid" ] || wrong+="on $borrowed"$'\n'
		! restarts "$1" || poll_until another_round "$1"
	done
}

# The wait starts over when it was interrupted, signal(7).
restarts() {
	case $1 in
	epoll-timed | epoll-pwait2-timed | sigtimedwait-timed | io-getevents-timed) ;;
	*) false ;;
	esac
}

rounds=0
another_round() {
	read_report
	[ "$(field "$1" rounds)" != "$rounds" ] || return 1
	rounds=$(field "$1" rounds)
}

WAIT_MS=200
MALLOC_CONF=prof:true start_victim waiter --wait all --for $WAIT_MS
undisturbed_before "$V_PID"
read_report
kinds=("${!line_of[@]}")
for kind in "${kinds[@]}"; do
	tell forget
	tell reset
	borrow "$kind" 10
	[ -z "$wrong" ]
	result $? "$kind: 10 snapshots on its thread" "$wrong"
	read_report
	rounds=$(field "$kind" rounds)
	# How late the wait ended that was borrowed is known when it did.
	case $kind in *-timed | *nanosleep)
		ok "$kind: it ends" poll_until another_round "$kind"
		;;
	esac
	is "$(field "$kind" eintr)" 0 "$kind: no EINTR"
	# The heartbeat's thread is never borrowed: it is as late as the
	# machine.
	most=$((50000 + $(heartbeat "$V_PID" max_gap_us)))
	# It restarts in full: the time that is left cannot be handed to it.
	! restarts "$kind" || most=$((most + WAIT_MS * 1000))
	between "$(field "$kind" late_us)" 0 $most "$kind: it ends on time"
done
tell poke
is "$answer" poked 'all that wait without end can be woken'
assert_undisturbed "$V_PID"

# Left to choose, heapsnap has better ones than a wait that restarts in full.
chosen=
for _ in {1..10}; do
	snapshot
	chosen+="$borrowed,"
done
for kind in epoll epoll-timed epoll-pwait2-timed sigtimedwait-timed \
	io-getevents-timed; do
	unlike "$chosen" " $(field $kind tid)," "$kind is not the one to be borrowed"
done
assert_undisturbed "$V_PID"
stop_victim

# An event loop that has little to wait for, and is the only thread that may be
# borrowed: each stop puts off its time-out, and the right moment comes still,
# in seconds on a machine without an idle CPU.
socket=$TMP/redis
MALLOC_CONF=prof:true redis-server --port 0 --unixsocket "$socket" --save '' \
	--appendonly no --dir "$TMP" >"$TMP/redis.log" 2>&1 &
V_PID=$!
started "$V_PID"
answers() {
	[ "$(redis-cli -s "$socket" ping 2>&1)" = PONG ]
}
ok 'redis-server answers' poll_until answers || diag "$(cat "$TMP/redis.log")"
redis-benchmark -s "$socket" -c 20 -l -q -t set,get -d 500 >/dev/null 2>&1 &
load=$!
started $load
wrong=
for _ in {1..12}; do
	snapshot "$V_PID"
	[ "$status" = 0 ] || wrong+="status $status: $err"$'\n'
done
[ -z "$wrong" ]
result $? 'a busy event loop: 12 snapshots on its thread' "$wrong"
ok 'it answers still' answers
for pid in $load "$V_PID"; do
	kill "$pid"
	wait "$pid"
	forget "$pid"
done

MALLOC_CONF=prof:true start_victim signals
read_report
undisturbed_before "$V_PID"
for row in pause:20 nanosleep:20 poll:20 ppoll:20 sigsuspend:20 epoll:50 \
	epoll-pwait:50; do
	kind=${row%:*}
	tell go
	borrow "$kind" "${row#*:}"
	[ -z "$wrong" ]
	result $? "$kind: ${row#*:} snapshots on its thread" "$wrong"
	read_report
	sent=$(field "$kind" sent)
	between "$sent" 20 1000000 "$kind: signals were sent meanwhile"
	is "$(field "$kind" handled)" "$sent" "$kind: each was handled, once"
	# After a stop the thread may, rarely, lose its CPU just before it issues
	# its wait again (tests/victims/signals.c).
	most=3
	case $kind in ppoll | sigsuspend | epoll-pwait) most=0 ;; esac
	early=$(field "$kind" early)
	between "$early" 0 $most "$kind: hardly one came before its wait"
	is "$(field "$kind" returned)" $((sent - early)) \
		"$kind: each other ended one wait"
done
for timer in setitimer profile timer-create; do
	fired=$(field $timer fired)
	between "$fired" 50 1000000 "$timer: its signals came meanwhile"
	between "$(field $timer armed)" "$fired" $((fired + 1)) \
		"$timer: each time that it was armed"
done
# A timer that is armed again by its signal is so still, unless one was lost.
fired_since() {
	read_report
	[ "$(field "$1" fired)" -gt "$2" ]
}
for timer in setitimer profile timer-create; do
	ok "$timer: it goes on" poll_until fired_since $timer \
		"$(field $timer fired)"
done
assert_undisturbed "$V_PID"
stop_victim
done_testing
