#!/bin/bash
# --activate switches prof.active on for the time of a run, and it is off again
# afterwards: when all went well, after an error, after a signal at any point of
# the run; and when heapsnap was killed, the next run says so and puts it back.
. "${0%/*}/../lib.sh"
. "${0%/*}/activate.sh"

active() {
	tell flag prof.active
	echo "$answer"
}

export MALLOC_CONF=prof:true,prof_active:false,lg_prof_sample:0
start_victim hoarder
look_at "$V_PID" 'flag 1' 'flag 0'
run heapsnap -p "$V_PID" -n 1 --no-save
undisturbed_before "$V_PID"
is_off 'profiling is not active'

start_run -o "$TMP/report.json"
is_on 'it is while heapsnap waits'
tell malloc 1000 100
end_run INT
is "$status" 0 'two snapshots' || diag "$(cat "$TMP/err")"
is "$(jq '[.stacks[] | select([.frames[].function] | index("keep"))] |
	map(.bytes) | add' "$TMP/report.json")" 112000 \
	'what was allocated meanwhile is in the profile'
is "$(cat "$TMP/err")" 'heapsnap: prof.active is on until this run ends: what the process had allocated before is in no snapshot' 'it says so'
is_off 'and it is off again'
assert_undisturbed "$V_PID"

run heapsnap "${activate[@]}" -i 100ms -o "$TMP/no/such/folder.txt"
is "$status" 6 'a report that cannot be written'
is_off 'it is off again after an error'
run heapsnap "${activate[@]}" -i 100ms --timeout 1ms
is_off 'and after a time-out'
HS_TIMEOUT=60 run timeout --foreground -s TERM 1 "$HEAPSNAP" -p "$V_PID" \
	-i 1h --no-save --activate
is_off 'and after SIGTERM while it waits'
assert_undisturbed "$V_PID"

learn
interrupted 60
assert_undisturbed "$V_PID"
killed 40 '-n 1 --no-save'
assert_undisturbed_but_stacks "$V_PID"
stop_victim

MALLOC_CONF=prof:true start_victim hoarder
look_at "$V_PID" 'flag 1' 'flag 0'
run heapsnap "${activate[@]}" -i 100ms
is "$err" 'heapsnap: prof.active is on already, and stays on' \
	'where it is on it stays on'
is "$(state)" 'flag 1, 0 marks' 'so it does'
stop_victim

done_testing
