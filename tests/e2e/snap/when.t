#!/bin/bash
# --when waits without touching the process, until the first of its conditions
# holds; then it does what the line says: what grew since the start, or one
# snapshot, or several. --exec gets the file. An end of the process, of the wait,
# and a condition that cannot hold are said.
. "${0%/*}/../lib.sh"
. "${0%/*}/../groups.sh"
. "${0%/*}/../watch.sh"

MIB=$((1 << 20))
export MALLOC_CONF=prof:true,lg_prof_sample:15

# What grows, in kept files and the report. The names of folder and command are
# no part of what the shell runs.
cp "$VICTIMS/stock" "$TMP/sto;ck"
VICTIMS=$TMP start_victim 'sto;ck' --stock $((8 * MIB)) --rate $((40 * MIB)) \
	--burst $((60 * MIB)) --at 0
undisturbed_before "$V_PID"
kept="$TMP/\$(touch run) '; touch run; '"
mkdir "$kept"
cd "$TMP" || exit
# shellcheck disable=SC2016
watch --when rss:100G --when growth:30M --save "$kept" -f json \
	--exec 'printf "%s\n" "$1" "$HEAPSNAP_FILE" "$HEAPSNAP_PID"; ls "$1"'
assert_undisturbed "$V_PID" 'it waits, and nothing of ours is in the process'
is "$(find "$kept" -type f)" '' 'nor is anything kept'
tell begin
watched
is "$status" 0 'when it has grown' || diag "$err"
like "$err" "^heapsnap: process $V_PID \\('sto;ck'\\) is watched, for rss:100G or \
growth:30M: [0-9.]+ MiB resident"$'\n' 'what it waits for is said'
like "$err" $'\n'"heapsnap: process $V_PID \\('sto;ck'\\) has reached growth:30M: \
[0-9.]+ MiB resident"$'\n' 'and which of them it was'
files=("$kept"/*.heap)
is ${#files[@]} 2 'the first and the last are kept'
is "$(tail -n 4 <<<"$err")" "${files[1]}
${files[1]}
$V_PID
${files[1]}" '--exec has the last, by either name'
[ ! -e "$TMP/run" ]
result $? 'and runs nothing of the names'
is "$(jq -r .kind <<<"$out")" diff 'the report is what grew in between'
between "$(jq .totals.bytes <<<"$out")" \
	$((25 * MIB)) $((400 * MIB)) 'as much as was asked for, at least'
tell end
stop_victim

# What has to be said of one that stands still.
start_victim stock --stock $((8 * MIB))
undisturbed_before "$V_PID"
mkdir "$TMP/one"
run heapsnap -p "$V_PID" --when rss:1M -n 1 --save "$TMP/one" -f json
is "$status $(jq -r .kind <<<"$out")" '0 report' 'it holds already; -n 1'
is "$(find "$TMP/one" -type f | wc -l)" 1 'one is kept: that of the condition'
run heapsnap -p "$V_PID" --when rss:1M -n 1 -o "$TMP/own.heap" --exec false
is "$status" 6 'a command that fails'
is "$(tail -n 1 <<<"$err")" \
	'heapsnap: the command of --exec ended with status 1' 'is said'
[ -s "$TMP/own.heap" ]
result $? 'the file is there'
run heapsnap -p "$V_PID" --when rss:1M -n 3 -i 100ms --no-save -f json
is "$status $(jq -r .kind <<<"$out")" '0 trend' 'several, from then on'
run heapsnap -p "$V_PID" --when rss:1M --save "$TMP/none"
is "$status" 6 'a folder that is not there: before it waits' || diag "$err"

: >"$TMP/watch.err"
env --default-signal=INT ASAN_OPTIONS=detect_leaks=0 strace -f -qq -I2 -s 200 \
	-e trace=ptrace,process_vm_readv,write,pread64 -o "$TMP/trace" \
	"$HEAPSNAP" -p "$V_PID" --when rss:100G --no-save \
	>"$TMP/watch.out" 2>"$TMP/watch.err" &
watcher=$!
started $watcher
looks() {
	sed '1,/is watched/d' "$TMP/trace"
}
has_looked() {
	[ "$(looks | grep -c pread64)" -ge 3 ]
}
ok 'it looks again and again' poll_until has_looked
kill -INT "$(pgrep -P $watcher)"
watched
is "$(looks | grep -c 'ptrace(\|readv(')" 0 'it is touched no more'
is "$(tail -n 1 <<<"$err")" "heapsnap: process $V_PID ('stock') is watched no \
more: interrupted: Interrupt" 'an interrupt ends the wait, with a word'

watch --when rss:100G --save "$TMP/one"
kill -TERM $watcher
watched
is "$status" 143 'so does SIGTERM'
like "$err" "watched no more: interrupted: Terminated$" 'with a word'
is "$(find "$TMP/one" -type f | wc -l)" 1 'nothing more is kept'
assert_undisturbed "$V_PID"
tell reset
watch --when rss:100G --no-save
stop_victim
watched
is "$status" 4 'the process ends'
like "$err" "ended before rss:100G; last seen: [0-9.]+ MiB resident$" \
	'which is said, with what was seen'

[ "$(id -u)" = 0 ] || done_testing
start_victim stock --stock $((8 * MIB)) --rate $((4 * MIB))
if memory_group 64; then
	usage=$group/memory.usage_in_bytes
	[ -e "$usage" ] || usage=$group/memory.current
	watch --when limit:20% --save "$TMP/one" -f json \
		--exec "cat '$usage' >'$TMP/usage'"
	tell begin
	watched
	is "$status" 0 'a part of the limit of its group' || diag "$err"
	like "$err" "has reached limit:20%: [0-9.]+ MiB resident, its control \
group uses [0-9.]+ MiB of 64.0 MiB" 'is said'
	between "$(cat "$TMP/usage")" $((12 * MIB)) $((62 * MIB)) \
		'the snapshot is complete before its end'
	leaked=$(jq '[.stacks[] | select(any(.frames[]; .function == "hold"))
		| .bytes] | add | round' <<<"$out")
	between "$leaked" $((9 * MIB)) $((62 * MIB)) 'and has what leaks'
	not_ok 'which goes on until then' ended "$V_PID"
	kill_started 2>/dev/null
else
	stop_victim
fi
done_testing
