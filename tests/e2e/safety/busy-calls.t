#!/bin/bash
# The only thread of an event loop that always finds something to do never waits, and
# nearly always is in libc's system calls: between them it is borrowed at once, and
# its calls have the results that they had without us. Stale words on its stack are
# not taken for frames; nor are frames, of an allocator that holds its lock meanwhile,
# taken for stale words: a thread borrowed there would wait for itself for ever.
. "${0%/*}/../lib.sh"

export MALLOC_CONF=prof:true,lg_prof_sample:0

# visit NAME TIMES: the current victim.
visit() {
	local i wrong=
	is "$(find "/proc/$V_PID/task" -mindepth 1 -maxdepth 1 | wc -l)" 1 \
		"$1: one thread"
	undisturbed_before "$V_PID"
	for ((i = 0; i < $2; i++)); do
		run heapsnap -v -p "$V_PID" -n 1 --no-save -f json
		[ "$status" = 0 ] || wrong+="status $status: $err"$'\n'
	done
	[ -z "$wrong" ]
	result $? "$1: $2 snapshots are taken" "$wrong"
	run heapsnap check -p "$V_PID"
	is "$status" 0 "$1: check: yes" || diag "$err"
	# A beat takes 6,400 calls, which are seconds on a busy machine; one that
	# waits for itself has none at all.
	UNDISTURBED_WITHIN=30 assert_undisturbed "$V_PID" "$1: undisturbed"
	stop_victim
}

start_victim caller --beat no
visit 'calls' 10
start_victim caller --beat no --stale yes
visit 'calls, with stale words' 10

# Of each hundred moments ten are the right ones.
LD_PRELOAD=$VICTIMS/shim.so start_victim caller --beat no --inside 90
visit 'calls of an allocator' 5
LD_PRELOAD=$VICTIMS/shim.so start_victim caller --beat no --inside 90 --stale yes
visit 'calls of an allocator, with stale words' 5
done_testing
