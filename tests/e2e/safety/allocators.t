#!/bin/bash
# jemalloc can get into a process in many ways: preloaded, linked, in the
# program itself, with a prefix, without symbols, twice, by dlopen(). Each is a
# snapshot with the victim's own numbers, or refused with the reason; and
# whatever it is, the process is undisturbed.
. "${0%/*}/../lib.sh"

command -v objcopy >/dev/null || skip_all 'no objcopy'
profiled=prof:true,lg_prof_sample:0
mode=guest

# lends: the current victim, which has to where $mode is "borrowed": before glibc 2.34
# each process with threads is ready for pthread_cancel(), and no thread is borrowed.
lends() {
	[ "$mode" = guest ] || ! older_glibc 2.34
}

# none_lent NAME ARGUMENT...: it is refused for that.
none_lent() {
	local name=$1
	shift
	run heapsnap -p "$V_PID" -n 1 --no-save "$@"
	is "$status" 5 "$name: is refused"
	like "$err" 'no thread can be borrowed: .* pthread_cancel\(\)' "$name: and why"
	assert_undisturbed "$V_PID" "$name: undisturbed"
}

# leaked NAME FUNCTION ARGUMENT...: a snapshot has what the victim's last answer
# says, from FUNCTION, and the same again after it was asked for more; in a
# thread of its own, as a rule.
leaked() {
	local name=$1 function=$2 round
	shift 2
	undisturbed_before "$V_PID"
	if ! lends; then
		none_lent "$name" "$@"
		return
	fi
	for round in first second; do
		run heapsnap -p "$V_PID" -n 1 --no-save -f json "$@"
		is "$status" 0 "$name: a $round snapshot is taken" ||
			diag "$err"
		is "$(jq -r "[.stacks[] | select(.frames[].function ==
				\"$function\")] | \"\(map(.objects) | add)\" +
				\" \(map(.bytes) | add)\"" <<<"$out")" \
			"${answer#* }" "$name: with what the victim keeps"
	done
	assert_undisturbed "$V_PID" "$name: undisturbed"
	is "$(jq -r .snapshot.capture.mode <<<"$out")" "$mode" \
		"$name: way in"
}

# leaker NAME PROGRAM: the leaker in that build.
leaker() {
	local name=$1
	shift
	LD_PRELOAD=$preload MALLOC_CONF=$profiled start_victim "$@"
	tell leak 500 100
	tell leak 20 50000
	leaked "$name" leak_site
	stop_victim
}

preload=libjemalloc.so.2
leaker preloaded bare-leaker
preload=
leaker linked leaker
leaker 'in the program' embedded-leaker
leaker 'in the program, je_' embedded-leaker-je_
leaker 'in the program, _rjem_' embedded-leaker-_rjem_
# Nothing in them uses what a thread of its own is made with.
mode=borrowed
leaker 'static, je_' static-leaker-je_
leaker 'static, _rjem_' static-leaker-_rjem_

# Debian's cannot profile in a static program that is linked without a prefix
# (tests/victims/victims.mk): a refusal, with where memory is instead of stacks.
start_victim static-leaker
undisturbed_before "$V_PID"
if lends; then
	run heapsnap -p "$V_PID" -n 1 --no-save
	is "$status" 0 'static: an answer'
	like "$out" 'live allocations' 'static: where memory is'
	like "$out$err" 'MALLOC_CONF=prof:true' 'static: what to set for stacks'
	assert_undisturbed "$V_PID" 'static: undisturbed'
else
	none_lent static
fi
stop_victim
mode=guest

# --- without symbols ---------------------------------------------------------

# strip_victim NAME: without symbols as $TMP/NAME, which are in $TMP/debug.
strip_victim() {
	local id
	id=$(readelf -n "$VICTIMS/$1" | sed -n 's/.*Build ID: //p')
	mkdir -p "$TMP/debug/.build-id/${id:0:2}"
	objcopy --only-keep-debug "$VICTIMS/$1" \
		"$TMP/debug/.build-id/${id:0:2}/${id:2}.debug"
	strip -o "$TMP/$1" "$VICTIMS/$1"
}

no_jemalloc="it has no jemalloc: none of its files has a symbol that ends in \
'mallctl'"
no_symbols="'$TMP/exporting-leaker' has jemalloc in it, but no symbols to tell \
jemalloc's code from its own"
for victim in embedded-leaker-je_ static-leaker-_rjem_ exporting-leaker; do
	why=$no_jemalloc refusal=3
	[ $victim != exporting-leaker ] || why=$no_symbols refusal=5
	strip_victim $victim
	real=$VICTIMS VICTIMS=$TMP
	MALLOC_CONF=$profiled start_victim $victim
	VICTIMS=$real
	tell leak 500 100
	undisturbed_before "$V_PID"
	run heapsnap -p "$V_PID" -n 1 --no-save
	is "$status" $refusal "$victim stripped: refused"
	like "$err" "$why" "$victim stripped: with the reason"
	like "$err" "hint: .*give the folder of its debug file by --debug-dir" "$victim stripped: and what to do"
	assert_undisturbed "$V_PID" "$victim stripped: undisturbed"
	[[ $victim != static-* ]] || mode=borrowed
	leaked "$victim stripped, with its debug file" leak_site \
		--debug-dir "$TMP/debug"
	can=0
	lends || can=5
	run heapsnap check -p "$V_PID" --debug-dir "$TMP/debug"
	is "$status" $can "$victim stripped, with its debug file: check agrees" ||
		diag "$out"
	assert_undisturbed "$V_PID"
	stop_victim
	mode=guest
done

# Next to the program, as its .gnu_debuglink says: found without --debug-dir.
cp "$VICTIMS/embedded-leaker-_rjem_" "$TMP/linked-leaker"
objcopy --only-keep-debug "$TMP/linked-leaker" "$TMP/linked-leaker.debug"
strip "$TMP/linked-leaker"
(cd "$TMP" && objcopy --add-gnu-debuglink=linked-leaker.debug linked-leaker)
real=$VICTIMS VICTIMS=$TMP
leaker 'stripped, with its debug file beside it' linked-leaker
VICTIMS=$real

# One of another build is none.
id=$(readelf -n "$TMP/embedded-leaker-je_" | sed -n 's/.*Build ID: //p')
objcopy --only-keep-debug "$VICTIMS/embedded-leaker-_rjem_" \
	"$TMP/debug/.build-id/${id:0:2}/${id:2}.debug"
VICTIMS=$TMP
MALLOC_CONF=$profiled start_victim embedded-leaker-je_
VICTIMS=$real
run heapsnap -p "$V_PID" -n 1 --no-save --debug-dir "$TMP/debug"
is "$status" 3 'the debug file of another build is not used'
stop_victim

# Of its functions one name is left: what was found is said, and what is missing.
strip --keep-symbol=_rjem_mallctl -o "$TMP/embedded-leaker-_rjem_" \
	"$VICTIMS/embedded-leaker-_rjem_"
VICTIMS=$TMP
_RJEM_MALLOC_CONF=$profiled start_victim embedded-leaker-_rjem_
VICTIMS=$real
undisturbed_before "$V_PID"
run heapsnap check -p "$V_PID"
is "$status" 3 'one name of a jemalloc: refused'
is "$(sed -n 's/^  no *jemalloc *//p' <<<"$out")" "it has no jemalloc: \
'$TMP/embedded-leaker-_rjem_' has a function '_rjem_mallctl', but not \
'_rjem_mallctlnametomib' or '_rjem_mallctlbymib', nor jemalloc's inner functions" \
	'one name of a jemalloc: what it has and lacks'
at=$(nm "$TMP/embedded-leaker-_rjem_" | sed -n 's/^\([0-9a-f]*\) T _rjem_mallctl$/\1/p')
base=$(awk '/embedded-leaker/ { sub(/-.*/, ""); print; exit }' "/proc/$V_PID/maps")
like "$out" "give --mallctl-address $(printf '0x%x' $((0x$base + 0x$at)));" \
	'one name of a jemalloc: its address'
assert_undisturbed "$V_PID" 'one name of a jemalloc: undisturbed'
stop_victim

# --- two in one process ------------------------------------------------------

export LD_PRELOAD=libjemalloc.so.2
start_victim twin-leaker
unset LD_PRELOAD
tell leak 500 100
leaked 'two, one of which profiles' leak_site
is "$err" "heapsnap: the process has 2 jemallocs; this is what 'je_mallctl' in \
'$VICTIMS/twin-leaker' has ('heapsnap check' lists them, --mallctl-address takes \
another one)" 'two, one of which profiles: said which it is'
run heapsnap check -p "$V_PID"
is "$(grep -c "mallctl' in '.* at 0x" <<<"$out")" 2 'check lists both' ||
	diag "$out"
address() {
	sed -n "s/.*'$1' in '.*' at \(0x[0-9a-f]*\).*/\1/p" <<<"$out"
}
mine=$(address je_mallctl)
other=$(address mallctl)
leaked 'two, the one that is asked for' leak_site --mallctl-address "$mine"
undisturbed_before "$V_PID"
run heapsnap -p "$V_PID" -n 1 --no-save --mallctl-address "$other"
like "$out$err" 'MALLOC_CONF=prof:true' 'the other one: does not profile'
assert_undisturbed "$V_PID" 'the other one: undisturbed'
stop_victim

export LD_PRELOAD=libjemalloc.so.2 MALLOC_CONF=$profiled
start_victim twin-leaker
unset LD_PRELOAD MALLOC_CONF
tell leak 500 100
leaked 'two that profile: the first' leak_site
run heapsnap check -p "$V_PID"
other=$(address mallctl)
undisturbed_before "$V_PID"
run heapsnap -p "$V_PID" -n 1 --no-save --mallctl-address "$other" -f json
is "$status" 0 'two that profile: the other' || diag "$err"
is "$(jq '[.stacks[] | select(.frames[].function == "leak_site")] | length' \
	<<<"$out")" 0 'two that profile: the other has none of its objects'
like "$(jq -r '.stacks[].frames[].function' <<<"$out")" 'call_init' \
	'two that profile: but those of malloc()'
assert_undisturbed "$V_PID" 'two that profile: undisturbed'
stop_victim

# Whichever is asked, nobody is borrowed who is inside of the other.
V_HEARTBEAT=no start_victim twin-stuck
run heapsnap check -p "$V_PID" --timeout 1s
for mine in "$(address je_mallctl)" "$(address mallctl)"; do
	undisturbed_before "$V_PID"
	run heapsnap -p "$V_PID" -n 1 --no-save --timeout 1s \
		--mallctl-address "$mine"
	is "$status" 5 'two, the only thread is inside of one: refused'
	like "$err" "thread $V_PID is inside jemalloc" \
		'two, the only thread is inside of one: which is reported'
	assert_undisturbed "$V_PID" 'two, the only thread is inside of one'
done
stop_victim

# --- by dlopen ---------------------------------------------------------------

# Its TLS needs more space than a library gets that comes late.
export GLIBC_TUNABLES=glibc.rtld.optional_static_tls=16384
MALLOC_CONF=$profiled start_victim loader
unset GLIBC_TUNABLES
tell keep 500 100
leaked dlopened keep_there
stop_victim

# --- threads that never allocated --------------------------------------------

export MALLOC_CONF=$profiled
n=${#STARTED[@]}
mkfifo "$TMP/lazy.in" "$TMP/lazy.out"
V_HEARTBEAT_FILE=$TMP/lazy.heartbeat
"$VICTIMS/lazy" --heartbeat "$V_HEARTBEAT_FILE" <"$TMP/lazy.in" \
	>"$TMP/lazy.out" &
V_PID=$!
started $V_PID
exec {V_IN}<>"$TMP/lazy.in" {V_OUT}<>"$TMP/lazy.out"
echo "$V_HEARTBEAT_FILE" >"$TMP/heartbeat-of.$V_PID"
victim_line answer
kept=$answer
victim_line answer
is "$answer" "ready $V_PID" 'the one that allocated is inside of exit()'
answer=$kept
for _ in 1 2 3; do
	leaked 'threads that never allocated' keep_some
	borrowed=$(jq -r .snapshot.capture.host_tid <<<"$out")
	is_not "$borrowed" "$V_PID" 'threads that never allocated: one was borrowed'
done
stop_victim
done_testing
