#!/bin/bash
# A program that has jemalloc in itself is snapshotted, whatever its only thread
# does. The kernel (AT_ENTRY, getauxval(3)) and the dynamic linker leave the address
# of _start on the main stack, and the byte before it is jemalloc's: it is not taken
# for a return address.
. "${0%/*}/../lib.sh"

command -v objcopy >/dev/null || skip_all 'no objcopy'

# idle NAME PROGRAM: it waits for input, and is asked nothing.
idle() {
	local name=$1 round
	V_HEARTBEAT=no MALLOC_CONF=prof:true,lg_prof_sample:0 start_victim "$2"
	tell leak 500 100
	undisturbed_before "$V_PID"
	for round in first second; do
		run heapsnap -p "$V_PID" -n 1 --no-save -f json
		is "$status" 0 "$name: a $round snapshot is taken" ||
			diag "$err"
		is "$(jq -r '[.stacks[] | select(.frames[].function ==
				"leak_site")] | "\(map(.objects) | add)" +
				" \(map(.bytes) | add)"' <<<"$out")" \
			"${answer#* }" "$name: with what the victim keeps"
		is "$(jq -r .snapshot.capture.host_tid <<<"$out")" "$V_PID" \
			"$name: by its only thread"
		assert_undisturbed "$V_PID" "$name: undisturbed"
	done
	stop_victim
}

# Before glibc 2.34 no thread of a static program is borrowed (allocators.t).
static_victims=()
older_glibc 2.34 || static_victims=(static-leaker-je_ static-leaker-_rjem_)
# Otherwise this proves nothing.
for victim in "${static_victims[@]}"; do
	unlike "$(readelf -lW "$VICTIMS/$victim")" GNU_EH_FRAME \
		"$victim has no .eh_frame_hdr"
	before=$(nm -n "$VICTIMS/$victim" | grep -B1 ' _start$' | head -n 1)
	# As Debian 12 links it.
	! older_glibc 2.37 || is "${before##* }" jemalloc_constructor \
		"$victim: jemalloc's code ends where _start begins"
	idle "$victim" "$victim"
done

# One that has it.
idle embedded-leaker-je_ embedded-leaker-je_

# at_work COMMAND WORD VICTIM STATE: while it obeys the command.
at_work() {
	V_HEARTBEAT=no MALLOC_CONF=prof:true,lg_prof_sample:0 start_victim "$3"
	tell leak 500 100
	tell "$1"
	is "$answer" "$2" "$3: $2"
	poll_until state_is "$4"
	undisturbed_before "$V_PID"
	run heapsnap -p "$V_PID" -n 1 --no-save -f json
	is "$status" 0 "$3, $2: a snapshot is taken" || diag "$err"
	ok "$3, $2: it does so still" state_is "$4"
	assert_undisturbed "$V_PID" "$3, $2: undisturbed"
	kill -USR1 "$V_PID"
	victim_line answer
	is "${answer%% *}" leaked "$3, $2: it goes on"
	stop_victim
}
state_is() {
	[ "$(sed 's/.*) \(.\).*/\1/' "/proc/$V_PID/stat")" = "$1" ]
}
at_work compute computes embedded-leaker-je_ R
at_work block blocks embedded-leaker-je_ S
[ ${#static_victims[@]} = 0 ] || at_work block blocks static-leaker-je_ S
done_testing
