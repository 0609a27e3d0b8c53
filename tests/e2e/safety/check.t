#!/bin/bash
# `heapsnap check' says of each condition whether it holds, why not and what to
# do, ends with the status that a snapshot would end with, and leaves the
# process as it was; without a reason to, it stops no thread.
. "${0%/*}/../lib.sh"

# line NAME: of the report, its answer first.
line() {
	sed -n "s/^  \\([a-z?]*\\) *$1   *\\(.*\\)/\\1 \\2/p" <<<"$out"
}

# same_status NAME: a snapshot ends as the check did.
same_status() {
	local want=$status
	run heapsnap -p "$V_PID" -n 1 -o "$TMP/snapshot.heap"
	is "$status" "$want" "$1: a snapshot ends so, too"
}

# --- a process that can be snapshotted --------------------------------------

MALLOC_CONF=prof:true,lg_prof_sample:14 start_victim leaker --busy 2 --idle 1
undisturbed_before "$V_PID"
run heapsnap check -p "$V_PID"
is "$status" 0 'it can be snapshotted'
is "$err" '' 'there is nothing to say on stderr'
is "${out%%$'\n'*}" "process $V_PID (leaker) can be snapshotted" 'and it says so'
for row in 'permission:yes it may be attached to' \
	'tracer:yes nobody traces it' 'state:yes it is not stopped' \
	'program:yes 64-bit' 'seccomp mode:yes not the strict one' \
	'shadow stack:yes none' 'room for threads:yes for at least one more' \
	'seccomp filter:yes none' 'sampling:yes prof.active is true' \
	'profiling:yes config.prof and opt.prof are true' \
	'sample period:yes one sample every 16 KiB, on average' \
	'hooks:yes none'; do
	is "$(line "${row%%:*}")" "${row#*:}" "${row%%:*}"
done
library=$(awk '/libjemalloc/ { print $6; exit }' "/proc/$V_PID/maps")
is "$(line jemalloc)" "yes 'mallctl' in '$library'" 'where jemalloc is'
like "$(line version)" '^yes jemalloc 5\.[0-9]+\.[0-9]' 'its version'
records=5.3
[[ $(line version) != *' 5.2.'* ]] || records='5.1, 5.2'
is "$(line inspect)" "yes jemalloc's records are as of $records" \
	'what inspect goes by'
like "$(line 'safe moment')" \
	'^yes thread [0-9]+ was outside of the allocator and the like' \
	'a thread is borrowed to ask jemalloc'
like "${out##*$'\n'}" '^no thread of it was stopped for longer than [0-9]+ us$' \
	'the price is stated'
assert_undisturbed "$V_PID"

run heapsnap check -p "$V_PID" -f json
is "$status" 0 'JSON'
is "$(jq -r '.schema, .kind, .pid, .command, .ok, .exit_status, .attached,
	.borrowed, (.pause_us > 0), (.threads | length)' <<<"$out" |
	tr '\n' ' ')" \
	"heapsnap/1 check $V_PID leaker true 0 true false true 0 " \
	'says what the process is'
is "$(jq -r '.conditions[] | select(.ok != true or .warning) | .name' \
	<<<"$out")" '' 'and that all conditions hold'

# --- what it adds -----------------------------------------------------------

# print_changes WHICH: of the last report, name=number.
print_changes() {
	jq -r --arg which "$1" '.changes | to_entries[] |
		"\(.key)=\(.value[$which])"' <<<"$out"
}

# value NAME WHICH
value() {
	print_changes "$2" | sed -n "s/^$1=//p"
}

is "$(print_changes stays | grep -v bytes | tr '\n' ' ')" "helper_threads=0 \
background_threads=0 arenas=0 stacks=0 descriptors=0 files=0 " \
	'a second check adds nothing for good'
is "$(print_changes meanwhile | grep -v bytes | tr '\n' ' ')" "helper_threads=1 \
background_threads=0 arenas=0 stacks=0 descriptors=2 files=0 " \
	'a helper thread, a memfd and its descriptor for jemalloc meanwhile'

