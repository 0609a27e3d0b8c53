#!/bin/bash
# All snapshots of one run are taken by one helper thread, for which one thread is
# borrowed once. Between two it sleeps: neither stopped nor traced, so that
# setuid(2) and execve(2) wait for nobody, a debugger may come, and another
# heapsnap may work. Killed meanwhile, heapsnap leaves a sleep of two seconds and
# nothing else. What the process becomes between two snapshots is its own doing.
. "${0%/*}/../lib.sh"

# begin ARGUMENT...: a run, $hs.
begin() {
	rm -f "$TMP/points"
	env --default-signal=INT HS_FAULT_LOG="$TMP/points" "$HEAPSNAP_FAULT" \
		-p "$V_PID" "$@" >"$TMP/out" 2>"$TMP/err" &
	hs=$!
	started $hs
}

# finish [SIGNAL]: its exit is in $status.
finish() {
	[ -z "$1" ] || kill -"$1" $hs
	wait $hs 2>/dev/null
	status=$?
	forget $hs
}

# The threads with the name $1.
named() {
	local name
	for name in /proc/"$V_PID"/task/*/comm; do
		[ "$(cat "$name" 2>/dev/null)" != "$1" ] ||
			basename "${name%/comm}"
	done
}

# rests: its helper thread, $helper, sleeps.
rests() {
	helper=$(named heapsnap-rests)
	[ -n "$helper" ]
}

sleeps() {
	[[ $(cat "/proc/$V_PID/task/$helper/syscall") =~ ^(35|219|230)\  ]]
}

# taken N: so many snapshots are taken in $TMP/kept.
taken() {
	[ "$(find "$TMP/kept" -name '*.heap' | wc -l)" -ge "$1" ]
}

tracer_of() {
	sed -n 's/^TracerPid:\t//p' "/proc/$V_PID/task/$1/status"
}

fresh() {
	rm -rf "$TMP/kept"
	mkdir "$TMP/kept"
}

# count WHAT: of the ptrace requests of a run.
count() {
	grep -c " $1\$" "$TMP/points"
}

# --- one thread for all --------------------------------------------------------

MALLOC_CONF=prof:true,lg_prof_sample:0 start_victim leaker
tell leak 100 1000
undisturbed_before "$V_PID"
fresh
begin -n 4 -i 1500ms --save "$TMP/kept" -f json -o "$TMP/report.json"
helpers=
for n in 1 2 3; do
	poll_until taken $n
	poll_until rests
	result $? "after snapshot $n the helper thread rests"
	helpers+=" $helper"
	ok "after snapshot $n it sleeps" poll_until sleeps
	# A renewal traces it for some microseconds.
	untraced() {
		[ "$(tracer_of "$helper")" = 0 ]
	}
	ok "after snapshot $n nobody traces it" poll_until untraced
done
finish
is $status 0 'a series of four' || diag "$(cat "$TMP/err")"
is "$(tr ' ' '\n' <<<"${helpers# }" | sort -u | wc -l)" 1 'it is one thread'
is "$(count PTRACE_GETEVENTMSG)" 1 'which was made once'
is "$(jq -c '[.snapshots[].capture.pause_us] | map(. > 0)' \
	"$TMP/report.json")" '[true,false,false,false]' \
	'only for the first snapshot another thread was stopped'
assert_undisturbed "$V_PID"

# --- within an interval ----------------------------------------------------------

fresh
run heapsnap -p "$V_PID" -i 3s --save "$TMP/kept"
is "$status" 0 'an interval' || diag "$err"
is "$(find "$TMP/kept" -name '*.heap' | wc -l)" 2 'the first and the last are kept'
mapfile -t kept < <(ls "$TMP/kept")
us=$(($(sed -n 's/^# heapsnap taken-at-us //p' "$TMP/kept/${kept[0]}" \
	"$TMP/kept/${kept[1]}" | paste -sd- | sed 's/\(.*\)-\(.*\)/\2-\1/')))
between "$us" 2900000 9000000 'which are an interval apart'
fresh
run heapsnap -p "$V_PID" -i 3s --save "$TMP/kept" --save-all
n=$(find "$TMP/kept" -name '*.heap' | wc -l)
between "$n" 2 6 '--save-all: those in between, too'
[ "$n" -gt 2 ] || diag 'this machine is too busy for more'
fresh
run heapsnap -p "$V_PID" -n 2 -i 1s --save "$TMP/kept" --save-all
is "$(find "$TMP/kept" -name '*.heap' | wc -l)" 2 '-n 2: two, not more'
fresh
begin -i 1h --save "$TMP/kept"
poll_until rests && poll_until waits $hs
finish INT
is $status 0 'Ctrl-C takes the last one now'
is "$(find "$TMP/kept" -name '*.heap' | wc -l)" 2 'and that is kept'
assert_undisturbed "$V_PID"
run heapsnap -p "$V_PID" --save-all --no-save
is "$status/$err" "2/heapsnap: --save-all and --no-save contradict each other
heapsnap: hint: try 'heapsnap --help'" \
	'--save-all with --no-save'

# --- others, meanwhile ---------------------------------------------------------

begin -i 1h --no-save
poll_until rests
run heapsnap -p "$V_PID" -n 1 --no-save --timeout 20
is "$status" 0 'another run, while the helper thread rests' || diag "$err"
strace -f -o "$TMP/trace" -e trace=none -p "$V_PID" 2>"$TMP/strace.err" &
strace=$!
started $strace
# (Our own thread we may just be waking ourselves.)
is_traced() {
	[ "$(tracer_of "$V_PID")" = "$strace" ]
}
ok 'a debugger comes' poll_until is_traced
kill -INT $strace
wait $strace 2>/dev/null
forget $strace
poll_until waits $hs
finish INT
is $status 0 'and goes: the last snapshot' || diag "$(cat "$TMP/err")"
# Two helper threads were there at a time.
assert_undisturbed_but_stacks "$V_PID"

begin -i 1h --no-save
poll_until rests
finish KILL
gone() {
	[ -z "$(named heapsnap-rests)$(named heapsnap)" ]
}
ok 'killed: its helper thread ends by itself' poll_until gone
assert_undisturbed "$V_PID"
begin -i 1h --no-save
poll_until rests
finish KILL
run heapsnap -p "$V_PID" -n 1 --no-save
is "$status" 0 'killed: the next run need not wait for that' || diag "$err"
assert_undisturbed "$V_PID"

# It rests as long as we live.
begin -i 1h --no-save
poll_until rests
first=$helper
for n in {1..5}; do
	woken=$(count PTRACE_SEIZE)
	renewed() {
		[ "$(count PTRACE_SEIZE)" -gt "$woken" ]
	}
	poll_until renewed
done
rests
is "$helper" "$first" 'it is the same thread after five seconds'
poll_until waits $hs
finish INT
is $status 0 'which takes the last snapshot'
is "$(count PTRACE_GETEVENTMSG)" 1 'it was made once'
assert_undisturbed "$V_PID"

# A stopped heapsnap keeps nobody: its helper thread ends, and it makes another.
# (One that is stopped while it holds its helper thread is no such case.)
begin -i 1h --no-save
stopped() {
	[[ $(cat "/proc/$hs/stat") == *') T '* ]]
}
stop_at_rest() {
	rests || return
	kill -STOP "$hs"
	poll_until stopped
	rests && [ "$(tracer_of "$helper")" = 0 ] && return
	kill -CONT "$hs"
	return 1
}
poll_until stop_at_rest
ok 'stopped: its helper thread ends by itself' poll_until gone
kill -CONT "$hs"
poll_until waits $hs
finish INT
is $status 0 'it goes on with a new one' || diag "$(cat "$TMP/err")"
assert_undisturbed "$V_PID"

# A process that is frozen while the thread is to be woken: it stops for us when
# the process goes on, and must not stay so for as long as we wait.
freezer=/sys/fs/cgroup/freezer/heapsnap-test.$$
thaw() {
	kill_started
	echo THAWED 2>/dev/null >"$freezer/freezer.state"
	rmdir "$freezer" 2>/dev/null
	clean_up
}
if mkdir "$freezer" 2>/dev/null; then
	trap thaw EXIT
	begin -i 1h --no-save
	poll_until rests
	echo "$V_PID" >"$freezer/cgroup.procs"
	echo FROZEN >"$freezer/freezer.state"
	held() {
		[ "$(tracer_of "$helper")" = "$hs" ]
	}
	ok 'frozen: its thread is to be woken' poll_until held
	# Until it has been given up, after seconds, and another look.
	ticks() {
		[ "$(count PTRACE_INTERRUPT)" -ge "$interrupts" ]
	}
	interrupts=$(($(count PTRACE_INTERRUPT) + 3))
	poll_until ticks
	echo THAWED >"$freezer/freezer.state"
	# (Its own sleep was over by then.)
	ok 'thawed: it is let go, and ends' poll_until gone
	is "$(readlink "/proc/$hs/exe")" "$(readlink -f "$HEAPSNAP_FAULT")" \
		'while heapsnap goes on'
	poll_until waits $hs
	finish INT
	is $status 0 'and takes the last snapshot' || diag "$(cat "$TMP/err")"
	assert_undisturbed_but_stacks "$V_PID"
	echo "$V_PID" >"${freezer%/*}/cgroup.procs"
	rmdir "$freezer"
fi
stop_victim

# --- what becomes of the process ------------------------------------------------

MALLOC_CONF=prof:true V_HEARTBEAT=no start_victim changer
begin -i 1h --no-save
poll_until rests
kill -USR1 "$V_PID"
victim_line line
is "$line" "ready $V_PID" 'execve waits for nobody'
is "$(named heapsnap-rests)$(named heapsnap)" '' 'and leaves nothing of ours'
finish INT
echo quit >&"$V_IN"
wait "$V_PID"
is $? 0 'the new program ends as it wants'
forget "$V_PID"
exec {V_IN}>&- {V_OUT}>&-

MALLOC_CONF=prof:true V_HEARTBEAT=no start_victim changer
fresh
begin -i 1h --save "$TMP/kept"
poll_until rests
kill -USR2 "$V_PID"
wait "$V_PID"
is $? 7 'exit waits for nobody'
forget "$V_PID"
finish
is "$status/$(cat "$TMP/err")" "4/heapsnap: process $V_PID ('changer') ended \
before the second snapshot" 'and is reported'
exec {V_IN}>&- {V_OUT}>&-

# A process that has locked memory, and may not lock 16 MiB more: the helper
# thread itself asks whether new memory would be locked. None is left, not even for
# as long as one sleeps.
locked_allowed=$(ulimit -Sl)
ulimit -Sl 4096
MALLOC_CONF=prof:true V_HEARTBEAT=no start_victim corner --place region
ulimit -Sl "$locked_allowed"
undisturbed_before "$V_PID"
begin -n 4 -i 500ms --no-save -f json -o "$TMP/report.json"
finish
is $status 0 'a series of four, of a process that locks memory' ||
	diag "$(cat "$TMP/err")"
is "$(named heapsnap-rests)$(named heapsnap)" '' 'at its end no thread is left'
is "$(count PTRACE_GETEVENTMSG)" 1 'one was made'
assert_undisturbed "$V_PID"
stop_victim

# What it maps from now on is locked, and no more of it may be: what a snapshot
# takes would be what the service lacks.
MALLOC_CONF=prof:true V_HEARTBEAT=no start_victim corner
begin -i 1h --no-save
poll_until rests
tell lock
is "$answer" locked 'a process that locks what it maps, between two snapshots'
locked=$(awk '/^VmLck/ { print $2 * 1024 }' "/proc/$V_PID/status")
prlimit --pid "$V_PID" --memlock=$((locked + (1 << 20))):
poll_until waits $hs
finish INT
is $status 4 'gets no second one'
like "$(cat "$TMP/err")" 'it locks its new memory, too \(mlockall\(2\) with MCL_FUTURE\): RLIMIT_MEMLOCK leaves it 1024 KiB' \
	'and is told why'
is "$(named heapsnap-rests)$(named heapsnap)" '' 'its helper thread is gone'
assert_alive "$V_PID"
stop_victim

# A process ends with its last thread: that is not ours.
MALLOC_CONF=prof:true V_HEARTBEAT=no start_victim headless
begin -i 1h --no-save
poll_until rests
kill -USR1 "$V_PID"
kill -USR2 "$V_PID"
wait "$V_PID"
is $? 7 'a process whose main thread ends goes as it wants'
forget "$V_PID"
finish
exec {V_IN}>&- {V_OUT}>&-
done_testing
