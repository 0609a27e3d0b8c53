# shellcheck shell=bash
#
# What every end-to-end test begins with:
#
#	#!/bin/bash
#	# What this test proves.
#	. "${0%/*}/lib.sh"
#
#	start_victim leaker --busy 2
#	undisturbed_before "$V_PID"
#	run heapsnap -p "$V_PID" -n 1 --no-save
#	is "$status" 0 'a snapshot is taken'
#	assert_undisturbed "$V_PID"
#	stop_victim
#	done_testing
#
# $HEAPSNAP is the program to test, $VICTIMS the folder of the victims; both
# are the tree's own by default. $TMP is a folder that goes away with the test.

ROOT=$(cd "${BASH_SOURCE[0]%/*}/../.." && pwd)
HEAPSNAP=${HEAPSNAP:-$ROOT/heapsnap}
HEAPSNAP_FAULT=${HEAPSNAP_FAULT:-$ROOT/build/heapsnap-fault}
VICTIMS=${VICTIMS:-$ROOT/build/victims}
TMP=$(mktemp -d "${TMPDIR:-/tmp}/heapsnap-test.XXXXXX") || exit 1
# The user's own cache of names is not for tests, nor is one test's for another.
XDG_CACHE_HOME=$TMP/.cache
mkdir "$XDG_CACHE_HOME"
# The python3 that `make deps' installs, also where a script of that name comes first
# and looks for another one: that takes ten times as long to start.
mkdir "$TMP/.bin"
ln -s /usr/bin/python3 "$TMP/.bin/"
PATH=$TMP/.bin:$PATH
export HEAPSNAP HEAPSNAP_FAULT VICTIMS TMP ROOT XDG_CACHE_HOME PATH
export LC_ALL=C

# How long anything may take that takes no time on an idle machine; and how long
# a victim lives, which may have to wait for many such things on a busy one.
DEADLINE=${DEADLINE:-30}
LIFE=$((60 * DEADLINE))

# The number of a user who has no processes but this test's: limits count them.
# shellcheck disable=SC2034
OWN_USER=$((10000 + $$ % 50000))

# --- TAP ---------------------------------------------------------------------

TESTS=0
FAILED=0

# Where to: prove(1) shows what is on stderr. A failure is explained there.
DIAG=1
diag() {
	printf '%s\n' "$@" | sed 's/^/# /' >&$DIAG
}

