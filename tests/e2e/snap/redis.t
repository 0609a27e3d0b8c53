#!/bin/bash
# A server as distributions ship it, stripped and busy: heapsnap names the
# functions that its growing stacks go through, finds as much memory as the
# server itself has counted, and the clients notice nothing.
#
# Alone: how long clients wait for a reply is measured.
# Plain: times are those of what is used.
. "${0%/*}/../lib.sh"

server=$(readlink -f "$(command -v redis-server)")
socket=$TMP/redis
[ -n "$server" ] || skip_all 'there is no redis-server'

MALLOC_CONF=prof:true,lg_prof_sample:14 redis-server --port 0 \
	--unixsocket "$socket" --save '' --appendonly no --dir "$TMP" \
	>"$TMP/log" 2>&1 &
redis=$!
started $redis
redis_info() {
	redis-cli -s "$socket" info "$1" | tr -d '\r' | sed -n "s/^$2://p"
}
answers() {
	[ "$(redis-cli -s "$socket" ping 2>&1)" = PONG ]
}
ok 'redis-server answers' poll_until answers || diag "$(cat "$TMP/log")"

# client KIND: starts one that prints to $TMP/KIND; its pid is $client.
client() {
	: >"$TMP/$1"
	python3 "$ROOT/tests/e2e/snap/redis_client.py" "$1" "$socket" \
		>"$TMP/$1" 2>&1 &
	client=$!
	started $client
	poll_until grep -q ready "$TMP/$1" || diag "$(cat "$TMP/$1")"
}

# end_client PID: lets it end, which has to be well.
end_client() {
	local rc
	kill -TERM "$1"
	wait "$1"
	rc=$?
	forget "$1"
	is $rc 0 'the client got the answers it should'
}

longest() {
	sed -n 's/.*max_us //p' "$TMP/$1"
}

# With background_thread, which redis turns on, jemalloc has a thread for each
# of its arenas, up to one a processor; each thread that allocates for the first
# time may bring an arena. The first snapshot's two threads may.
background() {
	grep -slx jemalloc_bg_thd /proc/"$redis"/task/*/comm | wc -l
}
background_before=$(background)
run heapsnap -p "$redis" -n 1 --no-save
is "$status" 0 'a first snapshot is taken' || diag "$err"
between "$(background)" "$background_before" $((background_before + 2)) \
	'it may make jemalloc start threads of its own, once'
is "$(heapsnap stats -p "$redis" -n 1 -f json |
	jq -r .snapshot.settings.background_thread)" true 'that it may, is told'

client load
loader=$client

client ping
start=${EPOCHREALTIME/./}
: >"$TMP/heartbeat-of.$redis"
undisturbed_before "$redis"
run heapsnap -p "$redis" -i 3s --no-save -o "$TMP/diff.json"
is "$status" 0 'a busy server is looked at' || diag "$err"
UNDISTURBED_SLACK=100000 assert_undisturbed "$redis" \
	'same threads, descriptors and files, no memfd is left'
end_client "$client"
with=$(longest ping)
took_us=$((${EPOCHREALTIME/./} - start))

# The longest reply in as much time as the snapshots took.
client ping
sleep "${took_us}e-6"
end_client "$client"
without=$(longest ping)
diag "longest reply to PING: $without us alone, $with us with heapsnap" \
	"longest stop of a thread: $(jq '[.before, .after][].capture.pause_us' \
		"$TMP/diff.json" | sort -n | tail -1) us"
between "$with" 1 1000000 'no reply took a second'
end_client "$loader"

# What the stacks that grew go through, for redis 6 to 8; that of Debian 11 goes on from
# readQueryFromClient by a jump.
jq -r '.stacks[] | select(.significant and .bytes > 0).frames[].function' \
	"$TMP/diff.json" >"$TMP/grown"
for function in main aeMain "readQueryFromClient|processInputBuffer" \
	processCommand call setCommand "dbAdd|setKeyWithDictEntry" "dictAddRaw|kvstoreDictAddRaw"; do
	ok "$function is on a growing stack" grep -qxE "$function" "$TMP/grown"
done

# The program has no debug information: its names are those it exports for its
# modules, and no name is better than that of a function nearby.
nm -D --defined-only -S "$server" | awk 'NF == 4 && $3 ~ /[TtWwi]/ {
	print $4, $1, $2 }' | sort >"$TMP/exported"
jq -r --arg program "$server" '[.stacks[].frames[] |
	select(.module == $program)] | unique_by(.offset)[] |
	"\(.function // "?") \(.offset)"' "$TMP/diff.json" >"$TMP/frames"
seen=$(python3 - "$TMP/exported" "$TMP/frames" <<'END'
import sys
functions = [(name, int(start, 16), int(size, 16))
             for name, start, size in map(str.split, open(sys.argv[1]))]
for line in open(sys.argv[2]):
    name, at = line.split()
    at = int(at, 16)
    names = {n for n, start, size in functions if start <= at < start + size}
    if name not in (names or {"?"}):
        print("%#x is %s, not %s" % (at, " or ".join(names) or "unknown", name))
END
)
is "$seen" '' "all names are those of the code's own symbols"
between "$(grep -c -v '^?' "$TMP/frames")" 10 10000 'of which there are many'

# Nothing changes now: what redis counts is what the profile must have. The
# rest of the process (libraries, the start of the program) has little.
undisturbed_before "$redis"
run heapsnap -p "$redis" -n 1 --no-save -f json
is "$status" 0 'an idle server too' || diag "$err"
assert_undisturbed "$redis"
used=$(redis_info memory used_memory)
read -r bytes error <<<"$(jq -r '"\(.totals.bytes) \(
	[.stacks[].bytes_se | . * .] | add | sqrt | ceil)"' <<<"$out")"
diag "redis counts $used bytes, the profile has $bytes +- $error"
between "$bytes" $((used - 4 * error)) $((used + 4 * error + (1 << 20))) \
	'the profile has what redis has counted'

kill -TERM "$redis"
wait "$redis"
is $? 0 'redis-server ends as usual'
forget "$redis"
done_testing
