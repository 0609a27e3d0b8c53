#!/bin/bash
# --activate on Debian's redis-server that runs with profiling inactive: what is
# allocated meanwhile is in the report, and by the server's own account
# profiling is as before afterwards, when all went well, and after a signal or a
# system call that failed, wherever in the run. When heapsnap was killed, the
# next run says that profiling was left on, and with --activate puts it back.
#
# First: it takes minutes.
# Plain: activate.t does the same to a process of ours.
. "${0%/*}/../lib.sh"
. "${0%/*}/activate.sh"

server=$(readlink -f "$(command -v redis-server)")
socket=$TMP/redis
[ -n "$server" ] || skip_all 'there is no redis-server'

# The helper threads of killed runs sleep beside the next one's, each in an arena
# of its own, for some of which jemalloc would start a background thread of its
# own (SAFETY.md); check.t and redis.t count those.
MALLOC_CONF=prof:true,prof_active:false,lg_prof_sample:0 redis-server --port 0 \
	--unixsocket "$socket" --save '' --appendonly no --dir "$TMP" \
	--jemalloc-bg-thread no \
	>"$TMP/log" 2>&1 &
redis=$!
started $redis
: >"$TMP/heartbeat-of.$redis"
answers() {
	[ "$(redis-cli -s "$socket" ping 2>&1)" = PONG ]
}
ok 'redis-server answers' poll_until answers || diag "$(cat "$TMP/log")"

# By malloc_stats_print() of the server.
active() {
	redis-cli -s "$socket" memory malloc-stats |
		sed -n 's/.*(prof\.active: \(.*\))$/\1/p'
}

look_at "$redis" true false
run heapsnap -p "$redis" -n 1 --no-save
undisturbed_before "$redis"
is_off 'profiling is not active'

start_run -o "$TMP/report.json"
is_on 'it is while heapsnap waits'
for ((i = 0; i < 200; i++)); do
	echo "SET key:$i $(printf '%0100d' $i)"
done | redis-cli -s "$socket" --pipe >"$TMP/pipe" 2>&1
end_run INT
is "$status" 0 'redis is looked at' || diag "$(cat "$TMP/err")"
ok 'what was set is on a stack' jq -e '[.stacks[].frames[].function] |
	index("setCommand")' "$TMP/report.json"
is_off 'it is as before'

# --- at any point ------------------------------------------------------------

learn
interrupted 20

# inject CALL N: a run whose Nth CALL fails. A sanitized heapsnap cannot look
# for leaks while it is traced.
inject() {
	ASAN_OPTIONS=detect_leaks=0 timeout -k 1 60 strace -qq -o "$TMP/trace" \
		-e trace="$1" -e inject="$1:error=EIO:when=$2" "$HEAPSNAP" \
		"${activate[@]}" >"$TMP/out" 2>"$TMP/err" </dev/null
	status=$?
}
for call in ptrace process_vm_readv pwrite64; do
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
		[ "$(state)" = 'false, 0 marks' ] ||
			wrong+=" $n: $(state), $status $(cat "$TMP/err")"
	done
	is "$wrong" '' "as before after each of $tried failures of $call"
	between $failed 1 $tried 'some of which ended the run'
done
run heapsnap "${activate[@]}" -o "$TMP/no/such/folder.txt"
is "$status" 6 'a report that cannot be written'
is_off 'and as before after that'
UNDISTURBED_SLACK=1000 assert_undisturbed_but_stacks "$redis"

killed 20 'snap -n 1 --no-save' 'stats -n 1' check
UNDISTURBED_SLACK=1000 assert_undisturbed_but_stacks "$redis"

kill -TERM "$redis"
wait "$redis"
is $? 0 'redis-server ends as usual'
forget "$redis"
done_testing
