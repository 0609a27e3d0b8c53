#!/bin/bash
# A server as distributions ship it, started without profiling, that is being
# filled: 'heapsnap -p' answers with where the memory went and names the size
# classes that grew; they account for what the server itself has counted.
. "${0%/*}/../lib.sh"

server=$(readlink -f "$(command -v redis-server)")
socket=$TMP/redis
[ -n "$server" ] || skip_all 'there is no redis-server'

redis-server --port 0 --unixsocket "$socket" --save '' --appendonly no \
	--dir "$TMP" >"$TMP/log" 2>&1 &
redis=$!
started $redis
answers() {
	[ "$(redis-cli -s "$socket" ping 2>&1)" = PONG ]
}
ok 'redis-server answers' poll_until answers || diag "$(cat "$TMP/log")"
used() {
	redis-cli -s "$socket" info memory | tr -d '\r' |
		sed -n 's/^used_memory://p'
}

# fill COUNT SIZE PREFIX: so many keys.
fill() {
	python3 - "$@" <<'END' | redis-cli -s "$socket" --pipe >"$TMP/pipe" 2>&1
import sys
value = "x" * int(sys.argv[2])
for i in range(int(sys.argv[1])):
    print("SET %s:%d %s\r" % (sys.argv[3], i, value))
END
	grep -q 'errors: 0' "$TMP/pipe"
}
ok 'it has some keys' fill 1000 50 warm
: >"$TMP/heartbeat-of.$redis"

env --default-signal=INT "$HEAPSNAP" -p "$redis" -i 1h --no-save \
	-o "$TMP/report.json" 2>"$TMP/err" &
hs=$!
started $hs
poll_until waits $hs
undisturbed_before "$redis"
before=$(used)
ok 'it is filled' fill 300000 100 key
after=$(used)
kill -INT $hs
wait $hs
is $? 0 'heapsnap has an answer' || diag "$(cat "$TMP/err")"
forget $hs
# Filling it makes memory, in new mappings.
UNDISTURBED_SLACK=100000 assert_undisturbed "$redis"

is "$(jq -r .kind "$TMP/report.json")" stats 'it is about memory'
is "$(jq -r .profiling.available "$TMP/report.json")" false \
	'it says that there are no stacks'
like "$(jq -r .profiling.advice "$TMP/report.json")" \
	'MALLOC_CONF=prof:true,lg_prof_sample:19' 'and what to set'
like "$(jq -r .diagnosis "$TMP/report.json")" \
	'^malloc: live allocations grew by ' 'it is malloc that grew'
jq -r '(.before.size_classes | map({(.size | tostring): .}) | add) as $was |
	.after.size_classes[] |
	"\(.size) \(.regions - ($was[.size | tostring].regions // 0))"' \
	"$TMP/report.json" | awk '$2 > 0' | sort -k2nr >"$TMP/grown"
diag "grown: $(awk '{ printf "%s%d x %d B", n++ ? ", " : "", $2, $1 }' \
	<(head -5 "$TMP/grown"))"
# A key is a dictEntry of 24 bytes and a string object with its name, the value
# another: classes of at least 300,000 more.
between "$(awk '$2 >= 300000' "$TMP/grown" | wc -l)" 2 4 \
	'some classes have one more for each key'
grown=$(awk '{ sum += $1 * $2 } END { printf "%d", sum }' "$TMP/grown")
counted=$((after - before))
diag "redis counts $counted bytes more, the classes have $grown"
between "$grown" $((counted * 95 / 100)) $((counted * 105 / 100)) \
	'the classes account for what redis has counted'

run heapsnap -p "$redis" -n 1
is "$status" 0 'one reading, for people' || diag "$err"
like "$out" $'\nwhere the memory is\n  live allocations ' 'says where it is'
like "$out" $'\nsize classes\n' 'and in which size classes'
like "$out" "what comes into its heap, by type: heapsnap inspect -p $redis -i 10s
" \
	'and how to see what is in them'
kept=(heapsnap.redis-server."$redis".*)
not_ok 'no snapshot is left' test -e "${kept[0]}"
run heapsnap -p "$redis" -n 1 --save "$TMP/no/such/folder"
is "$status" 0 'where nothing is kept it needs no folder' || diag "$err"
like "$out" $'\nwhere the memory is\n  live allocations ' \
	'and the answer is the same'
run heapsnap -p "$redis" -n 1 -o "$TMP/no/such/folder/report.txt"
is "$status" 6 'a report does need one'
run heapsnap -p "$redis" -n 1 --save "$TMP/no/such/folder" -f folded
is "$status" 3 'what needs stacks has none, wherever it would be kept'
like "$err" 'profiling' 'and says so'

kill -TERM "$redis"
wait "$redis"
is $? 0 'redis-server ends as usual'
forget "$redis"
done_testing
