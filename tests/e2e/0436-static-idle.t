#!/bin/bash
# A static program all of whose threads wait is snapshotted. Its main stack never
# reads as clean: the kernel leaves the address of _start there (AT_ENTRY,
# getauxval(3)), and the byte before it is jemalloc's. Its frames tell, although
# it has no .eh_frame_hdr to find their unwind information by.
. "${0%/*}/lib.sh"

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

# Otherwise this proves nothing.
for victim in static-leaker-je_ static-leaker-_rjem_; do
	unlike "$(readelf -lW "$VICTIMS/$victim")" GNU_EH_FRAME \
		"$victim has no .eh_frame_hdr"
	before=$(nm -n "$VICTIMS/$victim" | grep -B1 ' _start$' | head -n 1)
	is "${before##* }" jemalloc_constructor \
		"$victim: jemalloc's code ends where _start begins"
	idle "$victim" "$victim"
done

# One that has it.
idle embedded-leaker-je_ embedded-leaker-je_
done_testing
