#!/bin/bash
# The storm of tests/e2e/safety/storm.t as a debugger makes it: prof.dump called
# by `gdb -p PID -batch', again and again, until the process hangs or has
# crashed. Prints a line of Markdown for each load; a call that gdb could not
# make is one of those that failed.
#
#	tests/storm/gdb.sh [CALLS]
. "${0%/*}/../e2e/lib.sh"

CALLS=${1:-300}
CALL_LIMIT=30 # seconds
HANGS_AFTER=20

beats_on() {
	[ "$(heartbeat "$V_PID" beats)" -gt "$1" ]
}

# state: what has become of the process; "" while it is well.
state() {
	if ended "$V_PID"; then
		wait "$V_PID"
		echo "ended with status $?"
	elif ! DEADLINE=$HANGS_AFTER poll_until beats_on \
		"$(heartbeat "$V_PID" beats)"; then
		echo "hangs: no thread of it does anything for $HANGS_AFTER s"
	fi
}

# storm LG THREADS
storm() {
	local n start rc seen='' harmed='' late=0 failed=0
	MALLOC_CONF=prof:true,lg_prof_sample:$1,prof_prefix:$TMP/dump \
		start_victim storm/storm --load tight --threads "$2" \
		--beat no --life 100000
	start=$SECONDS
	for ((n = 1; n <= CALLS; n++)); do
		timeout -k 5 $CALL_LIMIT gdb -p "$V_PID" -batch -nx -ex \
			'call (int)mallctl("prof.dump", 0, 0, 0, 0)' \
			>"$TMP/gdb.out" 2>&1 </dev/null
		rc=$?
		if [ $rc = 124 ] || [ $rc = 137 ]; then
			late=$((late + 1))
		elif ! grep -q '^[$]1 = 0$' "$TMP/gdb.out"; then
			failed=$((failed + 1))
		fi
		rm -f "$TMP"/dump*
		[ -n "$harmed" ] || [ -z "$(heartbeat "$V_PID" harmed)" ] ||
			harmed="$(heartbeat "$V_PID" harmed) (call $n)"
		seen=$(state)
		[ -z "$seen" ] || break
	done
	[ -n "$seen" ] || n=$CALLS
	echo "| $2 × tight, lg_prof_sample $1 | $n | $failed | $late |" \
		"$(((SECONDS - start) * 1000 / n)) | ${harmed:-nothing} |" \
		"${seen:-goes on} |"
	diag "$(tail -5 "$TMP/gdb.out")" >&2
	kill -KILL "$V_PID" 2>/dev/null
	wait "$V_PID" 2>/dev/null
	forget "$V_PID"
}

echo '| load | calls of prof.dump by gdb | failed |' \
	"longer than $CALL_LIMIT s |" \
	'ms each | what it says of itself first | in the end it |'
echo '|---|--:|--:|--:|--:|---|---|'
for threads in 1 8; do
	storm 0 $threads
	storm 12 $threads
done
