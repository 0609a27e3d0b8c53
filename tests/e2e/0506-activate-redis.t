#!/bin/bash
# --activate on Debian's redis-server that runs with profiling inactive: what is
# allocated meanwhile is in the report, and by the server's own account profiling
# is as before afterwards, when all went well, and after a signal or a system call
# that failed, wherever in the run. When heapsnap was killed, the next run says
# that profiling was left on, and puts it back when it is told to.
. "${0%/*}/lib.sh"

server=$(readlink -f "$(command -v redis-server)")
socket=$TMP/redis
[ -n "$server" ] || skip_all 'there is no redis-server'

MALLOC_CONF=prof:true,prof_active:false,lg_prof_sample:0 redis-server --port 0 \
	--unixsocket "$socket" --save '' --appendonly no --dir "$TMP" \
	>"$TMP/log" 2>&1 &
redis=$!
started $redis
: >"$TMP/heart-of.$redis"
answers() {
	[ "$(redis-cli -s "$socket" ping 2>&1)" = PONG ]
}
ok 'redis-server answers' poll_until answers || diag "$(cat "$TMP/log")"

# state: prof.active by malloc_stats_print() of the server, and our marks in it.
state() {
	redis-cli -s "$socket" memory malloc-stats |
		sed -n 's/.*(prof\.active: \(.*\))$/\1/p'
	find "/proc/$redis/fd" -lname '*memfd:heapsnap-active*' | wc -l
}

# as_before NAME
as_before() {
	is "$(state | xargs)" 'false 0' "$1"
}

# waits PID: in ppoll(2), which nothing but the wait between snapshots uses.
waits() {
	grep -q '^271 ' "/proc/$1/syscall"
}

runs() {
	! print_threads "$redis" | grep -qv ': runs tracer=0 '
}

run heapsnap -p "$redis" -n 1 --no-save
undisturbed_before "$redis"
as_before 'profiling is not active'

env --default-signal=INT "$HEAPSNAP" -p "$redis" -i 1h --no-save --activate \
	-o "$TMP/report.json" 2>"$TMP/err" &
hs=$!
started $hs
poll_until waits $hs
is "$(state | xargs)" 'true 1' 'it is while heapsnap waits'
for ((i = 0; i < 200; i++)); do
	echo "SET key:$i $(printf '%0100d' $i)"
done | redis-cli -s "$socket" --pipe >"$TMP/pipe" 2>&1
kill -INT $hs
wait $hs
is $? 0 'redis is looked at' || diag "$(cat "$TMP/err")"
forget $hs
ok 'what was set is on a stack' jq -e '[.stacks[].frames[].function] |
	index("setCommand")' "$TMP/report.json"
as_before 'it is as before'

# --- at any point ------------------------------------------------------------

activate=(-p "$redis" -n 1 -i 0 --no-save --activate -o "$TMP/report.txt")

# attempt SIGNAL:N: a run in which heapsnap gets the signal at its Nth request.
attempt() {
	{
		timeout --foreground -k 1 60 env --default-signal=INT,TERM \
			HS_FAULT="$1" HS_FAULT_LOG="${log:-}" "$HEAPSNAP_FAULT" \
			"${activate[@]}" >"$TMP/out" 2>"$TMP/err" </dev/null
	} 2>/dev/null
	status=$?
}
log=$TMP/points attempt INT:0
points=$(wc -l <"$TMP/points")
between "$points" 100 5000 'a run has some hundred points'
for signal in INT TERM; do
	wrong=
	tried=0
	for ((n = 1; n <= points; n += 1 + points / 20)); do
		attempt $signal:$n
		tried=$((tried + 1))
		case "$(state | xargs) $status" in
		'false 0 0' | 'false 0 130' | 'false 0 143') ;;
		*) wrong+=" $n: $(state | xargs) $status $(cat "$TMP/err")" ;;
		esac
	done
	is "$wrong" '' "as before after SIG$signal at $tried points"
done

# inject CALL N: a run whose Nth CALL fails. A sanitized heapsnap cannot look for
# leaks while it is traced.
inject() {
	ASAN_OPTIONS=detect_leaks=0 timeout -k 1 60 strace -qq -o "$TMP/trace" \
		-e trace="$1" -e inject="$1:error=EIO:when=$2" "$HEAPSNAP" \
		"${activate[@]}" >"$TMP/out" 2>"$TMP/err" </dev/null
	status=$?
}
for call in ptrace process_vm_readv process_vm_writev; do
	inject $call 60000
	is "$status" 0 "$call does not fail" || diag "$(cat "$TMP/err")"
	calls=$(grep -c "^$call(" "$TMP/trace")
	wrong=
	tried=0
	failed=0
	for ((n = 1; n <= calls; n += 1 + calls / 20)); do
		inject $call "$n"
		tried=$((tried + 1))
		[ $status = 0 ] || failed=$((failed + 1))
		[ "$(state | xargs)" = 'false 0' ] ||
			wrong+=" $n: $(state | xargs) $status $(cat "$TMP/err")"
	done
	is "$wrong" '' "as before after each of $tried failures of $call"
	between $failed 1 $tried 'some of which ended the run'
done
activate[-1]=$TMP/no/such/folder.txt
run heapsnap "${activate[@]}"
is "$status" 6 'a report that cannot be written'
as_before 'and as before after that'
activate[-1]=$TMP/report.txt
UNDISTURBED_SLACK=1000 assert_undisturbed "$redis"

# --- killed ------------------------------------------------------------------

wrong=
left=0
for ((n = 1; n <= points; n += 1 + points / 20)); do
	attempt KILL:$n
	# Its last call may still be at work.
	poll_until runs
	case "$(state | xargs)" in
	'true 1') left=$((left + 1)) ;;
	'false '[01]) ;;
	*) wrong+=" $n: $(state | xargs)" ;;
	esac
done
is "$wrong" '' 'after SIGKILL nothing is on that is not marked'
between $left 1 1000 'some runs left it on'
env "$HEAPSNAP" -p "$redis" -i 1h --no-save --activate >"$TMP/out" 2>&1 &
hs=$!
started $hs
poll_until waits $hs
kill -KILL $hs
wait $hs 2>/dev/null
forget $hs
is "$(state | xargs)" 'true 1' 'a run was killed'
told="heapsnap: another run of heapsnap switched prof.active of process $redis \
on, and is at work or was killed: 'heapsnap -p $redis -n 1 --activate' puts it \
back"
for command in 'snap -n 1 --no-save' 'stats -n 1' check; do
	# shellcheck disable=SC2086
	run heapsnap $command -p "$redis"
	is "$status $err" "0 $told" "$command says so, and what puts it back"
done
run heapsnap "${activate[@]}"
is "$err" "heapsnap: an earlier run left prof.active of process $redis on; \
this one switches it off at its end" 'which it does'
as_before 'and it is as it was at first'
UNDISTURBED_SLACK=1000 assert_undisturbed "$redis"

kill -TERM "$redis"
wait "$redis"
is $? 0 'redis-server ends as usual'
forget "$redis"
done_testing
