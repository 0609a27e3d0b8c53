#!/bin/bash
# 'heapsnap inspect' of programs as they are: a redis-server that was filled with a
# known mix, a Python whose own collector counts its objects, programs with jemalloc
# linked into them in every way; and what it refuses, and why.
. "${0%/*}/../lib.sh"

# told FILE NAME: "OBJECTS ERROR" of this type, of all size classes.
told() {
	jq -r --arg name "$2" '.types[] | select(.name == $name) |
		"\(.objects) \(.objects_se)"' "$1"
}

# within FILE NAME COUNT WHAT: the type has so many, or up to 2% more that others
# have made, as far as a sample can tell.
within() {
	local objects error
	read -r objects error < <(told "$1" "$2")
	between "${objects:-none}" $(($3 - 3 * ${error:-0})) \
		$(($3 * 102 / 100 + 3 * ${error:-0})) \
		"$4: $2, $3 of them (+- $error)"
}

# --- redis -------------------------------------------------------------------

socket=$TMP/redis
redis-server --port 0 --unixsocket "$socket" --save '' --appendonly no \
	--dir "$TMP" >"$TMP/log" 2>&1 &
redis=$!
started $redis
answers() {
	[ "$(redis-cli -s "$socket" ping 2>&1)" = PONG ]
}
ok 'redis-server answers' poll_until answers || diag "$(cat "$TMP/log")"
python3 - <<'END' | redis-cli -s "$socket" --pipe >"$TMP/pipe" 2>&1
for i in range(100000):
    print("SET key:%d %s\r" % (i, "x" * 54))
for i in range(50000):
    print("SET json:%d '{\"id\": %d, \"secret\": \"%s\"}'\r" % (i, i, "p" * 40))
END
ok 'it is filled' grep -q 'errors: 0' "$TMP/pipe"
: >"$TMP/heartbeat-of.$redis"
undisturbed_before "$redis"
run heapsnap inspect -p "$redis" -o "$TMP/redis.json"
is "$status" 0 'redis is looked at' || diag "$err"
within "$TMP/redis.json" 'text behind 3 bytes' 100000 'values'
within "$TMP/redis.json" 'text like JSON behind 3 bytes' 50000 'values'
keys=$(redis-cli -s "$socket" dbsize)
is "$keys" 150000 'redis counts its keys'
# An entry of its table is three pointers: two that are there, and the next one.
between "$(jq '[.classes[] | select(.size == 32) | .types[] |
	select(.name | startswith("pointers at 0, 8")) | .objects] | add' \
	"$TMP/redis.json")" $((keys * 98 / 100)) $((keys * 102 / 100)) \
	'which have an entry each'
used=$(redis-cli -s "$socket" info memory | tr -d '\r' |
	sed -n 's/^used_memory://p')
# Its libraries have not asked redis.
between "$(jq .totals.live.bytes "$TMP/redis.json")" $((used * 99 / 100)) \
	$((used * 101 / 100 + (2 << 20))) 'all together they are what redis counts'
unlike "$(cat "$TMP/redis.json")" 'xxx|secret|ppp' 'no value is in the report'
assert_undisturbed "$redis"
kill -TERM "$redis"
wait "$redis"
is $? 0 'redis-server ends as usual'
forget "$redis"

# --- Python ------------------------------------------------------------------

cat >"$TMP/keep.py" <<'PY'
import collections, gc, sys

class Order:
    def __init__(self, number):
        self.price = number * 1.5

class Slot:
    __slots__ = ("number", "name")
    def __init__(self, number):
        self.number, self.name = number, b"slot %d" % number

orders = [Order(i) for i in range(60000)]
slots = [Slot(i) for i in range(100000)]
lists = [[i] for i in range(50000)]
gc.collect()
gc.freeze()
counts = collections.Counter(type(o).__name__ for o in gc.get_objects())
gc.unfreeze()
counts.update(type(o).__name__ for o in gc.get_objects())
for name in "Order", "Slot", "list":
    print(name, counts[name])
print("bytes", len(slots))
print("float", len(orders))
print("ready", flush=True)
sys.stdin.read()
PY
mkfifo "$TMP/stdin"
PYTHONMALLOC=malloc LD_PRELOAD=libjemalloc.so.2 /usr/bin/python3 "$TMP/keep.py" \
	<"$TMP/stdin" >"$TMP/counts" 2>&1 &
