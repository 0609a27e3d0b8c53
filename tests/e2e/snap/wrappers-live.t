#!/bin/bash
# Programs as they are: redis, Python, BIND, and one that allocates through GLib. The
# functions that they allocate through are none of the first ten that --by function
# names. (Of apr's there is none to see: Debian's libapr maps its pools itself. One that
# does not, and a wrapper without a known name, are in report/wrappers.t.)
. "${0%/*}/../lib.sh"

cd "$TMP" || exit 1
export HOME=$TMP XDG_CONFIG_HOME=
wrappers='malloc|calloc|realloc(_|$)|mem_get|mem_allocate|palloc|PyMem|PyObject_[MCR]'

# functions: the first ten rows, in $names.
functions() {
	run heapsnap report -q live.heap --by function -f csv
	names=$(python3 -c 'import csv, sys
for row in list(csv.DictReader(sys.stdin))[:10]:
    print(row["function"])' <<<"$out")
}

# looked_at NAME PID: none of its first ten is a wrapper.
looked_at() {
	run heapsnap -q -p "$2" -n 1 -o live.heap
	is "$status" 0 "$1: a snapshot is taken" || diag "$err"
	run heapsnap report -q live.heap --fold allocator -f csv
	like "$out" "$wrappers" "$1: it allocates through functions of its own"
	functions
	between "$(wc -l <<<"$names")" 6 10 "$1: functions have names"
	is "$(grep -E "$wrappers" <<<"$names")" '' "$1: none is a wrapper" ||
		diag "$names"
}

export MALLOC_CONF=prof:true,lg_prof_sample:12
start_victim borrower
run heapsnap -q -p "$V_PID" -n 1 -o live.heap
functions
is "$(head -6 <<<"$names" | sort | paste -sd' ')" \
	'make_index make_names make_pages make_table make_users make_words' \
	'GLib: those who allocate through it'
run heapsnap report -q live.heap
like "$out" 'through g_malloc' 'GLib: which is said'
stop_victim

if command -v redis-server >/dev/null; then
	redis-server --port 0 --unixsocket "$TMP/redis" --save '' --dir "$TMP" \
		>log 2>&1 &
	redis=$!
	started $redis
	answers() {
		[ "$(redis-cli -s "$TMP/redis" ping 2>&1)" = PONG ]
	}
	ok 'redis-server answers' poll_until answers || diag "$(cat log)"
	redis-cli -s "$TMP/redis" eval 'for i = 1, 20000 do
		redis.call("set", "key" .. i, string.rep("x", 100))
		redis.call("hset", "hash" .. i % 100, i, i) end' 0 >/dev/null
	looked_at redis $redis
	kill -TERM $redis
	wait $redis
	forget $redis
fi

cat >leak.py <<'PY'
import json, sys
cache = {}
class Session:
    def __init__(self, i):
        self.data = {"user": "u%d" % i, "items": list(range(50))}
for i in range(3000):
    cache[i] = Session(i)
    json.loads(json.dumps(cache[i].data))
print("ready", flush=True)
sys.stdin.read()
PY
mkfifo stdin
PYTHONMALLOC=malloc LD_PRELOAD=libjemalloc.so.2 /usr/bin/python3 leak.py \
	<stdin >log 2>&1 &
python=$!
started $python
exec 7>stdin
ok 'Python runs' poll_until grep -q ready log || diag "$(cat log)"
looked_at Python $python
exec 7>&-
wait $python
forget $python

if command -v named >/dev/null; then
	mkdir named
	cat >named.conf <<CONF
options { directory "$TMP/named"; listen-on { none; }; listen-on-v6 { none; };
	pid-file none; session-keyfile "$TMP/named/session.key";
	dnssec-validation no; };
controls { };
CONF
	named -g -c named.conf -n 1 >log 2>&1 &
	named=$!
	started $named
	ok 'named runs' poll_until grep -q 'running$' log || diag "$(tail -3 log)"
	looked_at named $named
	kill -TERM $named
	wait $named
	forget $named
fi
done_testing
