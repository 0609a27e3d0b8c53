#!/bin/bash
# A service closes descriptors that it does not know, that of the dump among them, and
# has a file of its own by that number when jemalloc is about to write there: at any
# moment of a run the file stays as it is, and open.
. "${0%/*}/../lib.sh"

echo 'as it was' >"$TMP/precious"
MALLOC_CONF=prof:true,lg_prof_sample:0 start_victim taker --file "$TMP/precious"
tell tid
tid=${answer#tid }
# By main's number nothing would be obeyed while that is borrowed.
export HS_FAULT_THREAD=$tid
run env HS_FAULT_LOG="$TMP/points" "$HEAPSNAP_FAULT" -p "$V_PID" -n 1 --no-save
is "$status" 0 'a snapshot is taken' || diag "$err"
points=$(wc -l <"$TMP/points")
undisturbed_before "$V_PID"

# The number of the memfd, the first of what is open by that name.
memfd() {
	local fd
	for fd in "/proc/$V_PID/fd"/*; do
		if [[ $(readlink "$fd") == /memfd:heapsnap* ]]; then
			echo "${fd##*/}"
			return
		fi
	done
}

taken=0
wrong=
for ((n = 1; n < points; n += 5)); do
	HS_FAULT=STOP:$n "$HEAPSNAP_FAULT" -p "$V_PID" -n 1 --no-save \
		-o "$TMP/report.txt" 2>"$TMP/err" &
	hs=$!
	started $hs
	poll_until stopped_or_ended $hs || wrong+="$n: neither"$'\n'
	fd=$(memfd)
	if [ -n "$fd" ]; then
		tell take "$fd"
		taken=$((taken + 1))
	fi
	kill -CONT $hs 2>/dev/null
	poll_until ended $hs || wrong+="$n: it does not end"$'\n'
	wait $hs 2>/dev/null
	forget $hs
	[ -n "$fd" ] || continue
	[ "$(cat "$TMP/precious")" = 'as it was' ] ||
		wrong+="$n: the file is changed"$'\n'
	[ "$(readlink "/proc/$V_PID/fd/$fd")" = "$TMP/precious" ] ||
		wrong+="$n: its descriptor is closed"$'\n'
	echo 'as it was' >"$TMP/precious"
	tell drop "$fd"
done
is "$wrong" '' 'nothing of the file is written or closed'
between "$taken" 10 "$points" 'its number was taken many times'
run heapsnap -p "$V_PID" -n 1 --no-save
is "$status" 0 'then a snapshot is taken as ever' || diag "$err"
assert_undisturbed "$V_PID"
stop_victim
done_testing
