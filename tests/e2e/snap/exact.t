#!/bin/bash
# Where every allocation is recorded, the change is exact: to the byte and to
# the object, in the usable sizes that the victim itself adds up, whatever the
# other threads allocate meanwhile.
. "${0%/*}/../lib.sh"

# leak_stack FILE FIELD: of the stack through leak_site in a report in JSON;
# there must be one.
leak_stack() {
	jq -r "[.stacks[] | select(.frames[0].function == \"leak_site\")] |
		if length == 1 then .[0] | $2 else \"\(length) stacks\" end" \
		"$1"
}

MALLOC_CONF=prof:true,lg_prof_sample:0 start_victim leaker --busy 2
run heapsnap -p "$V_PID" -n 1 -o "$TMP/before.heap"
is "$status" 0 'a snapshot is taken' || diag "$err"
undisturbed_before "$V_PID"

# A dump does not say whether its numbers are jemalloc's before 5.3, which need no
# correction; of objects of 8 bytes it makes 3 in 10,000 (heap/format/read_v2.c).
smallest=8
version=$(sed -n 's/^# heapsnap jemalloc-version //p' "$TMP/before.heap")
printf '%s\n' 5.3 "$version" | sort -CV || smallest=16

last=0
for leak in "1000 $smallest" '1000 64' '1000 100' '300 4096' '50 100000' '8 3145728'; do
	read -r count size <<<"$leak"
	tell leak "$count" "$size"
	bytes=$((${answer##* } - last))
	last=${answer##* }
	run heapsnap -p "$V_PID" -n 1 -o "$TMP/after.heap"
	is "$status" 0 "another, with $count leaks of $size more" ||
		diag "$err"
	run heapsnap diff "$TMP/before.heap" "$TMP/after.heap" \
		-o "$TMP/diff.json"
	is "$(leak_stack "$TMP/diff.json" '"\(.objects) \(.bytes)"')" \
		"$count $bytes" "$bytes bytes of them are all reported"
	mv "$TMP/after.heap" "$TMP/before.heap"
done
is "$(leak_stack "$TMP/diff.json" '"\(.after.objects) \(.after.bytes)"')" \
	"3358 $last" 'all that was leaked before, too'
is "$(leak_stack "$TMP/diff.json" ".bytes_se == 0")" true 'and there is no error'
is "$(leak_stack "$TMP/diff.json" '[.frames[1:3][].function] | join(" ")')" \
	'parse_body handle_request' 'the stack goes on as the code does'

# A second way to leak_site is a second stack. Of the first, the eight of 3 MiB
# are the youngest.
tell free 8
freed=$((last - ${answer##* }))
tell upload 7 100
run heapsnap -p "$V_PID" -n 1 --no-save --base "$TMP/before.heap" -f json
is "$(jq -c '[.stacks[] | select(.frames[0].function == "leak_site") |
	[.frames[2].function, .objects, .bytes]] | sort' <<<"$out")" \
	"[[\"handle_request\",-8,-$freed],[\"handle_upload\",7,784]]" \
	'what is freed is gone, and another way is another stack'
assert_undisturbed "$V_PID"
stop_victim

# Each small object has pages of its own while all are sampled; the sentence
# says what the program leaked.
MALLOC_CONF=prof:true,lg_prof_sample:0 start_victim leaker
undisturbed_before "$V_PID"
run heapsnap -p "$V_PID" -n 1 -o "$TMP/before.heap"
was=$(heartbeat "$V_PID" leaked_bytes)
tell leak 40000 200
leaked=$((${answer##* } - was))
run heapsnap -p "$V_PID" -n 1 --no-save --base "$TMP/before.heap" -f json
is "$(jq -r .diagnosis <<<"$out")" \
	"malloc: live allocations grew by $(
		awk -v n=$leaked 'BEGIN { printf "%.1f", n / 2^20 }'
	) MiB: a leak through malloc, if that goes on" \
	'what sampling takes is not in the sentence'
assert_undisturbed "$V_PID"
stop_victim

# Live: the victim leaks all the time and counts.
MALLOC_CONF=prof:true,lg_prof_sample:0 start_victim leaker --busy 2 \
	--rate 3000000
undisturbed_before "$V_PID"
first=$(heartbeat "$V_PID" leaked_bytes)
run heapsnap -p "$V_PID" -i 2s --no-save -o "$TMP/diff.json"
last=$(heartbeat "$V_PID" leaked_bytes)
is "$status" 0 'two snapshots of a process that leaks' || diag "$err"
grown=$(leak_stack "$TMP/diff.json" .bytes)
diag "the victim leaked $((last - first)) bytes meanwhile, $grown are reported"
between "$grown" 1000000 $((last - first)) \
	'it grew by what was leaked in between'
between "$(leak_stack "$TMP/diff.json" .before.bytes)" "$first" "$last" \
	'the first one is after the beginning'
is "$(leak_stack "$TMP/diff.json" '.bytes / .objects')" 1024 \
	'1024 bytes an object'
assert_undisturbed "$V_PID"
stop_victim
done_testing
