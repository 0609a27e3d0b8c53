#!/bin/bash
# --activate switches prof.active on for the time of a run, and it is off again
# afterwards: when all went well, after an error, after a signal at any point of
# the run; and when heapsnap was killed, the next run says so and puts it back.
. "${0%/*}/lib.sh"

# active: prof.active of the victim, by its own mallctl.
active() {
	tell flag prof.active
	echo "$answer"
}

marked() {
	find "/proc/$V_PID/fd" -lname '*memfd:heapsnap-active*' | wc -l
}

# is_back NAME
is_back() {
	is "$(active), $(marked) marks" 'flag 0, 0 marks' "$1"
}

# activate [ARGUMENT...]: one snapshot.
activate() {
	run heapsnap -p "$V_PID" -n 1 -i 100ms --no-save --activate "$@"
}

waits() {
	grep -q '^271 ' "/proc/$1/syscall"
}

export MALLOC_CONF=prof:true,prof_active:false,lg_prof_sample:0
start_victim hoarder
run heapsnap -p "$V_PID" -n 1 --no-save
undisturbed_before "$V_PID"
is "$(active)" 'flag 0' 'profiling is not active'

env --default-signal=INT "$HEAPSNAP" -p "$V_PID" -i 1h --no-save --activate \
	-o "$TMP/report.json" 2>"$TMP/err" &
hs=$!
started $hs
poll_until waits $hs
is "$(active), $(marked) marks" 'flag 1, 1 marks' 'it is while it runs'
tell malloc 1000 100
kill -INT $hs
wait $hs
is $? 0 'two snapshots' || diag "$(cat "$TMP/err")"
forget $hs
is "$(jq '[.stacks[] | select([.frames[].function] | index("keep"))] |
	map(.bytes) | add' "$TMP/report.json")" 112000 \
	'what was allocated meanwhile is in the profile'
is "$(cat "$TMP/err")" 'heapsnap: prof.active is on until this run ends: what the process had allocated before is in no snapshot' 'it says so'
is_back 'and it is off again'
assert_undisturbed "$V_PID"

activate -o "$TMP/no/such/folder.txt"
is "$status" 6 'a report that cannot be written'
is_back 'it is off again after an error'
activate --timeout 1ms
is_back 'and after a time-out'
HS_TIMEOUT=60 run timeout --foreground -s TERM 1 "$HEAPSNAP" -p "$V_PID" \
	-i 1h --no-save --activate
is_back 'and after SIGTERM while it waits'
assert_undisturbed "$V_PID"

# --- at any point ------------------------------------------------------------

# attempt SIGNAL:N: a run in which heapsnap gets the signal at its Nth request.
attempt() {
	{
		timeout --foreground -k 1 60 env --default-signal=INT,TERM \
			HS_FAULT="$1" HS_FAULT_LOG="${log:-}" \
			"$HEAPSNAP_FAULT" -p "$V_PID" -n 1 -i 0 --no-save \
			--activate -o "$TMP/report.txt" >"$TMP/out" \
			2>"$TMP/err" </dev/null
	} 2>/dev/null
	status=$?
}
log=$TMP/points attempt INT:0
points=$(wc -l <"$TMP/points")
between "$points" 100 5000 'a run has some hundred points'
for signal in INT TERM; do
	wrong=
	tried=0
	for ((n = 1; n <= points; n += 1 + points / 60)); do
		attempt $signal:$n
		tried=$((tried + 1))
		[ "$(active) $(marked) $status" = 'flag 0 0 130' ] ||
			[ "$(active) $(marked) $status" = 'flag 0 0 143' ] ||
			[ "$(active) $(marked) $status" = 'flag 0 0 0' ] ||
			wrong+=" $n: $(active) $(marked) $status
$(cat "$TMP/err")"
	done
	is "$wrong" '' "off again after SIG$signal at $tried points"
done
UNDISTURBED_SLACK=100 assert_undisturbed "$V_PID"

# Killed: whatever is on is marked, and the next run puts it back.
wrong=
left=0
for ((n = 1; n <= points; n += 1 + points / 40)); do
	attempt KILL:$n
	# Its last call may still be at work.
	poll_until all_threads_run "$V_PID"
	case "$(active) $(marked)" in
	'flag 1 1') left=$((left + 1)) ;;
	'flag 0 '[01]) ;;
	*) wrong+=" $n: $(active) $(marked)" ;;
	esac
done
is "$wrong" '' 'after SIGKILL nothing is on that is not marked'
between $left 1 1000 'some runs left it on'
[ "$(active)" = 'flag 1' ] || {
	env "$HEAPSNAP" -p "$V_PID" -i 1h --no-save --activate \
		2>/dev/null >&2 &
	hs=$!
	started $hs
	poll_until waits $hs
	kill -KILL $hs
	wait $hs 2>/dev/null
	forget $hs
}
is "$(active), $(marked) marks" 'flag 1, 1 marks' 'a run was killed'
run heapsnap -p "$V_PID" -n 1 --no-save
is "$err" "heapsnap: another run of heapsnap switched prof.active of process \
$V_PID on, and is at work or was killed: 'heapsnap -p $V_PID -n 1 --activate' \
puts it back" 'the next one says so'
activate
is "$err" "heapsnap: an earlier run left prof.active of process $V_PID on; \
this one switches it off at its end" 'and can put it back'
is_back 'it is off again'
UNDISTURBED_SLACK=100 assert_undisturbed "$V_PID"
stop_victim

MALLOC_CONF=prof:true start_victim hoarder
activate
is "$err" 'heapsnap: prof.active is on already, and stays on' \
	'where it is on it stays on'
is "$(active), $(marked) marks" 'flag 1, 0 marks' 'so it does'
stop_victim

done_testing
