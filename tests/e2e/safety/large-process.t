#!/bin/bash
# A snapshot of a large process does not hold up its mmap() and munmap() while
# the kernel counts its memory, and still says where that is.
. "${0%/*}/../lib.sh"

GIB=$((1 << 30))
size=2 # GiB
free=$(awk '/^MemAvailable/ { print int($2 / 1048576) }' /proc/meminfo)
[ "$free" -gt $((size + 1)) ] || skip_all "only $free GiB are free"
# A machine that has to find so much memory first may need its time for it.
DEADLINE=180 MALLOC_CONF=prof:true start_victim mapper --mib $((size * 1024))
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

# The kernel lets nobody map while it walks for a reader: a whole mapping for
# smaps, 512 pages for pagemap (fs/proc/task_mmu.c, PAGEMAP_WALK_SIZE). What
# that means for the victim depends on the machine: it is printed, but no test.
at_most cat "/proc/$V_PID/smaps"
smaps=$longest
for command in "-n 1 --no-save" stats; do
	case $command in
	stats) args=(stats -p "$V_PID" -f json) ;;
	*) args=(-p "$V_PID" -n 1 --no-save -f json) ;;
	esac
	at_most heapsnap "${args[@]}"
	is "$status" 0 "$command: it is taken" || diag "$err"
	mmapped=$(jq '[.. | objects | select(.kind? == "mmap") | .rss] | add' \
		<<<"$out")
	between "$mmapped" $((size * GIB)) $((size * GIB + GIB / 50)) \
		"$command: its memory is reported"
	diag "$command: the victim waited $longest us at most; reading smaps" \
		"makes it wait $smaps us"
	# A sanitized heapsnap cannot look for leaks while it is traced.
	ASAN_OPTIONS=detect_leaks=0 strace -f -y -o "$TMP/trace" \
		-e trace=openat,read,pread64,readv,preadv \
		"$HEAPSNAP" "${args[@]}" >"$TMP/out.json"
	is "$(grep -c '/smaps' "$TMP/trace")" 0 "$command: smaps is not read"
	ok "$command: pagemap is" grep -q "/$V_PID/pagemap>" "$TMP/trace"
done
assert_undisturbed "$V_PID"
stop_victim
done_testing
