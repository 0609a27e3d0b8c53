#!/bin/bash
# `heapsnap run' of programs that end in every way: exit status, output, signals
# and stops are theirs, and what could not be read is said.
. "${0%/*}/../lib.sh"

leaver=$VICTIMS/leaver
export TMPDIR=$TMP
missing='--every TIME takes some before'

# ends STATUS WORD...: with that status, and nothing on stdout; $name is what it
# is called.
ends() {
	run heapsnap run "$leaver" "${@:2}"
	is "$status:$out" "$1:" "${*:2}: the status is the program's"
	name="'$leaver' \(pid [0-9]+\)"
}

# --- ends ---

ends 7 leak exit 7
like "$err" 'never freed 4,194,304 bytes in 4,096 objects' 'what it left'
ends 7 leak _exit 7
like "$err" "^heapsnap: no profile of $name: it ended without exit\(3\), or its jemalloc cannot profile; $missing\$" \
	'no last profile'
ends 134 leak abort
like "$err" "^heapsnap: no profile of $name: it was ended by a signal \(Aborted\), and then jemalloc writes none; $missing" \
	'no last profile'
ends 139 segv
like "$err" "^heapsnap: no profile of $name: .* \(Segmentation fault\)" 'why'
ends 143 leak kill TERM
like "$err" "^heapsnap: no profile of $name: .* \(Terminated\)" 'why'
ends 137 leak kill KILL
like "$err" "^heapsnap: no profile of $name: .* \(Killed\)" 'why'
is "$(find "$TMP" -name 'heapsnap-run*')" '' 'no folder is left'
bash -c '"$HEAPSNAP" run "$0" kill TERM; exit $?' "$leaver" 2>"$TMP/err"
is "$?" 143 'a shell sees the signal'
is "$(perl -e 'system(@ARGV); print $? & 127' "$HEAPSNAP" run -q "$leaver" \
	kill TERM)" 15 'and it is one'

# --- other programs ---

run heapsnap run "$leaver" few exec "$leaver" leak
like "$err" 'never freed 4,194,304 bytes in 4,096 objects' \
	'exec: of what it has become'
unlike "$err" leak_few 'not of what it was'
run heapsnap run "$leaver" leak fork
like "$err" $'never freed 4,194,304 bytes in 4,096 objects\n' 'the parent'
like "$err" 'never freed 12,800 bytes in 200 objects' 'and its child'
like "$err" 'without [0-9,]+ bytes in 4,0[0-9]+ objects that it has inherited' \
	'without what it has inherited'
run heapsnap run --no-follow "$leaver" leak fork
unlike "$err" leak_child '--no-follow: without it'
run heapsnap run --fail-above 12K "$leaver" fork
is "$status" 1 'it counts for --fail-above'
run heapsnap run bash -c "\"$leaver\" leak & wait"
like "$err" 'leaver \(pid [0-9]+\) never freed 4,194,304 bytes in 4,096 objects' \
	'what a shell starts'
run heapsnap run -f json -o "$TMP/both.json" "$leaver" leak fork
is "$(jq -c '[.stacks[].objects] | sort | .[-2:]' "$TMP/both.json")" \
	'[200,4096]' 'other formats: together'
run heapsnap run "$leaver" threads
like "$err" '#1  1\.0 MiB  4,096 objects .*'$'\n''    thread_leak ' '64 threads'
run heapsnap run strace -f -o /dev/null "$leaver" leak
like "$err" 'leaver \(pid [0-9]+\) never freed 4,194,304 bytes' 'under strace'
run heapsnap run gdb -nx -batch -ex run "$leaver" --args "$leaver" leak
like "$err" 'leaver \(pid [0-9]+\) never freed 4,194,304 bytes' 'under gdb'

# --- input and descriptors ---

out=$(echo hello | heapsnap run -q "$leaver" read)
is "$out" 'read hello' 'stdin and stdout'
if command -v script >/dev/null; then
	out=$(echo typed | script -qec "'$HEAPSNAP' run -q '$leaver' read" \
		/dev/null)
	like "$out" 'read typed' 'the terminal'
