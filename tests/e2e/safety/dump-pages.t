#!/bin/bash
# The memory that a dump goes through is heapsnap's: in the middle of one, nothing
# of it is charged to the control group of the process, which may be at its limit.
. "${0%/*}/../lib.sh"
. "${0%/*}/../groups.sh"

[ "$(id -u)" = 0 ] || skip_all 'control groups take root'
export MALLOC_CONF=prof:true,lg_prof_sample:0

# shared GROUP: KiB of shared memory that are charged to it, of version 1 or 2.
shared() {
	awk '$1 == "total_shmem" { v1 = $2; found = 1 } $1 == "shmem" { v2 = $2 }
		END { print (found ? v1 : v2) / 1024 }' "$1/memory.stat"
}

start_victim recurser --paths 5000
if ! memory_group 1024; then
	stop_victim
	skip_all 'there is no memory controller'
fi
undisturbed_before "$V_PID"
theirs=$group
ours=$theirs.heapsnap
mkdir "$ours" && groups+=("$ours")

# Where a whole run has its middle, which is that of the dump.
HS_FAULT_LOG=$TMP/log "$HEAPSNAP_FAULT" -p "$V_PID" -n 1 --no-save --no-stats \
	-v \
	>"$TMP/out" 2>"$TMP/err"
like "$(cat "$TMP/err")" 'jemalloc wrote [0-9]{7,} bytes' 'a dump of megabytes'
middle=$(($(wc -l <"$TMP/log") * 3 / 4))

(
	echo "$BASHPID" >"$ours/cgroup.procs"
	HS_FAULT=STOP:$middle exec "$HEAPSNAP_FAULT" -p "$V_PID" -n 1 --no-save \
		--no-stats --timeout 60s \
		>"$TMP/out" 2>"$TMP/err"
) &
started $!
ok 'heapsnap stops in the middle' poll_until stopped_or_ended $!
# The kernel adds up what the CPUs have counted every two seconds.
is_ours() {
	[ "$(shared "$ours")" -ge 256 ]
}
ok 'what jemalloc writes to is charged to heapsnap' poll_until is_ours ||
	diag "$(shared "$ours") KiB, to the process $(shared "$theirs") KiB"
is "$(shared "$theirs")" 0 'and nothing to the process'
kill -CONT $!
wait $!
is $? 0 'it goes on' || diag "$(cat "$TMP/err")"
forget $!
none_is_ours() {
	[ "$(shared "$ours")" = 0 ]
}
ok 'and gives all of it back' poll_until none_is_ours
assert_undisturbed "$V_PID"
stop_victim
done_testing
