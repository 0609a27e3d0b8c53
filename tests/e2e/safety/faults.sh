# shellcheck shell=bash
#
# What the tests share that end heapsnap, or fail it, at each step of a run.
# Sourced after lib.sh; the current victim is the target, and has a heartbeat.
#
# shellcheck disable=SC2154

# attempt SIGNAL:N: a run that ends itself by SIGNAL at point N; $status. The
# shell's word on a killed command goes with the rest of the errors.
attempt() {
	{
		timeout --foreground -k 1 20 \
			env --default-signal=INT,TERM HS_FAULT="$1" \
			HS_FAULT_THREAD="$borrowed" HS_FAULT_LOG="$log" \
			"$HEAPSNAP_FAULT" -p "$V_PID" -n 1 --no-save \
			-o "$TMP/report.txt" >"$TMP/out" 2>"$TMP/err" </dev/null
	} 2>/dev/null
	status=$?
}
borrowed='' log=''

none_stopped() {
	local task text
	for task in /proc/"$V_PID"/task/*; do
		text=
		{ read -r -d '' text <"$task/status"; } 2>/dev/null
		[ -z "$text" ] || [[ $text == *$'\nState:\t'[RSDI]* &&
			$text == *$'\nTracerPid:\t0\n'* ]] || return
	done
}

# What is wrong right after a run, in $hurt; "" if nothing is. With "clean" the
# run had the time to put all back.
examine() {
	local -a tasks fds
	hurt=
	if [ "$1" = clean ]; then
		tasks=(/proc/"$V_PID"/task/*)
		fds=(/proc/"$V_PID"/fd/*)
		[ ${#tasks[@]} = "$n_tasks" ] || hurt="${#tasks[@]} threads"
		[ ${#fds[@]} = "$n_fds" ] || hurt+=" ${#fds[@]} descriptors"
	fi
	if ended "$V_PID"; then
		how_ended "$V_PID"
		hurt+=" $death"
		return
	fi
	DEADLINE=3 poll_until none_stopped || hurt+=" $(print_threads "$V_PID")"
	beats_on "$V_PID" 3 || hurt+=' its heartbeat stands still'
	[ "$harm" = 0 ] || hurt+=" harmed: $(heartbeat "$V_PID" harmed)"
}

# look_before: of a victim that is as it should be.
look_before() {
	local -a list
	undisturbed_before "$V_PID"
	list=(/proc/"$V_PID"/task/*) n_tasks=${#list[@]}
	list=(/proc/"$V_PID"/fd/*) n_fds=${#list[@]}
	learn
	between "$n_points" 100 5000 'a run has some hundred points to end at'
	between "$call_points" 5 "$borrowed_points" 'in some a thread is stopped'
	between "$borrowed_points" 20 "$n_points" 'in some a call is on it'
}

# learn: how many points a run has (n_points), up to which one its borrowed
# thread is only stopped (call_points), and up to which one borrowed
# (borrowed_points).
learn() {
	log=$TMP/log
	rm -f "$log"
	attempt KILL:0
	[ "$status" = 0 ] || fail "a run that nothing ends: $(cat "$TMP/err")"
	n_points=$(grep -c . "$log")
	call_points=$(sed -n 's/ PTRACE_SETOPTIONS$//p' "$log" | head -1)
	borrowed_points=$(sed -n 's/ PTRACE_DETACH$//p' "$log" | tail -1)
	log=
}

# storm SIGNAL STATUS STOP:CALL [LAST] NAME: an end at each point, up to LAST or
# the end of the run; with $stride at each $stride-th, after the $offset-th; with
# $rest at each $rest-th of those at which no thread of the process's is held.
# $FAULT_SPACING times as far apart where heapsnap takes longer.
# Each may show STOP waits that end with EINTR while a thread is only stopped,
# CALL from the first call on.
stride=${FAULT_SPACING:-1} rest=1 offset=0
storm() {
	local signal=$1 want=$2 allowed=$3 name=${*: -1} n last='' before
	local how=clean most=0 runs=0 step=$stride
	[ $# -lt 5 ] || last=$4
	[ "$signal" != KILL ] || how=dirty
	hurt='' n_eintr=0 n=$((offset + 1 - stride))
	pulse "$V_PID"
	before=$eintr
	while [ -z "$hurt" ] && [ "$((n + step))" -le "${last:-99999}" ]; do
		n=$((n + step))
		[ $n -lt $((borrowed_points + 2)) ] || [ "$rest" -lt "$step" ] ||
			step=$rest
		runs=$((runs + 1))
		attempt "$signal:$n"
		if [ "$status" = 0 ] && [ $n -gt "$n_points" ]; then
			break
		elif [ "$status" = 0 ]; then
			continue # a shorter run than the first one
		fi
		examine $how
		[ "$status" = "$want" ] || hurt+=" status $status: $(cat "$TMP/err")"
		if [ $n -gt "$call_points" ]; then
			most=$((most + ${allowed#*:}))
		else
			most=$((most + ${allowed%:*}))
		fi
		# A call that was left alone may end a turn later.
		n_eintr=$((eintr - before))
		[ $n_eintr -le $most ] ||
			hurt+=" $n_eintr of at most $most waits ended with EINTR:$(
				interrupted)"
		[ $n -lt $((3 * n_points)) ] || hurt+=' there is no end'
		[ $((runs % 24)) != 0 ] || run_between
	done
	[ -z "$hurt" ]
	result $? "$name" "point $n:" "$hurt"
	echo "# $runs points, $n_eintr waits ended with EINTR"
}

# The next run works, whatever the one before has left.
run_between() {
	attempt KILL:0
	[ "$status" = 0 ] || hurt+=" the next run: $(cat "$TMP/err")"
	grep -q '^live heap of ' "$TMP/report.txt" || hurt+=' no report'
}

# The waits of waiter's that have ended with EINTR.
interrupted() {
	tell report
	while [[ $answer == *' eintr='* ]]; do
		[[ $answer == *' eintr=0 '* ]] || printf ' %s' "${answer%% *}"
		victim_line answer || break
	done
}

# settle NAME [but_stacks]: after storms, of kills if so. EINTRs were counted by
# then, and helper threads that are left alone before they have a name are not
# waited for by the next run.
settle() {
	local kind=${2:+_$2}
	borrowed=
	attempt KILL:0
	is "$status" 0 "$1: the next run works"
	heartbeat "$V_PID" eintr >"$TMP/eintr.$V_PID"
	assert_undisturbed"$kind" "$V_PID" "$1: and nothing is left behind"
}
