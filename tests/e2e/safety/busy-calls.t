#!/bin/bash
# The only thread of an event loop that always finds something to do never waits, and
# nearly always is in libc's system calls: between them it is borrowed at once, and
# its calls have the results that they had without us.
. "${0%/*}/../lib.sh"

MALLOC_CONF=prof:true,lg_prof_sample:0 start_victim caller --beat no
is "$(find "/proc/$V_PID/task" -mindepth 1 -maxdepth 1 | wc -l)" 1 'one thread'
undisturbed_before "$V_PID"
for _ in 1 2 3 4 5 6 7 8 9 10; do
	run heapsnap -v -p "$V_PID" -n 1 --no-save -f json
	is "$status" 0 'a snapshot is taken' || diag "$err"
done
run heapsnap check -p "$V_PID"
is "$status" 0 'check: yes' || diag "$err"
assert_undisturbed "$V_PID"
stop_victim
done_testing
