#!/bin/bash
# At the rate at which a process grows its limit is reached in so many seconds:
# that of its control group, with all of the group's processes, or one of its
# own. It is right within a fifth, from a third of the way on; nothing is said of
# a process that does not grow, or grew once.
. "${0%/*}/../lib.sh"

[ "$(id -u)" = 0 ] || skip_all 'control groups take root'

. "${0%/*}/../groups.sh"

MIB=$((1 << 20))
export MALLOC_CONF=prof:true,lg_prof_sample:17,dirty_decay_ms:0,muzzy_decay_ms:0

# The interval of a run is a fifth of the way to the limit, that it begins is a
# fifth later.
start_victim stock --stock $((16 * MIB)) --rate $((4 * MIB)) --life 120
if ! memory_group 128; then
	skip_all 'there is no memory controller'
fi
# Pages that it had before it came into the group are counted elsewhere.
tell begin
sleep_until() {
	local us
	tell truth
	us=${answer#*us=}
	[ "${us%% *}" -ge "$1" ]
}
poll_until sleep_until 8000000
mkdir "$TMP/kept"
run heapsnap -p "$V_PID" -i 5s --save "$TMP/kept" -f json
is "$status" 0 'a process that leaks' || diag "$err"
is "$(jq -r .limit.kind <<<"$out")" memory.max 'the limit of its group is next'
is "$(jq -r .limit.bytes <<<"$out")" $((128 * MIB)) 'which is that'
left=$(jq '.limit.seconds_left * 1000 | round' <<<"$out")
rate=$(jq '.limit.rate_bytes | round' <<<"$out")
between "$rate" $((34 * MIB / 10)) $((46 * MIB / 10)) 'the rate'
kept=("$TMP"/kept/*)
at=$(sed -n 's/^# heapsnap taken-at-us //p' \
	"${kept[-1]}")
like "$(heapsnap diff "$TMP"/kept/*.heap)" \
	"At [0-9.]+ \\+- [0-9.]+ MiB/s the limit of its group, 128 MiB, is \
reached in [0-9]+ s\\." 'of files, as text'
wait "$V_PID"
ended=$?
forget "$V_PID"
exec {V_IN}>&- {V_OUT}>&-
took=$(((${EPOCHREALTIME/./} - at) / 1000))
is $ended 137 'it is reached in the end'
between "$left" $((took * 8 / 10)) $((took * 12 / 10)) \
	"in ${took} ms, within a fifth"

# The machine's memory, of which this one has too much: in the files it has 64 MiB
# left, and the process is in no group.
total=$(awk '/^MemTotal/ { printf "%.0f", $2 * 1024 }' /proc/meminfo)
is "$(sed -n 's/^# heapsnap limit-machine //p' "${kept[@]}" | uniq)" "$total" \
	'the memory of the machine is known, too'
sed -i -e '/^# heapsnap \(limit\|used\)-memory/d' \
	-e "s/^\(# heapsnap used-machine\) .*/\1 $((total - 64 * MIB))/" \
	"${kept[@]}"
run heapsnap diff "${kept[@]}" -f json
is "$(jq -r .limit.kind <<<"$out")" machine 'where it is next'
between "$(jq '.limit.seconds_left | round' <<<"$out")" 14 18 \
	'it lasts so long at 4 MiB/s'
like "$(heapsnap diff "${kept[@]}")" \
	"At [0-9.]+ \\+- [0-9.]+ MiB/s the memory of the machine, [0-9.]+ [GM]iB, is \
reached in [0-9]+ s\\." 'as text'

# Limits of its own.
start_victim stock --stock $((16 * MIB)) --rate $((4 * MIB))
size=$(awk '/^VmSize/ { print $2 }' "/proc/$V_PID/status")
prlimit --pid "$V_PID" --as=$(((size << 10) + 256 * MIB))
tell begin
run heapsnap -p "$V_PID" -i 4s --no-save -f json
is "$(jq -r .limit.kind <<<"$out")" RLIMIT_AS 'addresses'
between "$(jq '.limit.seconds_left | round' <<<"$out")" 45 75 'how long they last'
run heapsnap -p "$V_PID" -i 4s --no-save
like "$out" "At [0-9.]+ \\+- [0-9.]+ MiB/s its RLIMIT_AS, [0-9.]+ [MG]iB, is \
reached in [0-9]+ s\\." 'as text'
assert_alive "$V_PID"
stop_victim

# Nothing that goes on.
start_victim stock --stock $((16 * MIB)) --churn $((2 * MIB))
tell begin
run heapsnap -p "$V_PID" -i 3s --no-save -f json
is "$(jq .limit <<<"$out")" null 'what is replaced reaches no limit'
stop_victim
start_victim stock --stock $((16 * MIB)) --burst $((32 * MIB)) --at 1500
tell begin
run heapsnap -p "$V_PID" -i 3s --no-save -f json
is "$(jq .limit <<<"$out")" null 'what grows once reaches none'
unlike "$(heapsnap -p "$V_PID" -i 1s --no-save)" 'is reached' 'nor as text'
stop_victim
done_testing
