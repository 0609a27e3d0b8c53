#!/bin/bash
# Code that a process makes at run time has the names that the process itself
# wrote to /tmp/perf-PID.map, where it sees that, under the number that it has
# for itself; not those of code that is gone, nor of a file that may be somebody
# else's. They are kept with the snapshot.
. "${0%/*}/../lib.sh"

[ "$(id -u)" = 0 ] || skip_all 'other users and namespaces take root'

export MALLOC_CONF=prof:true,lg_prof_sample:0

# functions ARGUMENT...: the innermost ones of the 512 and the 96 byte objects.
functions() {
	run heapsnap "$@" -f json
	got=$(jq -r '.stacks[] | select(.objects == 1000) |
		"\(.bytes / .objects) \(.frames[0].function)"' <<<"$out" |
		sort -n)
}

named=$'96 ~second <T>("x")\n512 *first /srv/app.js:1:7'

start_victim jit
undisturbed_before "$V_PID"
functions -p "$V_PID" -n 1 --no-save
is "$got" "$named" 'code made at run time has its names' || diag "$err"
is "$err" '' 'without a warning'
like "$(jq -r '.stacks[0].frames[0].module' <<<"$out")" '^\[anon\]$' \
	'though it is in no file'
assert_undisturbed "$V_PID"

run heapsnap -p "$V_PID" -n 1 --no-save -o "$TMP/a.heap"
run heapsnap -p "$V_PID" -n 1 --no-save
like "$out" '    \*first /srv/app\.js:1:7' 'in the text, too'

tell forget
functions -p "$V_PID" -n 1 --no-save
is "$got" $'96 ~second <T>("x")\n512 null' \
	'code whose memory is used again has no name any more'
functions report "$TMP/a.heap"
is "$got" "$named" 'the snapshot of before keeps the names of before'
run heapsnap -p "$V_PID" --base "$TMP/a.heap" --no-save -f json
is "$status" 0 'and can be compared with' || diag "$err"

mv "/tmp/perf-$V_PID.map" "$TMP/map"
ln -s "$TMP/map" "/tmp/perf-$V_PID.map"
functions -p "$V_PID" -n 1 --no-save
is "$got" $'96 null\n512 null' 'a link to them is not followed'
is "$err" "heapsnap: warning: names of code made at run time are missing: \
'/tmp/perf-$V_PID.map' is a symbolic link" 'which is reported'
mv "$TMP/map" "/tmp/perf-$V_PID.map"
truncate -s 257M "/tmp/perf-$V_PID.map"
functions -p "$V_PID" -n 1 --no-save
is "$got" $'96 null\n512 null' 'nor is a file read that is far too large'
is "$err" "heapsnap: warning: names of code made at run time are missing: \
'/tmp/perf-$V_PID.map' is larger than 256 MiB" 'which is reported'
chown 4711 "/tmp/perf-$V_PID.map"
functions -p "$V_PID" -n 1 --no-save
is "$got" $'96 null\n512 null' 'names of another user are not believed'
is "$err" "heapsnap: warning: names of code made at run time are missing: \
'/tmp/perf-$V_PID.map' is user 4711's, not the process's" 'which is reported'
stop_victim

start_victim jit --names old
functions -p "$V_PID" -n 1 --no-save
is "$got" $'96 null\n512 null' 'names of an earlier process are not taken'
is "$err" "heapsnap: warning: names of code made at run time are missing: \
'/tmp/perf-$V_PID.map' is older than the process" 'which is reported'
stop_victim

start_victim jit --names none
functions -p "$V_PID" -n 1 --no-save
is "$got" $'96 null\n512 null' 'no file, no names'
is "$err" '' 'and no warning'
stop_victim

# Its /tmp is another one, and its number there is 1.
mkdir "$TMP/other"
cp "$VICTIMS/jit" "$TMP/other/jit"
mkfifo "$TMP/ns.in" "$TMP/ns.out"
# shellcheck disable=SC2016
unshare -p -f -m sh -c 'mount --bind "$1" /tmp && exec /tmp/jit' sh \
	"$TMP/other" <"$TMP/ns.in" >"$TMP/ns.out" 2>"$TMP/ns.err" &
outer=$!
started $outer
exec {V_IN}>"$TMP/ns.in" {V_OUT}<"$TMP/ns.out"
read -r -t "$DEADLINE" -u "$V_OUT" line
is "$line" 'ready 1' 'in a pid namespace of its own' || diag "$(<"$TMP/ns.err")"
V_PID=$(<"/proc/$outer/task/$outer/children")
V_PID=${V_PID%% *}
: >"$TMP/heartbeat-of.$V_PID"
ok 'it writes another file' test -e "$TMP/other/perf-1.map"
undisturbed_before "$V_PID"
functions -p "$V_PID" -n 1 --no-save
is "$got" "$named" 'which is found' || diag "$err"
assert_undisturbed "$V_PID"
echo quit >&"$V_IN"
wait "$outer"
forget "$outer"
done_testing
