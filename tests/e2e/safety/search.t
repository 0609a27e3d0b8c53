#!/bin/bash
# Alone: it measures what a thread that never waits loses.
# Plain: times are those of what is used.
# A thread that is outside of jemalloc a tenth of its time is borrowed then, and the
# search for that moment takes no more of its time than SAFETY.md says, also when there
# is none: by the thread's own clocks, which know when it neither ran nor wanted to.
. "${0%/*}/../lib.sh"

# Millionths of its time, as promised.
MOST=20000

# spent: since the last time; sets US, OUTSIDE and STOPPED.
spent() {
	tell spent
	[[ $answer =~ ^spent\ us=([0-9]+)\ outside=([0-9]+)\ stopped=(-?[0-9]+)$ ]] ||
		return
	US=${BASH_REMATCH[1]} OUTSIDE=${BASH_REMATCH[2]} STOPPED=${BASH_REMATCH[3]}
}

MALLOC_CONF=prof:true,lg_prof_sample:19 \
	start_victim dwell --beat no --outside 100000
undisturbed_before "$V_PID"
spent
wrong=
for _ in 1 2 3; do
	run heapsnap -p "$V_PID" -n 1 --no-save --no-stats --timeout 30s
	[ "$status" = 0 ] || wrong+="status $status: $err"$'\n'
done
[ -z "$wrong" ]
result $? 'a tenth: 3 snapshots are taken' "$wrong"
spent
between $((OUTSIDE * 100 / US)) 5 40 'a tenth: it is one'
assert_undisturbed "$V_PID" 'a tenth: undisturbed'
stop_victim

MALLOC_CONF=prof:true,lg_prof_sample:19 \
	start_victim dwell --beat no --outside 0
undisturbed_before "$V_PID"
spent
run heapsnap -p "$V_PID" -n 1 --no-save --timeout 3s
spent
between $((STOPPED * 1000000 / US)) -1000 $MOST \
	'never: the search took no more than 2%' || diag "$err"
assert_undisturbed "$V_PID" 'never: undisturbed'
stop_victim

# In the handler there is nothing of jemalloc on the stack, and what it interrupted,
# with jemalloc's locks, is below.
MALLOC_CONF=prof:true,lg_prof_sample:19 \
	start_victim dwell --beat no --outside 0 --handlers yes
undisturbed_before "$V_PID"
run heapsnap -p "$V_PID" -n 1 --no-save --timeout 3s
is "$status" 5 'a handler on a stack within its own: it is not taken there' || diag "$err"
assert_undisturbed "$V_PID" 'a handler: undisturbed'
stop_victim
done_testing
