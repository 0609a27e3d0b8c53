#!/bin/bash
# A thread that was borrowed goes on with every register as it was: general,
# x87, SSE, AVX and AVX-512, masks and flags, and with its red zone, its signal
# mask, its alternate stack and errno. From the middle of a loop, and from each
# way in which the kernel takes up a system call; when heapsnap has put it back
# and when it was killed and the thread had to do so alone.
. "${0%/*}/../lib.sh"

# snapshot TID [SIGNAL:N]: on that thread, as no other may be borrowed.
snapshot() {
	{
		HS_FAULT="${2:-KILL:0}" HS_FAULT_THREAD="$1" HS_FAULT_LOG="$log" \
			timeout -k 1 100 "$HEAPSNAP_FAULT" -p "$V_PID" -n 1 \
			--no-save --timeout 60s >"$TMP/out" 2>"$TMP/err" </dev/null
	} 2>/dev/null
	status=$?
}
log=

unharmed() {
	is "$(heartbeat "$V_PID" harmed)" '' "$1"
}

MALLOC_CONF=prof:true start_victim registers
read_report
case $(sed -n '/^flags/ { s/.*\<avx512bw\>.*/avx512/p; q }' /proc/cpuinfo) in
avx512) is "$(field spin level)" avx512 'all that this CPU has is looked at' ;;
*) pass 'this CPU has no AVX-512' ;;
esac
undisturbed_before "$V_PID"

for row in spin:300 read:25 nanosleep:25 select:25 epoll:25; do
	kind=${row%:*}
	read_report
	tid=$(field "$kind" tid)
	rounds=$(field "$kind" rounds)
	wrong=
	for ((n = 0; n < ${row#*:}; n++)); do
		snapshot "$tid"
		[ "$status" = 0 ] || wrong+="status $status: $(cat "$TMP/err")"$'\n'
	done
	[ -z "$wrong" ]
	result $? "$kind: ${row#*:} snapshots on its thread" "$wrong"
	unharmed "$kind: all registers are as they were"
	read_report
	between "$(field "$kind" rounds)" $((rounds + 10)) 1000000000 \
		"$kind: they were looked at meanwhile"
done
assert_undisturbed "$V_PID"

# Up to the point at which the thread is given back; the rest is not on it.
for kind in spin read nanosleep select epoll; do
	tid=$(field "$kind" tid)
	log=$TMP/log.$kind
	snapshot "$tid"
	log=
	last=$(sed -n 's/ PTRACE_DETACH$//p' "$TMP/log.$kind" | tail -1)
	between "$last" 10 200 "$kind: it is held for some ptrace requests"
	wrong=
	for ((n = 1; n <= last; n++)); do
		snapshot "$tid" KILL:$n
		[ "$status" = 137 ] || wrong+="$n: status $status"$'\n'
		poll_until all_threads_run "$V_PID" || wrong+="$n: stopped"$'\n'
	done
	[ -z "$wrong" ]
	result $? "$kind: SIGKILL after each of them" "$wrong"
	unharmed "$kind: all registers are as they were"
done
# A wait may end with EINTR then, see safety/faults.t.
heartbeat "$V_PID" eintr >"$TMP/eintr.$V_PID"
assert_undisturbed_but_stacks "$V_PID"
stop_victim
done_testing
