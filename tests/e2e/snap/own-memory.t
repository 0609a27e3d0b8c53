#!/bin/bash
# heapsnap's own memory grows in large steps, also while several threads look up
# names: each small one is a system call for which all of them wait.
# Plain: sanitizers have an allocator of their own.
. "${0%/*}/../lib.sh"

MALLOC_CONF=prof:true,lg_prof_sample:0 start_victim leaker
tell leak 10 100
undisturbed_before "$V_PID"
# LeakSanitizer does not work under strace.
run env ASAN_OPTIONS=detect_leaks=0 strace -f -qq -e trace=brk,mprotect \
	-o "$TMP/calls" "$HEAPSNAP" -p "$V_PID" -n 1 --no-save -f json
is "$status" 0 'a snapshot is taken' || diag "$err"
like "$(jq -r '.stacks[].frames[].function' <<<"$out")" 'leak_site' \
	'with names'
# Some are made for each library when the program is loaded.
between "$(wc -l <"$TMP/calls")" 1 200 'its memory grew by few calls'
assert_undisturbed "$V_PID"
stop_victim
done_testing
