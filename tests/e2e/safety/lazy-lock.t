#!/bin/bash
# A jemalloc that learns from a pthread_create() of its own that it needs locks is
# not given a second thread behind its back; one that has seen threads is.
. "${0%/*}/../lib.sh"

export MALLOC_CONF=prof:true,lg_prof_sample:0

# mode NAME WANT
mode() {
	undisturbed_before "$V_PID"
	run heapsnap -p "$V_PID" -n 1 --no-save -f json
	is "$status" 0 "$1: a snapshot is taken" || diag "$err"
	is "$(jq -r .snapshot.capture.mode <<<"$out")" "$2" "$1: $2 mode"
	assert_undisturbed "$V_PID" "$1: the process is undisturbed"
	stop_victim
}

V_HEARTBEAT=no start_victim wrapping-leaker
mode 'one thread, its own pthread_create()' borrowed
start_victim wrapping-leaker
mode 'several threads, its own pthread_create()' guest
V_HEARTBEAT=no start_victim embedded-leaker
mode "one thread, libc's" guest
V_HEARTBEAT=no start_victim leaker
mode "one thread, jemalloc a library" guest
done_testing
