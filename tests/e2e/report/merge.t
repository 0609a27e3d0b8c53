#!/bin/bash
# Workers of one service are added up: by code, wherever each has it; also as a
# snapshot of its own, which other commands read.
. "${0%/*}/../lib.sh"

cd "$TMP" || exit 1
for i in 1 2 3; do
	MALLOC_CONF=prof:true,lg_prof_sample:0 start_victim leaker
	undisturbed_before "$V_PID"
	tell leak "${i}000" 100
	heapsnap -q -p "$V_PID" -n 1 -o "before$i.heap" || fail 'snap'
	tell leak 500 100
	heapsnap -q -p "$V_PID" -n 1 -o "after$i.heap" || fail 'snap'
	assert_undisturbed "$V_PID"
	stop_victim
done

# leaked: objects and bytes of leak_site's stacks.
leaked() {
	jq -c '[.stacks[] | select(.frames[0].function == "leak_site") |
		.objects, .bytes]' "$1"
}

run heapsnap merge before{1,2,3}.heap -o report.json
is "$status$err" 0 'three processes are merged'
is "$(leaked report.json)" '[6000,672000]' 'their leaks are one stack'
run heapsnap merge before{1,2,3}.heap
like "$out" '^live heap of leaker ' 'a report says whose they are'
run heapsnap merge before{1,2,3}.heap -o before.heap
is "$status$out$err" 0 'as a snapshot'
heapsnap merge after{1,2,3}.heap -o after.heap
run heapsnap diff before.heap after.heap -o diff.json
is "$(leaked diff.json)" '[1500,168000]' 'that can be compared with another'
is "$(jq '.stacks | length' diff.json)" 1 'and has nothing else that changed'
run heapsnap merge before1.heap
is "$status" 2 'one file is nothing to merge'
like "$err" '^heapsnap: merge needs two files' 'and refused'
done_testing
