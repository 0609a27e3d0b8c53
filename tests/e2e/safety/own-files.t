#!/bin/bash
# A thread may have descriptors of its own: a snapshot that is taken on it uses
# those, and neither reads, empties nor closes what has the same number in the
# other threads.
. "${0%/*}/../lib.sh"

head -c 100000 /dev/urandom >"$TMP/precious"
cp "$TMP/precious" "$TMP/copy"
MALLOC_CONF=prof:true,lg_prof_sample:0 start_victim ownfiles \
	--file "$TMP/precious"
tell tid
tid=${answer#tid }
undisturbed_before "$V_PID"

thread_fds() {
	local fd
	for fd in "/proc/$V_PID/task/$tid/fd"/*; do
		echo "${fd##*/} $(readlink "$fd")"
	done
}

before=$(thread_fds)
free=$(for n in {3..99}; do
	[ -e "/proc/$V_PID/task/$tid/fd/$n" ] || { echo "$n" && break; }
done)
is "$(readlink "/proc/$V_PID/fd/$free")" "$TMP/precious" \
	'the number that it will be given is another file of the process'
for n in first second; do
	run env HS_FAULT_HOST="$tid" "$HEAPSNAP_FAULT" -p "$V_PID" -n 1 \
		--no-save -f json
	is "$status" 0 "$n: a snapshot is taken" || diag "$err"
	is "$(jq -r '.snapshot.capture | "\(.mode) \(.host_tid)"' <<<"$out")" \
		"guest $tid" "$n: on that thread"
	ok "$n: the file is as it was" cmp "$TMP/copy" "$TMP/precious"
	is "$(thread_fds)" "$before" "$n: and so are the thread's descriptors"
	assert_undisturbed "$V_PID" "$n: the process is undisturbed"
done

# What a run that was killed has left is in that thread's table.
run env HS_FAULT_HOST="$tid" HS_FAULT_LOG="$TMP/points" "$HEAPSNAP_FAULT" \
	-p "$V_PID" -n 1 --no-save -f json
points=$(wc -l <"$TMP/points")
left=no
wrong=
for ((n = 1; n < points; n += 2)); do
	{
		HS_FAULT_HOST=$tid HS_FAULT=KILL:$n timeout -k 1 20 \
			"$HEAPSNAP_FAULT" -p "$V_PID" -n 1 --no-save \
			-o "$TMP/report.txt" 2>"$TMP/err"
	} 2>/dev/null
	status=$?
	[ $status = 137 ] || wrong+="point $n: $status $(cat "$TMP/err")"
	! thread_fds | grep -q memfd || left=yes
done
cmp -s "$TMP/copy" "$TMP/precious"
result $? "killed at every second of $points points: the file is as it was"
is "$wrong" '' 'it was killed at each of them'
is $left yes 'something was left at one of them'
run env HS_FAULT_HOST="$tid" "$HEAPSNAP_FAULT" -p "$V_PID" -n 1 --no-save \
	-f json
is "$status" 0 'the next snapshot is taken' || diag "$err"
is "$(thread_fds)" "$before" 'and what was left is gone'
ok 'the file is as it was' cmp "$TMP/copy" "$TMP/precious"
assert_alive "$V_PID"
stop_victim
done_testing