# result STATUS NAME [LINE...]: the lines explain a failure. Like all below it
# returns whether the test passed, for `is ... || diag "$err"'.
result() {
	TESTS=$((TESTS + 1))
	if [ "$1" = 0 ]; then
		DIAG=1
		echo "ok $TESTS - $2"
		return 0
	fi
	DIAG=2
	echo "not ok $TESTS - $2"
	diag "not ok $TESTS - $2"
	FAILED=$((FAILED + 1))
	shift 2
	[ $# = 0 ] || diag "$@"
	return 1
}

pass() {
	result 0 "$1"
}

fail() {
	result 1 "$1"
}

# without_counts TEXT: a refusal without its counts, which are the machine's.
without_counts() {
	sed -E 's/( in [0-9]+ (try|tries))? within [0-9.]+ s:/:/
		s/ \([0-9]+%, [0-9]+ (try|tries)\)//g
		s/ one in [0-9]+ tries:/ one in N tries:/' <<<"$1"
}

# ok NAME COMMAND...: the command succeeds.
ok() {
	local name=$1 out rc
	shift
	out=$("$@" 2>&1)
	rc=$?
	result $rc "$name" "$* ended with $rc:" "$out"
}

# not_ok NAME COMMAND...: the command fails.
not_ok() {
	local name=$1 out
	shift
	! out=$("$@" 2>&1)
	result $? "$name" "$* succeeded:" "$out"
}

# is GOT WANT NAME
is() {
	[ "$1" = "$2" ]
	result $? "$3" "got:" "$1" "wanted:" "$2"
}

# is_not GOT UNWANTED NAME
is_not() {
	[ "$1" != "$2" ]
	result $? "$3" "got:" "$1"
}

# like GOT REGEX NAME: an extended regular expression, found anywhere.
like() {
	[[ $1 =~ $2 ]]
	result $? "$3" "got:" "$1" "wanted to match:" "$2"
}

unlike() {
	! [[ $1 =~ $2 ]]
	result $? "$3" "got:" "$1" "wanted not to match:" "$2"
}

# between GOT LOW HIGH NAME: integers, both ends included.
between() {
	[[ $1 =~ ^-?[0-9]+$ ]] && [ "$1" -ge "$2" ] && [ "$1" -le "$3" ]
	result $? "$4" "got: $1, wanted: $2 to $3"
}

done_testing() {
	echo "1..$TESTS"
	[ "$FAILED" = 0 ]
	exit
}

# runs_32_bits: the kernel does, which is a matter of how it and its host were made.
runs_32_bits() {
	"$VICTIMS/tiny32" </dev/null >"$TMP/out" 2>&1
	[ $? != 126 ]
}

# skip_all REASON: where a test cannot be run. In CI it has to be.
skip_all() {
	if [ -n "${CI:-}" ]; then
		fail "cannot be skipped in CI: $1"
		done_testing
	fi
	echo "1..0 # SKIP $1"
	exit 0
}

# --- processes ---------------------------------------------------------------

STARTED=()

# is_child PID: still. The shell takes what has ended at once, and its number may
# be that of anybody's process then.
is_child() {
	local status=
	{ status=$(<"/proc/$1/status"); } 2>/dev/null
	[[ $status == *$'\nPPid:\t'"$$"$'\n'* ]]
}

# kill_started: what was started and is still there.
kill_started() {
	local pid
	for pid in "${STARTED[@]}"; do
		is_child "$pid" && kill -KILL "$pid" && wait "$pid"
	done 2>/dev/null
}

clean_up() {
	kill_started
	rm -rf "$TMP"
}
trap clean_up EXIT
trap 'exit 130' INT
trap 'exit 143' TERM

# started PID: kill it when the test ends.
started() {
	STARTED+=("$1")
}

# A pipe into which nobody writes: to wait for it is to sleep without a process. Where
# the time is over before read(2) begins, bash before 5.2 waits for ever.
exec {NEVER}<> <(:)
if ((BASH_VERSINFO[0] * 100 + BASH_VERSINFO[1] >= 502)); then
	nap() { read -r -t 0.01 -u "$NEVER" _ || :; }
else
	nap() { sleep 0.01; }
fi

# poll_until COMMAND...: runs it again and again until it succeeds.
poll_until() {
	local end=$((SECONDS + DEADLINE))
	until "$@"; do
		[ $SECONDS -lt $end ] || return 1
		nap
	done
}

heapsnap() {
	timeout --foreground -k 5 "${HS_TIMEOUT:-60}" "$HEAPSNAP" "$@"
}

# older_glibc VERSION: the C library of this machine, and of static victims, is older.
older_glibc() {
	local has
	has=$(getconf GNU_LIBC_VERSION)
	! printf '%s\n' "$1" "${has#glibc }" | sort -CV
}

# run COMMAND...: its output is $out, its errors $err, its exit $status. What
# the shell itself says of a command that is killed is not wanted.
# shellcheck disable=SC2034
run() {
	{ "$@" >"$TMP/out" 2>"$TMP/err" </dev/null; } 2>/dev/null
	status=$?
	out=$(<"$TMP/out")
	err=$(<"$TMP/err")
}

# start_victim NAME ARGUMENT...
#
# Starts it and waits for its "ready"; V_SAID are the lines before that. V_PID is
# its pid, V_HEARTBEAT_FILE where its heartbeat is ("" with V_HEARTBEAT=no, which leaves it one thread less),
# V_IN and V_OUT the descriptors to talk to it. Environment as for any command:
# MALLOC_CONF=prof:true start_victim leaker.
start_victim() {
	local name=$1 n=${#STARTED[@]} line
	local -a args=(--life "$LIFE" "${@:2}")
	mkfifo "$TMP/in.$n" "$TMP/out.$n"
	V_HEARTBEAT_FILE=
	if [ "${V_HEARTBEAT:-yes}" = yes ]; then
		V_HEARTBEAT_FILE=$TMP/heartbeat.$n
		args+=(--heartbeat "$V_HEARTBEAT_FILE")
	fi
	"$VICTIMS/$name" "${args[@]}" <"$TMP/in.$n" >"$TMP/out.$n" \
		2>"$TMP/victim-err.$n" &
	V_PID=$!
	started $V_PID
	exec {V_IN}<>"$TMP/in.$n" {V_OUT}<>"$TMP/out.$n"
	echo "$V_HEARTBEAT_FILE" >"$TMP/heartbeat-of.$V_PID"
	V_SAID=()
	while victim_line line && [ "$line" != "ready $V_PID" ]; do
		V_SAID+=("$line")
	done
	if [ "$line" != "ready $V_PID" ]; then
		result 1 "victim $name is ready" "${V_SAID[*]} $line" \
			"$(cat "$TMP/victim-err.$n" 2>&1)"
		done_testing
	fi
}

# victim_line VARIABLE: the next line of the current victim, which must live.
victim_line() {
	local end=$((SECONDS + DEADLINE)) line_='' part_=''
	# On a busy machine the time may be over amid a line.
	while ! IFS= read -r -t 0.2 -u "$V_OUT" part_; do
		line_+=$part_
		if ! kill -0 "$V_PID" 2>/dev/null; then
			how_ended "$V_PID"
			printf -v "$1" '%s' "$death"
			return 1
		fi
		if [ $SECONDS -ge $end ]; then
			printf -v "$1" '%s' "no answer in $DEADLINE s"
			return 1
		fi
	done
	printf -v "$1" '%s' "$line_$part_"
}

answer=

# tell WORD...: gives the victim a command; $answer is the line it answers.
tell() {
	echo "$*" >&"$V_IN"
	victim_line answer || fail "victim answers '$*': $answer"
}

# read_report: what the current victim answers to "report": lines up to "end",
# in line_of by their first word. field WORD NAME: what its line has as NAME=.
declare -A line_of

read_report() {
	line_of=()
	tell report
	while [ "$answer" != end ]; do
		line_of[${answer%% *}]=" $answer "
		if ! victim_line answer; then
			fail "victim ends its report: $answer"
			break
		fi
	done
}

field() {
	[[ ${line_of[$1]} =~ \ $2=([^ ]*)\  ]] && echo "${BASH_REMATCH[1]}"
}

# stop_victim: by "quit" and the end of its input; it has to end well, and soon.
stop_victim() {
	local rc
	echo quit >&"$V_IN"
	exec {V_IN}>&-
	poll_until ended "$V_PID" || kill -KILL "$V_PID"
	wait "$V_PID"
	rc=$?
	how_ended "$V_PID"
	forget "$V_PID"
	exec {V_OUT}>&-
	is $rc 0 'the victim ends as usual' || diag "$death"
}

# forget PID: it was waited for, the number may belong to another process.
forget() {
	local i
	for i in "${!STARTED[@]}"; do
		# The place stays taken: its number is in names of files.
		[ "${STARTED[i]}" != "$1" ] || STARTED[i]=none
	done
}

# ended PID: gone, or a zombie.
ended() {
	local status=
	{ read -r -d '' status <"/proc/$1/status"; } 2>/dev/null
	[ -z "$status" ] || [[ $status == *$'\nState:\tZ'* ]]
}

# how_ended PID: in words, in $death. Of a child, and not in a subshell; of
# others nobody knows.
how_ended() {
	local rc
	wait "$1" 2>/dev/null
	rc=$?
	death="process $1 has ended"
	case $rc in
	127) ;;
	$((128 + 14))) death="the victim's life is over: $death by SIGALRM" ;;
	*)
		[ $rc -le 128 ] || death+=" by SIG$(kill -l $rc)"
		[ $rc -gt 128 ] || death+=" with $rc"
		;;
	esac
}
death=

