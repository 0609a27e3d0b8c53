#!/bin/bash
# Whatever allocators are in a process, no thread is borrowed that is inside of
# one: a jemalloc that the linker has left only some of the names of, another
# allocator before the C library's, functions that only pass on to the C library's.
# Threads hammer them all the time, so that nearly each moment is the wrong one; one
# that was borrowed then would wait for itself for ever, in pthread_create(). Such a
# process is refused where nothing separates its own code from the allocator's;
# nothing else is. What cannot be known beforehand is reported when it happened.
#
# First: it takes minutes.
# Plain: sanitizers make each stop longer, and so the rest after it that is fifty times
# as long.
. "${0%/*}/../lib.sh"

command -v objcopy >/dev/null || skip_all 'no objcopy'
COUNT=${COUNT:-10}
profiled=prof:true,lg_prof_sample:19,tcache:false

# visit NAME: the current victim, many times; nearly all find their moment, and
# nobody waits for anybody afterwards.
visit() {
	local name=$1 i taken=0 late=0
	shift
	undisturbed_before "$V_PID"
	for ((i = 0; i < COUNT; i++)); do
		if ((i % 10)); then
			run heapsnap check -p "$V_PID" --timeout 30s "$@"
		else
			run heapsnap -p "$V_PID" -n 1 --no-save --timeout 30s "$@"
		fi
		if [ "$status" = 0 ]; then
			taken=$((taken + 1))
		elif [[ $status = 5 && $out$err = *'no safe moment'* ]]; then
			late=$((late + 1))
		else
			diag "visit $i ended with $status:" "$out" "$err"
			break
		fi
		beats_on "$V_PID" 3 || break
	done
	is $((taken + late)) "$COUNT" "$name: each visit ends well"
	between $late 0 $((COUNT / 10)) "$name: and finds its moment"
	# What it maps and gives back is its own doing.
	UNDISTURBED_SLACK=${slack:-64} \
		assert_undisturbed "$V_PID" "$name: undisturbed"
}

# hammer NAME PRELOAD PROGRAM ARGUMENT...: by threads that hammer; the heartbeat is
# one of theirs, so that nobody else can be borrowed.
hammer() {
	local name=$1
	LD_PRELOAD=$2 MALLOC_CONF=$profiled start_victim "$3" --beat no "${@:4}"
	grep -qF "${2##*/}" "/proc/$V_PID/maps" || fail "$name: $2 is loaded"
	visit "$name"
	stop_victim
}

# --- jemallocs with some of their names --------------------------------------

# without PROGRAM NAME...: as $TMP/PROGRAM.
without() {
	local program=$1
	shift
	objcopy "${@/#/--strip-symbol=}" "$VICTIMS/$program" "$TMP/$program"
}

export HERE=$VICTIMS VICTIMS=$TMP
VICTIMS=$HERE without exporter mallctlbymib
hammer 'no mallctlbymib' libjemalloc.so.2 exporter
MALLOC_CONF=$profiled start_victim exporter --beat no
visit 'no mallctlbymib, and no other'
is "$(sed -n "s/.*yes  jemalloc  *//p" <<<"$out")" \
	"'mallctl' in '$TMP/exporter'" 'it is the one that is asked'
stop_victim

VICTIMS=$HERE without exporter mallctlbymib mallctlnametomib
hammer 'mallctl alone' libjemalloc.so.2 exporter

VICTIMS=$HERE without exporter mallctl
hammer 'no mallctl' libjemalloc.so.2 exporter
MALLOC_CONF=$profiled LD_PRELOAD=libjemalloc.so.2 \
	start_victim exporter --beat no
run heapsnap check -p "$V_PID"
like "$out" "but  jemalloc +'$TMP/exporter' has one that cannot be asked: \
it lacks 'mallctl'" 'no mallctl: it is reported'
stop_victim
MALLOC_CONF=$profiled start_victim exporter --beat no
undisturbed_before "$V_PID"
run heapsnap -p "$V_PID" -n 1 --no-save
is "$status" 3 'no mallctl, and no other: refused'
is "$err" "heapsnap: cannot snapshot process $V_PID ('exporter'): it has \
jemalloc in '$TMP/exporter', but not its function 'mallctl', by which it is \
asked
heapsnap: hint: link it so that the linker keeps that function (-Wl,-u,mallctl)" \
	'no mallctl, and no other: why'
assert_undisturbed "$V_PID" 'no mallctl, and no other: undisturbed'
stop_victim

VICTIMS=$HERE without exporter mallctl mallctlnametomib mallctlbymib
hammer 'none of the three' libjemalloc.so.2 exporter

# Without symbols only a debug file separates its code from the program's.
id=$(readelf -n "$HERE/exporter" | sed -n 's/.*Build ID: //p')
mkdir -p "$TMP/debug/.build-id/${id:0:2}"
objcopy --only-keep-debug "$TMP/exporter" \
	"$TMP/debug/.build-id/${id:0:2}/${id:2}.debug"
strip "$TMP/exporter"
LD_PRELOAD=libjemalloc.so.2 MALLOC_CONF=$profiled \
	start_victim exporter --beat no
