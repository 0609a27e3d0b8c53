#!/bin/bash
# What cannot be done is said in a sentence, with the exit status that belongs
# to it, soon, and the process is as it was before. So is the end of a process
# after any ptrace request of a run (what else may become of one then:
# safety/changes.t).
. "${0%/*}/../lib.sh"

TIMEOUT_S=1

# timed COMMAND...: run, which has to end within the time-out and two seconds.
timed() {
	local start=${EPOCHREALTIME/./}
	run "$@"
	took_ms=$(((${EPOCHREALTIME/./} - start) / 1000))
}

# refused STATUS ERRORS NAME [ARGUMENT...]: heapsnap -p $target says ERRORS. A
# second line of them is the hint.
refused() {
	timed heapsnap -p "$target" -n 1 --no-save --timeout ${TIMEOUT_S}s "${@:4}"
	is "$(without_counts "$err")" "$2" "$3: said"
	is "$status" "$1" "$3: exit status"
	is "$out" '' "$3: no report"
	between "$took_ms" 0 $((TIMEOUT_S * 1000 + 2000)) "$3: soon"
}

# refused_victim STATUS ERRORS NAME: the current victim, which does not notice.
refused_victim() {
	target=$V_PID
	undisturbed_before "$V_PID"
	refused "$@"
	assert_undisturbed "$V_PID" "$3: undisturbed"
}

# cannot WHY: the first line for the current victim.
cannot() {
	echo "heapsnap: cannot snapshot process $V_PID" \
		"('$(cat "/proc/$V_PID/comm")'): $*"
}

# --- not a process of the kind -----------------------------------------------

target=$(($(cat /proc/sys/kernel/pid_max) + 1))
refused 4 "heapsnap: no process $target
heapsnap: hint: 'pgrep -a NAME' finds processes by name" 'no such process'

MALLOC_CONF=prof:true start_victim leaker --idle 1
undisturbed_before "$V_PID"
tasks=(/proc/"$V_PID"/task/*)
target=${tasks[-1]##*/}
refused 4 "heapsnap: $target is a thread of process $V_PID
heapsnap: hint: use the process: -p $V_PID" 'a thread'
assert_undisturbed "$V_PID" 'a thread: undisturbed'
stop_victim

target=$(ps -o pid= --ppid 2 | head -1 | tr -d ' ')
if [ -n "$target" ]; then
	refused 4 "heapsnap: process $target is a kernel thread" 'a kernel thread'
else
	pass 'a kernel thread # SKIP none to be seen here'
fi

# Its child ends when the shell, which would wait for it, is sleep(1) already.
mkfifo "$TMP/end"
(
	read -r _ <"$TMP/end" &
	echo $! >"$TMP/zombie"
	exec sleep "$LIFE"
) &
parent=$!
started $parent
poll_until grep -qx sleep /proc/$parent/comm
target=$(cat "$TMP/zombie")
echo end >"$TMP/end"
poll_until ended "$target"
refused 4 "heapsnap: process $target is a zombie: it has ended
heapsnap: hint: its parent, process $parent, has not waited for it" 'a zombie'

if runs_32_bits; then
	V_HEARTBEAT=no start_victim tiny32
	refused_victim 4 "$(cannot it is a 32-bit program: only 64-bit ones can be \
		snapshotted)" 'a 32-bit program'
	stop_victim
else
	pass 'a 32-bit program # SKIP this kernel runs none'
fi

# --- not now -----------------------------------------------------------------

export MALLOC_CONF=prof:true
V_HEARTBEAT=no start_victim leaker
kill -STOP "$V_PID"
poll_until all_threads_stop "$V_PID"
refused_victim 4 "$(cannot it is stopped)
heapsnap: hint: a stopped process cannot write a profile: continue it with \
'kill -CONT $V_PID' first" 'a stopped process'
kill -CONT "$V_PID"

traced() {
	print_threads "$V_PID" | grep -q "tracer=$tracer "
}
mkfifo "$TMP/gdb"
exec {gdb_in}<>"$TMP/gdb"
for name in strace gdb; do
	if [ $name = strace ]; then
		strace -q -o /dev/null -p "$V_PID" &
	else
		gdb -q -nx -p "$V_PID" <&"$gdb_in" >/dev/null 2>&1 &
	fi
	tracer=$!
	started $tracer
	ok "$name traces it" poll_until traced
	refused_victim 4 "$(cannot "it is already traced by process $tracer" \
		"('$name')")
