#!/bin/bash
# A thread may have descriptors of its own: a snapshot that is taken on it uses
# those, and neither reads, empties nor closes what has the same number in the
# other threads. Nor does --activate, which leaves its mark among them.
. "${0%/*}/../lib.sh"
. "${0%/*}/../snap/activate.sh"

head -c 100000 /dev/urandom >"$TMP/precious"
cp "$TMP/precious" "$TMP/copy"
MALLOC_CONF=prof:true,lg_prof_sample:0 start_victim ownfiles \
	--file "$TMP/precious"
tell tid
tid=${answer#tid }
undisturbed_before "$V_PID"

# fds_of TID
fds_of() {
	local fd
	for fd in "/proc/$V_PID/task/$1/fd"/*; do
		echo "${fd##*/} $(readlink "$fd")"
	done
}

thread_fds() {
	fds_of "$tid"
}

before=$(thread_fds)
free=$(for n in {3..99}; do
	[ -e "/proc/$V_PID/task/$tid/fd/$n" ] || { echo "$n" && break; }
done)
is "$(readlink "/proc/$V_PID/fd/$free")" "$TMP/precious" \
	'the number that it will be given is another file of the process'
for n in first second; do
	run env HS_FAULT_THREAD="$tid" "$HEAPSNAP_FAULT" -p "$V_PID" -n 1 \
		--no-save -f json
	is "$status" 0 "$n: a snapshot is taken" || diag "$err"
	is "$(jq -r '.snapshot.capture | "\(.mode) \(.host_tid)"' <<<"$out")" \
		"guest $tid" "$n: on that thread"
	ok "$n: the file is as it was" cmp "$TMP/copy" "$TMP/precious"
	is "$(thread_fds)" "$before" "$n: and so are the thread's descriptors"
	assert_undisturbed "$V_PID" "$n: the process is undisturbed"
done

# What a run that was killed has left is in that thread's table.
run env HS_FAULT_THREAD="$tid" HS_FAULT_LOG="$TMP/points" "$HEAPSNAP_FAULT" \
	-p "$V_PID" -n 1 --no-save -f json
points=$(wc -l <"$TMP/points")
left=no
wrong=
for ((n = 1; n < points; n += 2)); do
	{
		HS_FAULT_THREAD=$tid HS_FAULT=KILL:$n timeout -k 1 20 \
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
run env HS_FAULT_THREAD="$tid" "$HEAPSNAP_FAULT" -p "$V_PID" -n 1 --no-save \
	-f json
is "$status" 0 'the next snapshot is taken' || diag "$err"
is "$(thread_fds)" "$before" 'and what was left is gone'
ok 'the file is as it was' cmp "$TMP/copy" "$TMP/precious"
assert_alive "$V_PID"
stop_victim

MALLOC_CONF=prof:true,prof_active:false,lg_prof_sample:0 \
	start_victim ownfiles --file "$TMP/precious" --apart 128
tell tid
tid=${answer#tid }
main=$V_PID
look_at "$V_PID" 'active 1' 'active 0'
undisturbed_before "$V_PID"
for n in "$main" "$tid"; do
	fds_of "$n" >"$TMP/fds.$n"
done

active() {
	tell active
	echo "$answer"
}

# changed TID: its descriptors since the start, "> NUMBER FILE" is new.
changed() {
	diff "$TMP/fds.$1" <(fds_of "$1") | grep '^[<>]'
}

# activated_on TID: a run with --activate that may borrow that thread alone.
activated_on() {
	run env HS_FAULT_THREAD="$1" timeout 60 "$HEAPSNAP_FAULT" "${activate[@]}"
}

# killed_on TID NAME: a run on that thread is killed while prof.active is on.
killed_on() {
	HEAPSNAP=$HEAPSNAP_FAULT HS_FAULT_THREAD=$1 start_run
	end_run KILL
	poll_until all_threads_run "$V_PID"
	is "$(active)" 'active 1' "$2: a run was killed"
	like "$(changed "$1")" \
		'^> [0-9]+ /memfd:heapsnap-active \(deleted\)$' \
		"$2: its mark is all that is new there"
}

as_before() {
	is "$(active)" 'active 0' "$1: profiling is off"
	is "$(changed "$tid")" '' "$1: the thread's descriptors are as before"
	is "$(changed "$main")" '' "$1: and the main thread's"
}

adopted="heapsnap: an earlier run left prof.active of process $V_PID on; this \
one switches it off at its end"
for n in first second; do
	activated_on "$tid"
	is "$status" 0 "activated, $n: a snapshot is taken" || diag "$err"
	as_before "activated, $n"
	assert_undisturbed "$V_PID" "activated, $n: the process is undisturbed"
done

killed_on "$main" 'main thread'
activated_on "$tid"
is "$status" 0 'main thread: the next run is on the other one' || diag "$err"
is "$(changed "$tid")" '' 'main thread: all files of that one stay open'
is "$(active)" 'active 0' 'main thread: profiling is off'
is "$(without_counts "$err")" "$adopted
heapsnap: warning: the mark of --activate stays in process $V_PID ('ownfiles'): no \
safe moment was found: none of its threads may be used for this
heapsnap: hint: 'heapsnap -p $V_PID -n 1 --activate' tries it again" \
	'main thread: it says that the mark stays'
run heapsnap "${activate[@]}"
is "$status" 0 'main thread: a run that may use it' || diag "$err"
as_before 'main thread'

run heapsnap -p "$V_PID" -n 1 --no-save -f json
is "$(jq .snapshot.capture.host_tid <<<"$out")" "$main" \
	'when it may choose, it is the main thread'
killed_on "$tid" 'own table'
run heapsnap -p "$V_PID" -n 1 --no-save
like "$err" "another run of heapsnap switched prof.active of process $V_PID on" \
	'own table: a mark is seen there'
run heapsnap "${activate[@]}"
is "$status $err" "0 $adopted" 'own table: the next run takes it away'
as_before 'own table'
assert_undisturbed_but_stacks "$V_PID"
stop_victim
done_testing