python=$!
started $python
exec 7>"$TMP/stdin"
ok 'Python runs' poll_until grep -q ready "$TMP/counts" ||
	diag "$(cat "$TMP/counts")"
: >"$TMP/heartbeat-of.$python"
undisturbed_before "$python"
run heapsnap inspect -p "$python" -o "$TMP/python.json"
is "$status" 0 'Python is looked at' || diag "$err"
while read -r name count; do
	[ "$name" = ready ] ||
		within "$TMP/python.json" "$name" "$count" 'objects'
done <"$TMP/counts"
is "$(jq -r '.types[] | select(.name == "Order") | .kind' "$TMP/python.json")" \
	python 'their kind is Python'
assert_undisturbed "$python"
exec 7>&-
wait "$python"
forget "$python"

# --- however jemalloc got into the program -------------------------------------

for victim in static-leaker static-leaker-je_ embedded-leaker-_rjem_ \
	exporting-leaker twin-leaker; do
	start_victim "$victim"
	tell leak 1000 64
	undisturbed_before "$V_PID"
	run heapsnap inspect -p "$V_PID" -f json
	is "$status $(jq -c '[.classes[] | select(.size == 64) |
		.live.objects >= 1000 and .live.objects < 1100]' <<<"$out")" \
		'0 [true]' "$victim has what it leaked" || diag "$err"
	assert_undisturbed "$V_PID"
	stop_victim
done

# Nothing is called in it, so it may be stopped.
start_victim leaker
tell leak 1000 64
kill -STOP "$V_PID"
poll_until is_stopped "$V_PID"
run heapsnap inspect -p "$V_PID" -f json
is "$status" 0 'one that is stopped is looked at' || diag "$err"
kill -CONT "$V_PID"
stop_victim

# --- refusals ------------------------------------------------------------------

# refused VICTIM SENTENCE HINT
refused() {
	start_victim "$1"
	undisturbed_before "$V_PID"
	run heapsnap inspect -p "$V_PID"
	is "$status $err" "3 heapsnap: $2
heapsnap: hint: ${3//@PID@/$V_PID}" "$1 is refused"
	assert_undisturbed "$V_PID"
	stop_victim
}
refused plain "it has no jemalloc whose records can be read: none of its files has a\
 symbol that ends in 'mallctl', and its program has none without symbols" \
	'link it with jemalloc 5.1 or later, or start it with LD_PRELOAD=libjemalloc.so.2'
stats="'heapsnap stats -p @PID@' asks jemalloc itself, for size classes"
refused dumper 'the records of its jemalloc are laid out in a way that is not known,'\
' or it has hardly anything in use' "$stats"
refused older "its jemalloc is 5.0.1: the records of what it has in use can be read of\
 5.1 and later" "$stats"

# --- nobody else reads what it has read ----------------------------------------

# In a process of its own, in whose place it comes.
as_user() {
	exec setpriv --reuid="$OWN_USER" --regid="$OWN_USER" --clear-groups "$@"
}
may_read() {
	(as_user cat "/proc/$1/environ") >"$TMP/environ" 2>&1
}
mkfifo "$TMP/kept"
as_user env LD_PRELOAD=libjemalloc.so.2 PYTHONMALLOC=malloc /usr/bin/python3 -c '
import sys
kept = [str(i) for i in range(10000)]
print("ready", flush=True)
sys.stdin.read()' <"$TMP/kept" >"$TMP/said" &
python=$!
started $python
exec 7>"$TMP/kept"
ok 'a process of another user runs' poll_until grep -q ready "$TMP/said"
ok 'whose memory that user may read' may_read $python || diag "$(cat "$TMP/environ")"
as_user "$HEAPSNAP" inspect -p $python -i 1h >"$TMP/report" 2>"$TMP/err" 7>&- &
hs=$!
started $hs
ok 'that user looks at it, too' poll_until waits $hs || diag "$(cat "$TMP/err")"
not_ok 'and may not read the memory of heapsnap' may_read $hs
exec 7>&-
wait $python $hs
forget $python
forget $hs
done_testing
