#!/bin/bash
# Several processes at once are one: what they have together, and what of it
# grew; those that were given, and those that one of them started.
. "${0%/*}/../lib.sh"

cd "$TMP" || exit 1
pids=()
for i in 1 2; do
	MALLOC_CONF=prof:true,lg_prof_sample:0 start_victim leaker \
		--rate "$((i * 1000000))"
	undisturbed_before "$V_PID"
	pids+=("$V_PID")
done

# leaked: by both, as they count it themselves.
leaked() {
	echo $(($(heartbeat "${pids[0]}" leaked_bytes) + \
		$(heartbeat "${pids[1]}" leaked_bytes)))
}

start=$(leaked)
run heapsnap -q -p "${pids[0]}" -p "${pids[1]}" -n 2 -i 500ms -f json
grown=$(jq .totals.bytes <<<"$out")
is "$status" 0 'two snapshots of two processes' || diag "$err"
is "$(jq -r '[.stacks[] | .frames[0].function] | join(" ")' <<<"$out")" \
	leak_site 'one stack grew'
ok 'by no more than both leaked meanwhile' \
	test "$grown" -le $(($(leaked) - start))
saved=(heapsnap.leaker.*.heap)
is "${#saved[@]}" 4 'each snapshot of each is kept'
sum=0
for pid in "${pids[@]}"; do
	run heapsnap diff -q heapsnap.leaker."$pid".*.heap -f json
	one=$(jq .totals.bytes <<<"$out")
	ok "process $pid grew" test "$one" -gt 0
	sum=$((sum + one))
done
is "$grown" "$sum" 'and together by the sum of both'

run heapsnap -p "${pids[0]}" -p "${pids[1]}" -n 1 --no-save -f json
is "$(jq -r '.snapshot.file' <<<"$out")" '2 processes' 'one snapshot of both'
before=$(jq '.totals.objects' <<<"$out")
ok 'with what both hold' test "$before" -gt 1000

# This shell's children: the two, and some without jemalloc, heapsnap included.
run heapsnap -p $$ --children -n 1 --no-save -f json
is "$status" 0 'a process and its children' || diag "$err"
is "$(jq -r '.snapshot.command' <<<"$out")" leaker \
	'those with jemalloc are looked at'
like "$err" "process $$ \\('.*'\\) is left out: " 'the others are left out'
ok 'they hold more by now' test "$(jq '.totals.objects' <<<"$out")" -gt "$before"

run heapsnap -p $$ -p "${pids[0]}" -n 1 --no-save
is "$status" 3 'what was given and has no jemalloc is an error'
run heapsnap -p "${pids[0]}" -p "${pids[1]}" --base last
is "$status" 2 '--base is for one'
run heapsnap stats -p "${pids[0]}" -p "${pids[1]}"
is "$status" 2 'and so is stats'
like "$err" '^heapsnap: stats takes one process' 'and says so'

# Nothing would be saved: that the folder cannot be written matters less.
unprofiled=()
for i in 1 2; do
	MALLOC_CONF='' start_victim leaker
	unprofiled+=("$V_PID")
	undisturbed_before "$V_PID"
	pids+=("$V_PID")
done
run heapsnap -p "${unprofiled[0]}" -p "${unprofiled[1]}" -n 1 --save nowhere
is "$status" 3 'none that profiles: that is the error, not the folder'
like "$err" "process ${unprofiled[0]} .*profiling is not on" 'of the first'
said=$err
run heapsnap -p "${unprofiled[0]}" -p "${unprofiled[1]}" -n 1 --no-save
is "$said" "$err" 'as without a folder'
run heapsnap -p "${pids[0]}" -p "${unprofiled[0]}" -n 1 --save nowhere
is "$status" 6 'one that profiles would be saved: the folder is the error'
for pid in "${pids[@]}"; do
	assert_undisturbed "$pid"
done
done_testing