# is_stopped PID: by a signal, not by a tracer.
is_stopped() {
	grep -q '^State:.T' "/proc/$1/status" 2>/dev/null
}

stopped_or_ended() {
	is_stopped "$1" || ended "$1"
}

# waits PID: heapsnap, for its next snapshot or reading: in ppoll(2), as x86-64
# numbers it, and in no other call that it makes meanwhile.
waits() {
	grep -q '^271 ' "/proc/$1/syscall"
}

# pulse PID: the numbers of its heartbeat (struct heartbeat in tests/victims/victim.h)
# in one go, into $beats and so on; $harm is not 0 when a harm was seen.
# shellcheck disable=SC2034
pulse() {
	local file numbers
	read -r file <"$TMP/heartbeat-of.$1"
	numbers=$(od -An -v -t u8 -w48 -N 48 "$file")
	read -r beats max_gap_us eintr leaked_bytes leaked_objects harm <<<"$numbers"
}

# heartbeat PID FIELD: of that struct.
heartbeat() {
	local file
	if [ "$2" = harmed ]; then
		read -r file <"$TMP/heartbeat-of.$1"
		tail -c +41 "$file" | tr -d '\0'
	else
		pulse "$1"
		echo "${!2}"
	fi
}

# --- undisturbed -------------------------------------------------------------
#
# What of a process must be the same after heapsnap has been there: for every
# thread that it lives, its state, tracer and signal masks; descriptors; files
# mapped; how many pieces of memory there are.