undisturbed_before "$V_PID"
run heapsnap -p "$V_PID" -n 1 --no-save
is "$status" 5 'stripped: refused'
is "$err" "heapsnap: cannot snapshot process $V_PID ('exporter'): \
'$TMP/exporter' has an allocator in it, but no symbols to tell the \
allocator's code from its own
heapsnap: hint: give the folder of its debug file by --debug-dir" 'stripped: why'
UNDISTURBED_SLACK=64 assert_undisturbed "$V_PID" 'stripped: undisturbed'
visit 'stripped, with its debug file' --debug-dir "$TMP/debug"
stop_victim
VICTIMS=$HERE

# --- other allocators --------------------------------------------------------

big=(--most 3000000)
mimalloc=$(ldconfig -p | awk '/^[[:space:]]*libmimalloc\.so/ { print $1; exit }')
for library in "$mimalloc" libtcmalloc_minimal.so.4 libtcmalloc.so.4; do
	hammer "$library" "$library" hammer
	hammer "$library, large" "$library" hammer "${big[@]}"
	hammer "$library, two threads" "$library" hammer --threads 1 "${big[@]}"
done
hammer 'a shim' "$VICTIMS/shim.so" hammer --threads 1
hammer 'a shim, large' "$VICTIMS/shim.so" hammer --threads 1 "${big[@]}"

# Here a handler waits where glibc's memalign() was interrupted, which jumps to
# functions whose names nobody has.
hammer 'a shim, signals' "$VICTIMS/shim.so" hammer --threads 1 --how signals

# In one program, and nothing separates them.
start_victim static-two
undisturbed_before "$V_PID"
run heapsnap -p "$V_PID" -n 1 --no-save
is "$status" 5 'two in a static program: refused'
is "$err" "heapsnap: cannot snapshot process $V_PID ('static-two'): \
'$VICTIMS/static-two' has an allocator in it that is no jemalloc, and whose code \
cannot be told from its own
heapsnap: hint: link it with that allocator as a shared library" \
	'two in a static program: why'
assert_undisturbed "$V_PID" 'two in a static program: undisturbed'
stop_victim
strip -o "$TMP/static-two" "$VICTIMS/static-two"
VICTIMS=$TMP start_victim static-two
undisturbed_before "$V_PID"
run heapsnap -p "$V_PID" -n 1 --no-save
is "$status" 3 'two in a static program, stripped: no jemalloc'
assert_undisturbed "$V_PID" 'two in a static program, stripped: undisturbed'
stop_victim

# A static program in which the C library's is beside jemalloc.
MALLOC_CONF=$profiled start_victim static-leaker-je_ --busy 2
slack=2 visit 'static, and the C library'"'"'s'
stop_victim

# --- what only looks like one ------------------------------------------------

MALLOC_CONF=$profiled start_victim newer --beat no
visit 'an operator new of its own'
stop_victim
V_HEARTBEAT=no MALLOC_CONF=$profiled start_victim ownfree
for i in 1 2 3; do
	run heapsnap -p "$V_PID" -n 1 --no-save
	is "$status" 0 "a function named free: snapshot $i is taken" ||
		diag "$err"
done
stop_victim

# --- a lock that nobody can see ----------------------------------------------

LD_PRELOAD=$VICTIMS/shim.so MALLOC_CONF=$profiled start_victim keeper --keeps other
undisturbed_before "$V_PID"
run heapsnap check -p "$V_PID" --timeout 1s
is "$status" 5 'kept by another thread: given up'
seconds='([5-9]|[1-9][0-9]+)\.[0-9] s'
like "$out" "no   safe moment  +cannot make a thread from thread $V_PID: \
pthread_create\(\): the call does not come back: thread $V_PID has stood still in it \
for $seconds, in futex, inside allocator
 +do: it goes on when it gets what it waits for, and never if that is a lock that it \
holds itself: then only a restart of the process helps; 'gdb -p $V_PID' shows where it is
" 'kept by another thread: which waits, where and since when'
like "${out##*$'\n'}" "^thread $V_PID of it has stood still for $seconds, in a call of \
heapsnap's$" 'kept by another thread: at what price'
run heapsnap check -p "$V_PID" --timeout 200ms
is "$status" 5 'kept by another thread: the next run takes no other one'
like "$out" "no   earlier run   thread $V_PID of it still stands still in a call of an \
earlier run: time is up
 +do: it goes on when it gets what it waits for, and never if that is a lock that it \
holds itself
no thread of it was stopped$" 'kept by another thread: and says why'
kill -USR1 "$V_PID"
assert_undisturbed "$V_PID" 'when it is given back, all is well'
run heapsnap check -p "$V_PID"
is "$status" 0 'and goes on being so' || diag "$out"
assert_undisturbed "$V_PID" 'undisturbed then'
stop_victim

LD_PRELOAD=$VICTIMS/shim.so MALLOC_CONF=$profiled start_victim keeper --keeps first
run heapsnap -p "$V_PID" -n 1 --no-save --timeout 1s
is "$status" 5 'kept by itself: given up'
like "$err" "^heapsnap: cannot snapshot process $V_PID \('keeper'\): cannot make a \
thread from thread $V_PID: pthread_create\(\): the call does not come back: thread \
$V_PID has stood still in it for $seconds, in futex, inside allocator
heapsnap: hint: it goes on when it gets what it waits for, and never if" \
	'kept by itself: it says so'
kill -KILL "$V_PID"
wait "$V_PID" 2>/dev/null
forget "$V_PID"
done_testing
