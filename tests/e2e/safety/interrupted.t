#!/bin/bash
# A thread that handles a signal is not borrowed where the signal came to it inside
# an allocator, with its lock: whichever stack the handler is on, whether or not what
# it returns through can be unwound, and though no word between its stack pointer and
# the stack's end tells of the allocator. Nor is one where it came to it in libc,
# which might have a lock then. One where it came in the program's own code is.
. "${0%/*}/../lib.sh"

export MALLOC_CONF=prof:true,lg_prof_sample:0
# The dynamic linker leaves words of its own on a stack.
export LD_BIND_NOW=1

# visit TIME IN ON RETURNS: the current victim is one with these options.
visit() {
	local timeout=$1 shim=
	shift
	name="in $1, handled on $2, returns through $3"
	[ "$1" = lock ] && shim=$VICTIMS/shim.so
	LD_PRELOAD=$shim V_HEARTBEAT=no start_victim interrupted --in "$1" \
		--on "$2" --returns "$3"
	tell thread
	tid=${answer#* }
	undisturbed_before "$V_PID"
	HS_FAULT_THREAD=$tid run timeout -k 1 150 "$HEAPSNAP_FAULT" -p "$V_PID" \
		-n 1 --no-save --timeout "$timeout"
}

leave() {
	assert_undisturbed "$V_PID" "$name: undisturbed"
	stop_victim
}

# refused WHY IN ON RETURNS
refused() {
	visit 1s "${@:2}"
	is "$status" 5 "$name: is not used"
	# It may also have been met on its way into its call.
	said=$(without_counts "${err%%$'\n'*}")
	is "${said%%; thread*}" "heapsnap: cannot snapshot process $V_PID \
('interrupted'): no safe moment was found: thread $tid $1" "$name: said"
	leave
}

for returns in libc bare; do
	refused 'is inside allocator' lock own $returns
	for on in array static; do
		refused 'was interrupted by a signal inside libc' \
			lock $on $returns
	done
	refused 'was interrupted by a signal inside libc' libc own $returns
	refused 'handles a signal on another stack' program array $returns
	visit 120s program own $returns
	is "$status" 0 "$name: a snapshot is taken" || diag "$err"
	leave
done
done_testing