heapsnap: hint: a thread can have only one tracer: wait for it to end, or end it" \
		"traced by $name"
	kill $tracer
	wait $tracer 2>/dev/null
	forget $tracer
done
stop_victim

start_victim leaker
cp "$HEAPSNAP" "$TMP/heapsnap"
chmod 711 "$TMP"
as_nobody() {
	setpriv --reuid=65534 --regid=65534 --clear-groups "$TMP/heapsnap" "$@"
}
undisturbed_before "$V_PID"
timed as_nobody -p "$V_PID" -n 1 --no-save
is "$err" "$(cannot "cannot open '/proc/$V_PID/task/$V_PID/mem': Permission denied")
heapsnap: hint: the process belongs to user 0: run as that user or as root" \
	'not permitted: said'
is "$status" 4 'not permitted: exit status'
assert_undisturbed "$V_PID" 'not permitted: undisturbed'
stop_victim

V_HEARTBEAT=no start_victim stuck
refused_victim 5 "$(cannot "no safe moment was found: thread $V_PID is inside \
jemalloc")
heapsnap: hint: no --timeout helps while its threads stay where they are, and \
none has moved; the process was not changed" 'the thread is inside the allocator'
stop_victim

V_HEARTBEAT=no start_victim stuck
undisturbed_before "$V_PID"
run heapsnap -p "$V_PID" -n 1 --no-save --timeout 1500ms
like "$err" "no safe moment was found in [0-9]+ tries within [0-9.]+ s: thread \
$V_PID is inside jemalloc \\(100%, [0-9]+ tries\\)" \
	'how often it looked, for how long, and the share of the reason'
between "$(grep -oE '[0-9]+ tries within' <<<"$err" | cut -d' ' -f1)" 2 10000 \
	'it has looked again and again'
is "$(grep -oE '[0-9]+ tries\)' <<<"$err")" \
	"$(grep -oE '[0-9]+ tries within' <<<"$err" | cut -d' ' -f1) tries)" \
	'each try has a reason'
assert_undisturbed "$V_PID" 'all threads are inside the allocator, counted'
stop_victim
unset MALLOC_CONF

# --- no profile --------------------------------------------------------------

start_victim plain
refused_victim 3 "$(cannot "it has no jemalloc: none of its files has a symbol \
that ends in 'mallctl'")
heapsnap: hint: link it with jemalloc, or start it with \
LD_PRELOAD=libjemalloc.so.2; if it has one and its program is stripped, give the \
folder of its debug file by --debug-dir, or the address of mallctl by \
--mallctl-address" 'no jemalloc'
stop_victim

# prefix ROW: what the names of its jemalloc begin with.
prefix() {
	local name=${1%:*}
	name=${name#*leaker}
	echo "${name#-}"
}

for row in leaker:MALLOC_CONF embedded-leaker:MALLOC_CONF \
	embedded-leaker-je_:JE_MALLOC_CONF \
	embedded-leaker-_rjem_:_RJEM_MALLOC_CONF static-leaker:MALLOC_CONF \
	static-leaker-je_:JE_MALLOC_CONF \
	static-leaker-_rjem_:_RJEM_MALLOC_CONF; do
	start_victim "${row%:*}"
	why="profiling is not on in its jemalloc
heapsnap: hint: it can only be turned on at start: set \
${row#*:}=prof:true,lg_prof_sample:19 in its environment (or link \
/etc/$(prefix "$row")malloc.conf to that text, or compile it into the program \
as const char *$(prefix "$row")malloc_conf); 19, one sample every 512 KiB, is \
the default and costs next to nothing"
	refused_victim 3 "$(cannot "$why")" "${row%:*} without prof:true" \
		-o "$TMP/a.heap"
	refused_victim 3 "$(cannot "$why")" "${row%:*}, pprof" -o "$TMP/a.pb.gz"
	refused_victim 3 "$(cannot "$why")" "${row%:*}, --base" \
		-q --base "$ROOT/tests/data/jemalloc-5.3.0-exact.heap"
	run heapsnap -p "$V_PID" -n 1 --no-save
	is "$status" 0 "${row%:*}: what there is is reported" || diag "$err"
	like "$out" '  no stacks from this run of the process: profiling is not on in its
? *jemalloc' 'that there are no stacks'
	like "$out" "set[
 ]+${row#*:}=prof:true,lg_prof_sample:19[
 ]+in its environment" 'what to set'
	like "$out" '