fi
(trap '' PIPE; "$HEAPSNAP" run grep SigIgn /proc/self/status) >"$TMP/ignored" \
	2>"$TMP/err"
grep SigIgn <(trap '' PIPE; grep SigIgn /proc/self/status) >"$TMP/plain"
is "$("$HEAPSNAP" run grep SigIgn /proc/self/status 2>"$TMP/err")" \
	"$(grep SigIgn /proc/self/status)" 'signals are as without heapsnap'
is "$(cat "$TMP/ignored")" "$(cat "$TMP/plain")" 'also those that are ignored'
# --- signals and stops ---

# A job of its own, as a shell makes them.
set -m
"$HEAPSNAP" run "$leaver" leak stop exit 5 2>"$TMP/err" &
pid=$!
started $pid
set +m
ok 'the job stops with the program' poll_until is_stopped $pid
kill -CONT $pid
wait $pid
is $? 5 'and goes on with it'
like "$(cat "$TMP/err")" 'never freed 4,194,304 bytes' 'to its end'

mkfifo "$TMP/said"
exec {said}<>"$TMP/said"
"$HEAPSNAP" run "$leaver" ready wait >"$TMP/said" 2>"$TMP/err" &
pid=$!
started $pid
read -r -t "$DEADLINE" -u "$said" line
like "$line" '^ready [0-9]+$' 'a program that waits'
kill -TERM $pid
wait $pid 2>/dev/null
is $? 143 'a signal to heapsnap reaches it'
ok 'which has ended' ended "${line#ready }"

# --- snapshots stand in ---

# shellcheck disable=SC2317  # poll_until calls it
stands_in() {
	compgen -G "$TMP/heapsnap-run*/snapshot.*.s.heap" >/dev/null
}

"$HEAPSNAP" run --every 100ms "$leaver" leak ready wait >"$TMP/said" \
	2>"$TMP/err" &
pid=$!
started $pid
read -r -t "$DEADLINE" -u "$said" line
ok 'a snapshot is taken' poll_until stands_in
kill -KILL "${line#ready }"
wait $pid 2>/dev/null
is $? 137 'it is killed'
err=$(cat "$TMP/err")
like "$err" "^heapsnap: $name ended by a signal \(Killed\): instead of its last profile its last snapshot is shown" \
	'which is said'
like "$err" 'never freed 4,194,304 bytes in 4,096 objects' 'with what it has'
like "$(tr -s ' \n' ' ' <<<"$err")" \
	'ended without exit\(3\): this is a snapshot of [0-9TZ:-]+, before its end' \
	'in the report, too, with its time'

mkfifo "$TMP/word"
exec {word}<>"$TMP/word"
"$HEAPSNAP" run --every 1h "$leaver" leak daemon ready read few exit 0 \
	<"$TMP/word" >"$TMP/out" 2>"$TMP/err"
err=$(cat "$TMP/err")
like "$err" 'leaver \(pid [0-9]+\) runs on: this is a snapshot of ' \
	'a process that goes on in the background'
like "$err" 'never freed 4,194,304 bytes in 4,096 objects' 'is looked at'
like "$err" '1 process of .* runs on, with last profiles to come in '"'$TMP/heapsnap-run" \
	'and can write its last profile'
# It may say so later than the command ends.
poll_until grep -q ready "$TMP/out"
daemon=$(cut -d' ' -f2 "$TMP/out")
last=$(sed -n "s/.*profiles to come in '\(.*\)'.*/\1/p" "$TMP/err")
is "$(find "$last" -name '*.f.heap')" '' 'which it has not yet'
echo end >&"$word"
poll_until ended "$daemon"
run heapsnap report -q "$last"/*."$daemon".*.f.heap --by function -f csv
like "$out" $'\n4194304,4096,0,"leak_test",.*\n1120,10,0,"leak_few",' \
	'it writes it there at its end, with what it left since'

done_testing
