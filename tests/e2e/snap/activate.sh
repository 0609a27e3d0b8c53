# shellcheck shell=bash
#
# What the tests of --activate share. Sourced after lib.sh. Each has active(),
# what its process says itself of prof.active.
#
# shellcheck disable=SC2154

# look_at PID ON OFF: the process from now on, and what active() says of it.
# ${activate[@]} is for one snapshot.
look_at() {
	target=$1 on=$2 off=$3
	activate=(-p "$1" -n 1 -i 0 --no-save --activate -o "$TMP/report.txt")
}

# state: of prof.active, and how many of our marks the process has.
state() {
	local marks
	marks=$(find "/proc/$target/fd" -lname '*memfd:heapsnap-active*' -printf .)
	echo "$(active), ${#marks} marks"
}

is_off() {
	is "$(state)" "$off, 0 marks" "$1"
}

is_on() {
	is "$(state)" "$on, 1 marks" "$1"
}

# start_run ARGUMENT...: a run, $hs, that waits for its second snapshot.
# shellcheck disable=SC2120
start_run() {
	env --default-signal=INT "$HEAPSNAP" -p "$target" -i 1h --no-save \
		--activate "$@" >"$TMP/out" 2>"$TMP/err" &
	hs=$!
	started "$hs"
	poll_until waits "$hs"
}

# end_run SIGNAL: of start_run; its exit is $status.
end_run() {
	kill -"$1" "$hs"
	wait "$hs" 2>/dev/null
	status=$?
	forget "$hs"
}

# attempt SIGNAL:N: a run in which heapsnap gets the signal at its Nth request.
attempt() {
	{
		timeout --foreground -k 1 60 env --default-signal=INT,TERM \
			HS_FAULT="$1" HS_FAULT_LOG="${log:-}" "$HEAPSNAP_FAULT" \
			"${activate[@]}" >"$TMP/out" 2>"$TMP/err" </dev/null
	} 2>/dev/null
	status=$?
}

# learn: how many points a run has, in $points.
learn() {
	log=$TMP/points attempt INT:0
	points=$(wc -l <"$TMP/points")
	between "$points" 100 5000 'a run has some hundred points'
}

# every COUNT: how many points lie between those at which a run is ended.
every() {
	echo $(((1 + points / $1) * ${FAULT_SPACING:-1}))
}

# interrupted COUNT: profiling is off after a signal at each of so many points.
interrupted() {
	local signal wrong tried n step
	step=$(every "$1")
	for signal in INT TERM; do
		wrong=
		tried=0
		for ((n = 1; n <= points; n += step)); do
			attempt $signal:$n
			tried=$((tried + 1))
			[[ "$(state), $status" =~ ^"$off, 0 marks, "(0|130|143)$ ]] ||
				wrong+=" $n: $(state), $status $(cat "$TMP/err")"
		done
		is "$wrong" '' "off again after SIG$signal at $tried points"
	done
}

# killed COUNT COMMAND...: whatever is on after SIGKILL at so many points is
# marked; each of the commands says so, and the next run with --activate puts it
# back.
killed() {
	local wrong='' left=0 n command step
	step=$(every "$1")
	for ((n = 1; n <= points; n += step)); do
		attempt KILL:$n
		# Its last call may still be at work.
		poll_until all_threads_run "$target"
		case $(state) in
		"$on, 1 marks") left=$((left + 1)) ;;
		"$off, "[01]' marks') ;;
		*) wrong+=" $n: $(state)" ;;
		esac
	done
	is "$wrong" '' 'after SIGKILL nothing is on that is not marked'
	between $left 1 1000 'some runs left it on'
	start_run
	end_run KILL
	is_on 'a run was killed'
	for command in "${@:2}"; do
		# shellcheck disable=SC2086
		run heapsnap $command -p "$target"
		is "$status $err" "0 heapsnap: another run of heapsnap switched \
prof.active of process $target on, and is at work or was killed: 'heapsnap -p \
$target -n 1 --activate' puts it back" \
			"'heapsnap $command' says so, and what puts it back"
	done
	run heapsnap "${activate[@]}" -i 100ms
	is "$err" "heapsnap: an earlier run left prof.active of process $target \
on; this one switches it off at its end" 'which it does'
	is_off 'it is as it was at first'
}