# R, S and D are one: what a thread does at the moment is its own business. In
# SigIgn and SigCgt 32 and 33 are left out: glibc itself installs its handler
# for 33 with a program's first pthread_create (nptl/pthread_create.c,
# late_init).
print_threads() {
	local task text key value state tracer blk ign cgt
	for task in /proc/"$1"/task/*; do
		state=
		text=
		# At once: between two reads of the file its lines may move.
		read -r -d '' text 2>/dev/null <"$task/status"
		while read -r key value; do
			case $key in
			State:) state=${value:0:1} ;;
			TracerPid:) tracer=$value ;;
			SigBlk:) blk=$value ;;
			SigIgn:) ign=$((0x$value & ~0x180000000)) ;;
			SigCgt:) cgt=$((0x$value & ~0x180000000)) ;;
			esac
		done <<<"$text"
		[ -n "$state" ] || continue
		[[ $state != [RSDI] ]] || state=runs
		printf 'thread %s: %s tracer=%s blk=%s ign=%016x cgt=%016x\n' \
			"${task##*/}" "$state" "$tracer" "$blk" "$ign" "$cgt"
	done
}

print_fds() {
	find "/proc/$1/fd" -type l -printf 'fd %f: %l\n' 2>/dev/null
}

print_files() {
	awk '$5 != 0 { print "mapped:", $0 }' "/proc/$1/maps"
}

# count_anonymous MAPS...: a line for each: pieces of memory without a file, and how
# many stacks of helper threads are mapped (256 KiB, and what the libraries have for
# each thread, above a guard page), in use or kept by glibc.
count_anonymous() {
	perl -ane '
		my ($from, $to) = map { hex } split /-/, $F[0];
		my $kib = ($to - $from) / 1024;
		$n++ if $F[4] == 0;
		if ($guard eq $F[0] =~ s/-.*//r && $F[1] eq "rw-p" &&
		    $kib >= 252 && $kib <= 272) {
			$stacks++;
			$n -= 2;
		}
		$guard = $kib == 4 && $F[1] eq "---p" ? $F[0] =~ s/.*-//r : "";
		next unless eof;
		print $n + 0, " ", $stacks + 0, "\n";
		$n = $stacks = 0;
		$guard = "";' "$@"
}

print_state() {
	print_threads "$1"
	print_fds "$1"
	print_files "$1"
}

# A thread is born with all signals blocked, and so are those of glibc's own: it
# is not yet as it will be (nptl/pthread_create.c, start_thread).
all_born() {
	! print_threads "$1" | grep -q 'blk=fffffffffffbfeff'
}

# undisturbed_before PID: how it is now; to be called again after the victim
# did something of its own (started threads, allocated a lot).
undisturbed_before() {
	poll_until all_born "$1"
	print_state "$1" >"$TMP/before.$1"
	cp "/proc/$1/maps" "$TMP/maps.$1"
	rm -f "$TMP/visited.$1"
	! has_heartbeat "$1" || heartbeat "$1" eintr >"$TMP/eintr.$1"
}

has_heartbeat() {
	local file
	read -r file <"$TMP/heartbeat-of.$1"
	[ -n "$file" ]
}

has_same_state() {
	print_state "$1" >"$TMP/after.$1"
	cmp -s "$TMP/before.$1" "$TMP/after.$1"
}

heartbeat_goes_on() {
	pulse "$1"
	[ "$beats" -gt "$2" ]
}

