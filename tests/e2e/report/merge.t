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

# What is in both would count twice.
twice() { # FIRST SECOND WHAT WHY
	run heapsnap merge -q "$1" "$2"
	is "$status" 2 "$3: refused"
	like "$err" "^heapsnap: '$1' and '$2' are $4" 'which is said'
}
cp before1.heap copy.heap
ln -s before1.heap link.heap
twice before1.heap before1.heap 'the same file' 'the same snapshot: merged'
twice before1.heap link.heap 'by another name' 'the same snapshot: merged'
twice before1.heap copy.heap 'copied' 'the same snapshot: merged'
twice before1.heap after1.heap 'two of one process' 'of one process: merged'
sed '/^# heapsnap/d' before1.heap >app.7.0.m0.heap
sed '/^# heapsnap/d' after1.heap >app.7.1.m1.heap
twice app.7.0.m0.heap app.7.1.m1.heap 'dumps of one process, by their names' \
	'of one process: merged'
run heapsnap merge -q before1.heap after1.heap before2.heap
is "$status" 2 'also among others'

# Two programs are compared if somebody wants it, not unnoticed.
run heapsnap diff before1.heap after2.heap --top 1
unlike "$err" 'two programs' 'two processes of one program are no surprise'
sed 's,/leaker\>,/other,g' before1.heap >renamed.heap
run heapsnap diff renamed.heap after1.heap --top 1
unlike "$err" 'two programs' 'nor is the same build by another name'
sed 's,^\(# heapsnap module [0-9]* \)[0-9a-f]*\(.*/other\)$,\1abcdef\2,' \
	renamed.heap >other.heap
run heapsnap diff other.heap after1.heap --top 1
is "$status" 0 'two programs can be compared'
like "$err" "^heapsnap: warning: 'other.heap' is of 'other', 'after1.heap' of \
'leaker': two programs have hardly a stack in common" 'which is said'
grep -v '^[0-9a-f]*-[0-9a-f]* ' before1.heap |
	sed '/^# heapsnap \(module\|name\)/d; s/^# heapsnap command .*/# heapsnap command b/' >bare.heap
run heapsnap diff bare.heap after1.heap --top 1
like "$err" "'bare.heap' is of 'b', 'after1.heap' of 'leaker': two programs" \
	'without mappings by the command'
done_testing
