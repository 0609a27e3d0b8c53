#!/bin/bash
# --max-pause: a thread whose stop grew beyond it runs on as before, and the run
# ends with exit status 5, which thread it was and for how long. Where it did not,
# the report has the name of the thread that was stopped longest.
. "${0%/*}/../lib.sh"

MALLOC_CONF=prof:true start_victim waiter --wait poll --wait poll-timed \
	--wait nanosleep --wait read --wait cond --wait select-timed
undisturbed_before "$V_PID"

# No stop is as short as that.
too_long="thread [0-9]+ \\('waiter'\\) was stopped for [0-9]+ us, and \
--max-pause is 1 us"
hint="hint: it runs on as before, and the process was not changed"
for n in 1 2 3 4 5; do
	run heapsnap -p "$V_PID" -n 1 --no-save --max-pause 1us
	is "$status" 5 "snapshot $n: exit status"
	like "$err" "^heapsnap: cannot snapshot process $V_PID \
\\('waiter'\\): $too_long" "snapshot $n: said"
	like "$err" "$hint" "snapshot $n: that nothing has changed"
	is "$out" '' "snapshot $n: no report"
done
run heapsnap stats -p "$V_PID" --max-pause 1us
is "$status" 5 'stats: exit status'
like "$err" "$too_long" 'stats: said'
run heapsnap check -p "$V_PID" --max-pause 1us
is "$status" 5 'check: exit status'
like "$out" "no +safe moment +$too_long" 'check: said'
assert_undisturbed "$V_PID"

# When threads are in the report, each of them is stopped.
run heapsnap check -v -p "$V_PID" --max-pause 1us
is "$status" 5 'check -v: exit status'
assert_undisturbed "$V_PID"

undisturbed_before "$V_PID"
run heapsnap -p "$V_PID" -n 1 --no-save --max-pause 20s -f json
is "$status" 0 'a stop that is short enough' || diag "$err"
is "$(jq -r .snapshot.capture.stopped_thread <<<"$out")" waiter \
	'the name of the stopped thread is in JSON'
run heapsnap -p "$V_PID" -n 1 --no-save --max-pause 20s -v
like "$err" "the longest stop was [0-9]+ us, of 'waiter'" 'and said with -v'
run heapsnap check -v -p "$V_PID"
like "${out##*$'\n'}" \
	'^no thread of it was stopped for longer than [0-9]+ us \(waiter\)$' \
	'and in what check -v says'
run heapsnap check -p "$V_PID" -f json
is "$(jq -r .stopped_thread <<<"$out")" waiter 'and in that of check'
run heapsnap -p "$V_PID" -n 1 --save "$TMP" --max-pause 20s
like "$(cat "$TMP"/heapsnap.waiter.*)" $'\n# heapsnap stopped-thread waiter\n' \
	'and in the snapshot'
assert_undisturbed "$V_PID"

tell poke
is "$answer" poked 'all that wait without end can be woken'
stop_victim

run heapsnap -p 1 -n 1 --max-pause 0
is "$status" 2 'no time at all is no limit'
done_testing