background_threads() {
	cat "/proc/$1/task"/*/comm | grep -c jemalloc_bg_thd
}

# grown_by N: so many background threads are there now.
grown_by() {
	[ "$(background_threads "$V_PID")" = $((background + $1)) ]
}

stop_victim
MALLOC_CONF=prof:true,background_thread:true start_victim leaker --idle 2
undisturbed_before "$V_PID"
background=$(background_threads "$V_PID")
maps=$(count_anonymous "/proc/$V_PID/maps")
run heapsnap check -p "$V_PID" -f json
is "$status" 0 'a process with background threads'
n=$(value background_threads stays)
between "$n" 0 2 'it says how many it made'
between "$n" 0 "$(value arenas stays)" 'at most one for each arena'
ok 'so many are there' poll_until grown_by "$n"
count_anonymous "/proc/$V_PID/maps" >"$TMP/maps-now"
is "$(value stacks stays)" \
	$(($(cut -d' ' -f2 "$TMP/maps-now") - ${maps#* })) \
	'so many stacks are kept'
for _ in 1 2 3; do
	run heapsnap -p "$V_PID" -n 1 --no-save
	is "$status" 0 'a snapshot after it'
done
result "$(grown_by "$n"; echo $?)" 'adds no more of them'
stop_victim
MALLOC_CONF=prof:true,lg_prof_sample:14 start_victim leaker --busy 2 --idle 1
undisturbed_before "$V_PID"

# --- its threads ------------------------------------------------------------

run heapsnap check -v -p "$V_PID" -f json
is "$status" 0 'with its threads'
is "$(jq '.threads | length' <<<"$out")" 5 'all of them are there'
is "$(jq -r '.threads[] | select(.syscall == "read") |
	[.safe, .unwound, (.frames[].function |
		select(. == "victim_obey" or . == "main"))] | join(" ")' <<<"$out")" \
	'true true victim_obey main' 'the main thread reads: its stack'
like "$(jq -r '.threads[] | select(.syscall == "clock_nanosleep") |
	.frames[].function' <<<"$out")" be_idle 'another one sleeps'

# inside_jemalloc: a busy thread is seen in there.
inside_jemalloc() {
	run heapsnap check -v -p "$V_PID"
	[[ $out =~ runs\ \ unsafe:\ it\ is\ inside\ jemalloc:\ [a-z]+ ]]
}
poll_until inside_jemalloc
result $? 'a thread in the allocator is unsafe, and where it is' "$out"
like "$out" "  $V_PID leaker  in read  safe" 'and one that waits to be safe'
assert_undisturbed "$V_PID"
stop_victim

# --- processes that cannot --------------------------------------------------

start_victim leaker
undisturbed_before "$V_PID"
run heapsnap check -p "$V_PID"
is "$status" 3 'profiling is off'
is "$err" "heapsnap: process $V_PID ('leaker') cannot be snapshotted" \
	'it says so on stderr'
is "${out%%$'\n'*}" "process $V_PID (leaker) cannot be snapshotted" 'and on stdout'
like "$(line profiling)" '^no profiling is not on' 'and which condition fails'
like "$out" 'do: it can only be turned on at start: set MALLOC_CONF=prof:true' \
	'and what to do'
same_status 'profiling is off'
assert_undisturbed "$V_PID"
stop_victim

MALLOC_CONF=prof:true,prof_active:false \
	start_victim leaker
run heapsnap check -p "$V_PID"
is "$status" 0 'sampling is off'
is "$(line sampling)" \
	'but prof.active is false: what is allocated now is not recorded' \
	'a warning says so'
like "$out" "'heapsnap -p $V_PID --activate' switches it on for the time of a run" \
	'and what to do about it'
stop_victim

start_victim plain
undisturbed_before "$V_PID"
run heapsnap check -p "$V_PID"
is "$status" 3 'no jemalloc'
is "$(line jemalloc)" "no it has no jemalloc: none of its files has a symbol \
that ends in 'mallctl'" 'is reported'
is "${out##*$'\n'}" 'no thread of it was stopped' 'nothing was stopped for it'
same_status 'no jemalloc'
assert_undisturbed "$V_PID"
stop_victim

MALLOC_CONF=prof:true V_HEARTBEAT=no start_victim leaker
kill -STOP "$V_PID"
poll_until all_threads_stop "$V_PID"
run heapsnap check -p "$V_PID"
is "$status" 4 'a process that is stopped'
is "$(line state)" 'no it is stopped' 'is reported'
like "$out" "do: .*'kill -CONT $V_PID'" 'and what to do'
is "${out##*$'\n'}" 'no thread of it was stopped' 'nothing was stopped for it'
same_status 'stopped'
kill -CONT "$V_PID"
strace -q -o /dev/null -p "$V_PID" &
tracer=$!
started $tracer
traced() {
	print_threads "$V_PID" | grep -q 'tracer=[1-9]'
}
poll_until traced
run heapsnap check -p "$V_PID"
is "$status" 4 'a process that is traced'
is "$(line tracer)" "no it is already traced by process $tracer ('strace')" \
	'it says by whom'
same_status 'traced'
kill "$tracer"
wait "$tracer"
forget "$tracer"
stop_victim

MALLOC_CONF=prof:true start_victim sandbox --filter no-creat
undisturbed_before "$V_PID"
run heapsnap check -p "$V_PID"
is "$status" 4 'a seccomp filter'
is "$(line 'seccomp filter')" "no its seccomp filter would send it SIGSYS for the \
system call 'creat'" 'is reported'
same_status 'a seccomp filter'
assert_undisturbed "$V_PID"
stop_victim

MALLOC_CONF=prof:true start_victim sandbox --filter list-file
undisturbed_before "$V_PID"
run heapsnap check -p "$V_PID"
is "$(line 'seccomp filter')" "yes it allows what a snapshot does, through a file \
instead of a memfd" 'a filter that leaves another way'
assert_undisturbed "$V_PID"
run setpriv --reuid 4711 --clear-groups "$HEAPSNAP" check -p "$V_PID"
is "$status" 4 'a process of another user'
like "$(line permission)" '^no cannot open .*: Permission denied' 'is reported'
like "$out" 'do: the process belongs to user 0: run as that user or as root' \
	'and what to do'
stop_victim

# --- where the dump can go nowhere -------------------------------------------

# An empty root, without /proc and not to be written to: a snapshot could be
# taken but for its dump.
mkdir "$TMP/jail"
MALLOC_CONF=prof:true start_victim corner --jail "$TMP/jail"
undisturbed_before "$V_PID"
run heapsnap check -p "$V_PID"
checked=$status
dump=$(line dump)
run heapsnap -p "$V_PID" -n 1 --no-save
is "$checked" "$status" 'a jail: check ends as the snapshot does'
if [ "$status" = 0 ]; then
	like "$dump" '^yes it can open ' 'a jail: it says where to'
else
	like "$dump" '^no ' 'a jail: it says that there is no place for the dump'
fi
assert_undisturbed "$V_PID" 'a jail'
mkdir -m 1777 "$TMP/jail/tmp"
run heapsnap check -p "$V_PID" -f json
is "$status" 0 'a jail with a folder for it'
is "$(find "$TMP/jail" -type f)" '' 'a jail with a folder: no file is left'
run heapsnap -p "$V_PID" -n 1 --no-save
is "$status" 0 'a jail with a folder: a snapshot is taken'
assert_undisturbed "$V_PID" 'a jail with a folder'
stop_victim

# --- without the dump --------------------------------------------------------

MALLOC_CONF=prof:true start_victim leaker
undisturbed_before "$V_PID"
cd "$TMP" || exit
run heapsnap -p "$V_PID" --dry-run -o "$TMP/dry.html"
is "$status" 0 '--dry-run'
is "${out%%$'\n'*}" "process $V_PID (leaker) can be snapshotted" \
	'--dry-run reports as check does'
is "$(find "$TMP" -name '*.heap*' -o -name dry.html)" '' \
	'--dry-run writes no snapshot and no report of one'
run heapsnap -p "$V_PID" --dry-run --save "$TMP/no/such/folder"
dry=$status
run heapsnap -p "$V_PID" -n 1 --save "$TMP/no/such/folder"
is "$dry" "$status" 'a folder that is not there: --dry-run ends as the run does'
assert_undisturbed "$V_PID" '--dry-run'
stop_victim
start_victim leaker
for options in '-n 1' '-n 3'; do
	# shellcheck disable=SC2086
	run heapsnap -p "$V_PID" $options -i 10ms --no-save --dry-run
	dry=$status
	# shellcheck disable=SC2086
	run heapsnap -p "$V_PID" $options -i 10ms --no-save
	is "$dry" "$status" "profiling is off, $options: --dry-run ends as the run"
done
stop_victim

# --- the command line -------------------------------------------------------

run heapsnap check
is "$status" 2 'no process'
like "$err" 'which process\? give it with -p PID' 'is reported'
run heapsnap check -p 1 -f svg
is "$status" 2 'a format that it has not'
like "$err" "invalid --format 'svg': want text or json" 'is reported'
done_testing
