#!/bin/bash
# The thread that a snapshot adds to a process is no burden and no danger to it:
# it is not real-time and not bound to a CPU, though the threads of the process
# are; it has all signals blocked that somebody may send, that of
# pthread_cancel() among them, but not that by which setuid() asks each thread;
# and it says whose it is.
. "${0%/*}/../lib.sh"

[ "$(id -u)" = 0 ] || skip_all 'real-time scheduling takes root'
[ "$(nproc)" -gt 1 ] || skip_all 'with one CPU nobody can be bound to one'

# stop_at N: a heapsnap that stops itself at point N; it is $first.
stop_at() {
	HS_FAULT=STOP:$1 HS_FAULT_LOG=$TMP/points "$HEAPSNAP_FAULT" \
		-p "$V_PID" -n 1 --no-save >"$TMP/out" 2>"$TMP/err" &
	first=$!
	started $first
	poll_until stopped_or_ended $first
}

go_on() {
	kill -CONT $first 2>/dev/null
	wait $first
	status=$?
	forget $first
}

# The thread that has our name, in $helper.
find_helper() {
	local name
	helper=
	for name in /proc/"$V_PID"/task/*/comm; do
		[ "$(cat "$name" 2>/dev/null)" != heapsnap ] ||
			helper=$(basename "${name%/comm}")
	done
	[ -n "$helper" ]
}

cpus_allowed() {
	sed -n 's/^Cpus_allowed_list:\t//p' "/proc/$V_PID/task/$1/status"
}

policy() {
	chrt -p "$1" | sed -n "s/.*policy: //p"
}

all_cpus=$(sed -n 's/^Cpus_allowed_list:\t//p' /proc/self/status)

# As services that must answer in time are run. (Its children are not.)
mkdir "$TMP/bound"
cat >"$TMP/bound/leaker" <<END
#!/bin/sh
exec taskset -c ${all_cpus%%[-,]*} chrt --rr 1 "$VICTIMS/leaker" "\$@"
END
chmod 755 "$TMP/bound/leaker"
VICTIMS=$TMP/bound MALLOC_CONF=prof:true start_victim leaker --idle 1
undisturbed_before "$V_PID"
is "$(policy "$V_PID")" SCHED_RR 'the process is real-time'
is "$(cpus_allowed "$V_PID")" "${all_cpus%%[-,]*}" 'and bound to one CPU'

# A moment in which it has its name, and is at work, soon after it was made.
# (For the many small calls that read statistics it has more priority.)
run env HS_FAULT_LOG="$TMP/points" "$HEAPSNAP_FAULT" -p "$V_PID" -n 1 --no-save
is "$status" 0 'a snapshot of it' || diag "$err"
stop_at $(($(awk '$2 ~ /GETEVENTMSG/ { print $1; exit }' "$TMP/points") + 100))
find_helper
is_not "$helper" '' 'it has a helper thread'
is "$(policy "$helper")" SCHED_OTHER 'which is not real-time'
is "$(cpus_allowed "$helper")" "$all_cpus" 'nor bound to a CPU'
mask=$((0x$(sed -n 's/^SigBlk:\t//p' "/proc/$V_PID/task/$helper/status")))
# signal(7), and glibc's own (sysdeps/unix/sysv/linux/internal-signals.h).
not_blocked=
for signal in {1..64}; do
	[ $((mask >> (signal - 1) & 1)) = 1 ] || not_blocked+=" $signal"
done
is "$not_blocked" ' 4 5 7 8 9 11 19 31 33' "all signals are blocked but those that \
the kernel forces, those that cannot be, and that of setuid()"
for tid in /proc/"$V_PID"/task/*; do
	tid=${tid##*/}
	[ "$tid" = "$helper" ] || [ "$(policy "$tid")" = SCHED_RR ] ||
		fail "thread $tid is not real-time any more"
done
go_on
is $status 0 'the snapshot is taken' || diag "$(cat "$TMP/err")"
is "$(policy "$V_PID")" SCHED_RR 'the process is real-time as before'
assert_undisturbed "$V_PID"
stop_victim
done_testing