# beats_on PID SECONDS: its heartbeat does, within them.
beats_on() {
	pulse "$1"
	DEADLINE=$2 poll_until heartbeat_goes_on "$1" "$beats"
}

# memory_kept PID: the first snapshot may add pieces of memory, once (a stack
# that glibc keeps for the next thread, and an arena for it). UNDISTURBED_SLACK:
# how many it may get by its own doing. UNDISTURBED_STACKS: so many helper
# threads were there at a time.
memory_kept() {
	local now stacks before stacks_before allowed=${UNDISTURBED_SLACK:-0}
	cp "/proc/$1/maps" "$TMP/maps-now.$1"
	read -r -d '' before stacks_before now stacks < <(
		count_anonymous "$TMP/maps.$1" "$TMP/maps-now.$1")
	[ -e "$TMP/visited.$1" ] || allowed=$((allowed + 14))
	if [ "$now" -gt $((before + allowed)) ]; then
		echo "pieces of anonymous memory: $before before, $now now"
		diff "$TMP/maps.$1" "$TMP/maps-now.$1" | grep '^[<>]'
	fi
	allowed=$((stacks_before + ${UNDISTURBED_STACKS:-0}))
	[ -e "$TMP/visited.$1" ] || allowed=$((allowed + 1))
	[ "$stacks" -le "$allowed" ] ||
		echo "stacks of helper threads: $stacks_before before, $stacks now"
	mv "$TMP/maps-now.$1" "$TMP/maps.$1"
	: >"$TMP/visited.$1"
}

# disturbances PID: what is not as undisturbed_before saw it; nothing, when all
# is well. What heapsnap left to its helper thread may take a moment to go.
disturbances() {
	local was
	DEADLINE=${UNDISTURBED_WITHIN:-3} poll_until has_same_state "$1" ||
		diff "$TMP/before.$1" "$TMP/after.$1" | grep '^[<>]'
	memory_kept "$1"
	[ -e "$TMP/eintr.$1" ] || return
	beats_on "$1" "${UNDISTURBED_WITHIN:-3}" ||
		echo "its heartbeat stands still"
	read -r was <"$TMP/eintr.$1"
	[ "$eintr" = "$was" ] || echo "waits that ended with EINTR: $eintr"
	[ "$harm" = 0 ] || echo "harmed: $(heartbeat "$1" harmed)"
}

# assert_undisturbed PID [NAME]
assert_undisturbed() {
	local seen
	if ended "$1"; then
		how_ended "$1"
		seen=$death
	else
		seen=$(disturbances "$1")
	fi
	[ -z "$seen" ]
	result $? "${2:-the process is undisturbed}" "$seen"
}

# assert_undisturbed_but_stacks PID [NAME]: after a storm of kills, or of ptrace
# requests that fail. A helper thread that is left alone sleeps for a second,
# and those that are there at the same time leave a stack each: glibc keeps 40
# MiB of them (nptl/nptl-stack.c). As many arenas of jemalloc's may have been
# used: 4 for each CPU, two pieces each.
assert_undisturbed_but_stacks() {
	local arenas=$((4 * $(nproc)))
	UNDISTURBED_STACKS=160 \
		UNDISTURBED_SLACK=$((${UNDISTURBED_SLACK:-0} + 2 * arenas)) \
		assert_undisturbed "$@"
}

# assert_alive PID [NAME]: what must hold even after heapsnap was killed in the
# middle of its work: none of its threads is stopped or traced, it beats on.
assert_alive() {
	local seen
	if ended "$1"; then
		how_ended "$1"
		result 1 "${2:-the process lives}" "$death"
		return
	fi
	seen=$(
		DEADLINE=3 poll_until all_threads_run "$1" || print_threads "$1"
		has_heartbeat "$1" || exit
		beats_on "$1" 3 || echo "its heartbeat stands still"
		[ "$harm" = 0 ] || heartbeat "$1" harmed
	)
	[ -z "$seen" ]
	result $? "${2:-the process lives}" "$seen"
}

all_threads_run() {
	! print_threads "$1" | grep -qv ': runs tracer=0 '
}

all_threads_stop() {
	! print_threads "$1" | grep -qv ': T tracer=0 '
}