where the memory is
' 'and where the memory is'
	# The first run that gets as far as the statistics.
	UNDISTURBED_SLACK=16 assert_undisturbed "$V_PID" \
		"${row%:*}: undisturbed"
	stop_victim
done

# --- not understood ----------------------------------------------------------

# misused MESSAGE ARGUMENT...
misused() {
	timed heapsnap "${@:2}"
	is "$err" "heapsnap: $1
heapsnap: hint: try 'heapsnap --help'" "'${*:2}': said"
	is "$status" 2 "'${*:2}': exit status"
}
misused "unknown option '--bogus'" -p 1 --bogus
misused "unknown option '-Z'" -p 1 -Z
misused '-p needs a PID|NAME' -p
misused "invalid --timeout 'soon': want a time such as 10s, 500ms or 5m" \
	-p 1 --timeout soon

# --- in the middle -----------------------------------------------------------

# meanwhile SIGNAL:N: the victim gets the signal after the Nth ptrace request.
meanwhile() {
	rm -f "$TMP/log"
	timed timeout -k 1 20 env HS_FAULT="$1" HS_FAULT_TARGET="$V_PID" \
		HS_FAULT_LOG="$TMP/log" "$HEAPSNAP_FAULT" -p "$V_PID" -n 1 \
		--no-save --timeout ${TIMEOUT_S}s
	n_points=$(grep -c . "$TMP/log")
}

export MALLOC_CONF=prof:true
V_HEARTBEAT=no start_victim leaker --idle 1
meanwhile KILL:0
between "$n_points" 100 5000 'a run has some hundred points'

stop_victim

# After the last request there is nothing left to be asked of the process: a run
# whose point is that one has its report.
wrong=
for ((n = 1; n > 0; n += 3)); do
	V_HEARTBEAT=no start_victim leaker
	meanwhile KILL:$n
	[ "$n_points" -ge $n ] || break
	[ "$status/$n_points" = "0/$n" ] ||
		[ "$status/$err" = "4/heapsnap: cannot snapshot process $V_PID \
('leaker'): it ended meanwhile" ] || wrong+="$n: $status $err"$'\n'
	[ "$took_ms" -le $((TIMEOUT_S * 1000 + 2000)) ] ||
		wrong+="$n: $took_ms ms"$'\n'
	wait "$V_PID"
	forget "$V_PID"
	exec {V_IN}>&- {V_OUT}>&-
done 2>/dev/null
stop_victim
[ -z "$wrong" ]
result $? 'killed in the middle of a run, at each third point' "$wrong"

start_victim leaker
mkdir "$TMP/kept"
{ heapsnap -p "$V_PID" -i 60s --save "$TMP/kept" >"$TMP/out" 2>"$TMP/err" & }
waiting=$!
started $waiting
kept() {
	compgen -G "$TMP/kept/*.heap" >/dev/null
}
ok 'the first snapshot is taken' poll_until kept
pid=$V_PID
{ kill -KILL "$pid" && wait "$pid"; } 2>/dev/null
forget "$pid"
wait $waiting
status=$?
forget $waiting
is "$(cat "$TMP/err")" "heapsnap: process $pid ('leaker') ended before the \
second snapshot" 'killed between two snapshots: said'
is $status 4 'killed between two snapshots: exit status'
# --- a CPU without XSAVE -------------------------------------------------------

MALLOC_CONF=prof:true start_victim leaker
undisturbed_before "$V_PID"
# What looks for leaks cannot under strace.
export ASAN_OPTIONS=detect_leaks=0
strace -qq -o "$TMP/trace" -e trace=ptrace "$HEAPSNAP" -p "$V_PID" -n 1 \
	--no-save >/dev/null 2>&1
n=$(awk '/PTRACE_GETREGSET.*NT_X86_XSTATE/ { print NR; exit }' "$TMP/trace")
run strace -qq -o "$TMP/trace" -e trace=ptrace \
	-e inject="ptrace:error=ENODEV:when=$n" "$HEAPSNAP" -p "$V_PID" -n 1 \
	--no-save
is "$status" 4 'no XSAVE: refused'
like "$err" ": this machine's CPU has no XSAVE, or its kernel does not use it: a \
thread's vector registers could not be put back
heapsnap: hint: give the virtual machine a CPU that has it" 'no XSAVE: said'
assert_undisturbed "$V_PID" 'no XSAVE'
stop_victim
done_testing
