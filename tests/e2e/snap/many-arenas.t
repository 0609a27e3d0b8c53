#!/bin/bash
# A process with 64 arenas and a thread in each: stats reports what all of them
# hold, and however many values that is, threads of the process are stopped no
# more often than for a snapshot, and none while a value is read.
. "${0%/*}/../lib.sh"

# requests NAME ARGUMENT...: makes $TMP/NAME of one "REQUEST TID" for each
# ptrace request of a run.
requests() {
	local name=$1
	shift
	# A sanitized heapsnap cannot look for leaks while it is traced.
	ASAN_OPTIONS=detect_leaks=0 strace -f -qq -e trace=ptrace \
		-o "$TMP/trace" "$HEAPSNAP" "$@" >"$TMP/out" 2>"$TMP/err"
	is $? 0 "$name: done" || diag "$(cat "$TMP/err")"
	sed -n 's/^[0-9]* *ptrace(\(PTRACE_[A-Z_]*\), \([0-9]*\).*/\1 \2/p' \
		"$TMP/trace" >"$TMP/$name"
}

# of_others NAME: the requests to threads of the process itself.
of_others() {
	awk 'NR == FNR { own[$1]; next } $2 in own' "$TMP/threads" "$TMP/$1"
}

MALLOC_CONF=prof:true,narenas:64 start_victim hoarder
tell arenas 64
tell malloc 100000 200
run heapsnap stats -p "$V_PID" -n 1 -q
undisturbed_before "$V_PID"
(cd "/proc/$V_PID/task" && printf '%s\n' *) >"$TMP/threads"
# The first one, and the one that keeps the heartbeat.
is "$(wc -l <"$TMP/threads")" 66 'the process has its threads'

requests snapshot -p "$V_PID" -n 1 --no-save
requests stats stats -p "$V_PID" --arenas -f json
between "$(jq '.snapshot.arenas | length' "$TMP/out")" 60 70 \
	'all arenas are reported'
is "$(jq '[.snapshot.arenas[].allocated] | add' "$TMP/out")" \
	"$(jq '.snapshot.ledger.allocated' "$TMP/out")" \
	'their live bytes are the whole'

diag "$(wc -l <"$TMP/stats") requests, $(of_others stats | wc -l) to threads of \
the process; for a snapshot $(wc -l <"$TMP/snapshot"), $(of_others snapshot |
	wc -l)"
# Eight values of each arena, one call each.
between "$(wc -l <"$TMP/stats")" $((64 * 8)) 100000 'many values are read'
between "$(of_others stats | grep -c PTRACE_SEIZE)" 1 \
	"$(of_others snapshot | grep -c PTRACE_SEIZE)" \
	'no more stops than for a snapshot'
is "$(of_others stats | awk '{ print $2 }' | sort -u | wc -l)" 1 \
	'of one thread alone'
is "$(awk 'NR == FNR { own[$1]; next } !($2 in own) { helper = 1; next }
	helper' "$TMP/threads" "$TMP/stats")" '' \
	'and of none since the first value is read'
like "$(of_others stats | tail -1)" '^PTRACE_DETACH ' 'by then they run again'
assert_undisturbed "$V_PID"
stop_victim
done_testing
