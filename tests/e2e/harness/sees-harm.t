#!/bin/bash
# The harness itself: victims start, answer and end, and each kind of harm that
# the other tests rely on seeing is seen.
# Plain: no heapsnap is run.
. "${0%/*}/../lib.sh"

MALLOC_CONF=prof:true start_victim leaker --busy 1 --idle 2
undisturbed_before "$V_PID"
assert_undisturbed "$V_PID" 'a victim left alone is undisturbed'
assert_alive "$V_PID" 'and alive'
tell leak 10 100
is "$answer" "leaked 10 1120" 'it leaks as commanded, in usable sizes'
is "$(heartbeat "$V_PID" leaked_bytes)" 1120 'and says so in its heartbeat'
tell upload 1 4096
is "$answer" "leaked 11 5216" 'by a second way too'
tell free 1
is "$answer" "leaked 10 1120" 'and frees the youngest'

undisturbed_before "$V_PID"
kill -STOP "$V_PID"
seen=$(UNDISTURBED_WITHIN=1 disturbances "$V_PID")
like "$seen" '> thread [0-9]+: T tracer=0' 'a stopped thread is seen'
like "$seen" 'its heartbeat stands still' 'a heartbeat that stops is seen'
kill -CONT "$V_PID"
assert_undisturbed "$V_PID" 'until it goes on'
stop_victim

V_HEARTBEAT=no start_victim plain
undisturbed_before "$V_PID"
strace -q -o /dev/null -p "$V_PID" &
tracer=$!
started $tracer
traced() {
	print_threads "$1" | grep -q 'tracer=[1-9]'
}
ok 'a tracer comes' poll_until traced "$V_PID"
like "$(UNDISTURBED_WITHIN=1 disturbances "$V_PID")" "> thread $V_PID: runs tracer=$tracer" \
	'a tracer is seen'
kill "$tracer"
wait "$tracer"
forget "$tracer"
assert_undisturbed "$V_PID" 'until it goes'
stop_victim

# A stop ends epoll_wait with EINTR, see signal(7).
start_victim waiter --wait all
undisturbed_before "$V_PID"
tell poke
is "$answer" "poked" 'every wait can be woken'
assert_undisturbed "$V_PID" 'which is no harm'
kill -STOP "$V_PID"
stopped() {
	print_threads "$1" | grep -q ': T '
}
ok 'it stops' poll_until stopped "$V_PID"
kill -CONT "$V_PID"
like "$(UNDISTURBED_WITHIN=1 disturbances "$V_PID")" 'waits that ended with EINTR: [1-9]' \
	'an interrupted wait is seen'
stop_victim

start_victim leaker
undisturbed_before "$V_PID"
tell open /dev/zero
is "$answer" "opened" 'it opens a file, and maps it'
seen=$(UNDISTURBED_WITHIN=1 disturbances "$V_PID")
like "$seen" '> fd [0-9]+: /dev/zero' 'a new descriptor is seen'
like "$seen" '> mapped: .*/dev/zero' 'a new mapping is seen'
stop_victim

start_victim leaker --life 1
undisturbed_before "$V_PID"
ok 'a life of a second is over' poll_until ended "$V_PID"
how_ended "$V_PID"
is "$death" "the victim's life is over: process $V_PID has ended by SIGALRM" \
	'which is said'
run bash -c ". '$ROOT/tests/e2e/lib.sh'; V_HEARTBEAT=no start_victim leaker
	kill -KILL \"\$V_PID\" && poll_until ended \"\$V_PID\"
	assert_undisturbed \"\$V_PID\"; stop_victim; done_testing"
is "$status" 1 'a victim that was killed is no success'
like "$err" "# process [0-9]+ has ended by SIGKILL" 'and reported'

is "$(head -c 5 "$VICTIMS/tiny32" | od -An -t x1)" ' 7f 45 4c 46 01' \
	'tiny32 is a 32-bit program'
if runs_32_bits; then
	V_HEARTBEAT=no start_victim tiny32
	stop_victim
fi

for victim in recurser static-leaker embedded-leaker{,-je_,-_rjem_} \
	static-leaker-{je_,_rjem_}; do
	start_victim "$victim"
	stop_victim
done
done_testing
