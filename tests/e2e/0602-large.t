#!/bin/bash
# A snapshot of a large process does not hold up its mmap() and munmap() while the
# kernel counts its memory, and still tells where that is.
. "${0%/*}/lib.sh"

GIB=$((1 << 30))
size=2 # GiB
free=$(awk '/^MemAvailable/ { print int($2 / 1048576) }' /proc/meminfo)
[ "$free" -gt $((size + 1)) ] || skip_all "only $free GiB are free"
MALLOC_CONF=prof:true start_victim mapper --mib $((size * 1024))
undisturbed_before "$V_PID"

# at_most COMMAND...: the longest wait, of the best of five runs; in $longest.
at_most() {
	local _
	longest=
	for _ in {1..5}; do
		tell longest
		run "$@"
		tell longest
		[ -n "$longest" ] && [ "$longest" -le "${answer#* }" ] ||
			longest=${answer#* }
	done
}

# The test sees what it is to see: who reads all of smaps holds it up.
at_most cat "/proc/$V_PID/smaps"
smaps=$longest
for command in "-n 1 --no-save" stats; do
	case $command in
	stats) at_most heapsnap stats -p "$V_PID" -f json ;;
	*) at_most heapsnap -p "$V_PID" -n 1 --no-save -f json ;;
	esac
	is "$status" 0 "$command: it is taken" || diag "$err"
	between "$longest" 0 $((smaps / 3)) \
		"$command: far from what smaps takes, $smaps us"
	mmapped=$(jq '[.. | objects | select(.kind? == "mmap") | .rss] | add' \
		<<<"$out")
	between "$mmapped" $((size * GIB)) $((size * GIB + GIB / 50)) \
		"$command: its memory is told"
done
assert_undisturbed "$V_PID"
stop_victim
done_testing
