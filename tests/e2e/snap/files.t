#!/bin/bash
# What a snapshot leaves behind and how it ends: the files it keeps, their names
# and modes, what is compared with what, signals while it waits and while it
# works, a process that ends, a disk that is full, a reader that has gone.
. "${0%/*}/../lib.sh"

# in_background ARGUMENT...: heapsnap, so that signals can be sent to $hs.
in_background() {
	env --default-signal=INT "$HEAPSNAP" "$@" >"$TMP/out" 2>"$TMP/err" \
		</dev/null &
	hs=$!
	started $hs
}

# end_background: waits for it, as run does.
end_background() {
	poll_until ended "$hs" || kill -KILL "$hs"
	{ wait "$hs"; } 2>/dev/null
	status=$?
	forget "$hs"
	out=$(cat "$TMP/out")
	err=$(cat "$TMP/err")
}

at_work() {
	grep -qslx heapsnap /proc/"$V_PID"/task/*/comm
}

MALLOC_CONF=prof:true,lg_prof_sample:0 start_victim leaker
undisturbed_before "$V_PID"
name="heapsnap\\.leaker\\.$V_PID\\.[0-9]{8}T[0-9]{6}\\.[0-9]{3}Z\\.heap"

# --- what is kept -------------------------------------------------------------

mkdir "$TMP/here" "$TMP/kept"
cd "$TMP/here" || exit
umask 022
shopt -s dotglob nullglob
tell leak 10 1000
run heapsnap -p "$V_PID" -i 0s
is "$status" 0 'two snapshots' || diag "$err"
kept=(*)
is ${#kept[@]} 2 'both are kept where one is'
like "${kept[*]}" "^$name $name\$" 'by command, process and time'
is "$(stat -c %a "${kept[@]}" | sort -u)" 600 'for the eyes of one user'
like "$out" "before .* ${kept[0]}"$'\n' 'the report names the first'
like "$out" "after .* ${kept[1]}"$'\n' 'and the second'
run heapsnap diff "${kept[@]}"
is "$status" 0 'and they can be compared again' || diag "$err"
rm -f "${kept[@]}"

run heapsnap -p "$V_PID" -i 0s --no-save
is "$status" 0 '--no-save' || diag "$err"
is "$(echo *)" '' 'keeps nothing'
like "$out" "before [^"$'\n'"]*Z"$'\n' 'and names no file'

run heapsnap -p "$V_PID" -n 1 --save "$TMP/kept"
is "$status" 0 '--save' || diag "$err"
is "$(echo *)" '' 'keeps nothing here'
like "$(ls -A "$TMP/kept")" "^$name\$" 'but in the folder that is named'
like "$out" "^live heap of leaker \(pid $V_PID\)" '-n 1 reports what is live'

# --- where it goes ------------------------------------------------------------

run heapsnap -p "$V_PID" -n 1 --save "$TMP/none"
like "$status $err" "^6 heapsnap: cannot write '$TMP/none/heapsnap\\.leaker\\.$V_PID\\.heap': No such file or directory
heapsnap: hint: its folder must exist; --save DIR keeps snapshots elsewhere, --no-save keeps none\$" \
	'--save where there is no folder'
run heapsnap -p "$V_PID" -n 1 --no-save -o report.json
is "$status$out" 0 'nothing is printed with -o' || diag "$err"
is "$(jq -r '.kind + " " + .schema' report.json)" 'report heapsnap/1' \
	'.json is JSON'
run heapsnap -p "$V_PID" -n 1 --no-save -o report.txt
like "$(cat report.txt)" '^live heap of leaker' '.txt is text'
run heapsnap -p "$V_PID" -n 1 -o snapshot.heap
is "$(head -1 snapshot.heap)" heap_v2/1 '.heap is the snapshot'
is "$(stat -c %a snapshot.heap)" 600 'for one user, too'
is "$(echo *)" 'report.json report.txt snapshot.heap' \
	'and it is not kept twice'
run heapsnap -p "$V_PID" -n 1 --no-save -o report.pdf
is "$status" 2 'what it cannot write is refused'
is "$(head -1 <<<"$err")" \
	"heapsnap: cannot tell the format from the name 'report.pdf'" \
	'before anything is done'
run heapsnap -p "$V_PID" -i 0s -o both.heap
is "$status" 2 'a change is no snapshot'

# --- compared with an earlier one ---------------------------------------------

grown() {
	jq -c '[.stacks[] | [.objects, .bytes]]' <<<"$out"
}
tell leak 5 5000
run heapsnap -p "$V_PID" --base snapshot.heap --no-save -f json
is "$status $(grown)" '0 [[5,25600]]' '--base FILE: what has grown since'
is "$(jq -r .before.file <<<"$out")" snapshot.heap 'it is named'
tell upload 3 100
run heapsnap -p "$V_PID" --base last --save "$TMP/kept" -f json
is "$status $(grown)" '0 [[5,25600],[3,336]]' \
	'--base last: since the last one that was kept'
run heapsnap -p "$V_PID" --base last --save "$TMP/kept" -f json
is "$status $(grown)" '0 []' 'which is now the one just taken'
is "$(find "$TMP/kept" -type f | wc -l)" 3 'each is kept'
newest=$(find "$TMP/kept" -name '*.heap' | sort | tail -1)
ln -s "$PWD/snapshot.heap" "${newest%.heap}~link.heap"
if [ "$(id -u)" = 0 ]; then
	cp snapshot.heap "${newest%.heap}~other.heap"
	chown 65534 "${newest%.heap}~other.heap"
fi
run heapsnap -p "$V_PID" --base last --save "$TMP/kept" -f json
is "$status $(grown)" '0 []' 'neither a link nor a file of others is the last'
run heapsnap -p "$V_PID" --base last
is "$status" 2 'none was kept here'
is "$err" "heapsnap: no snapshot of process $V_PID is kept in '.'
heapsnap: hint: take one with 'heapsnap -p $V_PID -n 1'" 'which is said'
run heapsnap -p "$V_PID" --base nothing.heap
is "$status" 2 'a base that is not there'
like "$err" "^heapsnap: .*nothing\.heap.*No such file" 'is named'
is "$(echo *)" 'report.json report.txt snapshot.heap' \
	'and nothing was taken'

# --- signals ------------------------------------------------------------------

in_background -p "$V_PID" -i 100s --no-save -f json
ok 'it waits' poll_until waits $hs
tell leak 2 3000
kill -INT "$hs"
end_background
is "$status" 0 'Ctrl-C ends the wait, not the work' || diag "$err"
is "$(grown)" '[[2,6144]]' 'the second snapshot is taken'
is "$err" '' 'without a word'

in_background -p "$V_PID" -i 100s --no-save
ok 'it waits' poll_until waits $hs
kill -TERM "$hs"
end_background
is "$status" 143 'SIGTERM ends it'
is "$out$err" 'heapsnap: interrupted: Terminated' 'which is said'
assert_undisturbed "$V_PID"

# A series ends there, with what there is.
mkdir series
in_background -p "$V_PID" -i 1s -n 1000 --save series -f json
kept() {
	local files=(series/*)
	echo "${#files[@]}"
}
four() { [ "$(kept)" -ge 4 ]; }
ok 'a series is taken' poll_until four
kill -INT "$hs"
end_background
is "$status" 0 'Ctrl-C ends a series, not the work' || diag "$err"
n=$(jq '.snapshots | length' <<<"$out")
between "$n" 4 999 'what there is is reported'
is "$(jq -r .kind <<<"$out")" trend 'as a trend'
like "$err" "ended after $n of 1000 snapshots" 'which is said'
is "$(kept)" "$n" 'and what was kept stays'
rm -r series
in_background -p "$V_PID" -i 100s -n 1000 --no-save -f json
ok 'it waits' poll_until waits $hs
tell leak 2 3000
kill -INT "$hs"
end_background
is "$status $(jq -r .kind <<<"$out")" '0 diff' \
	'of one snapshot there is no report: a second one is taken'
is "$(grown)" '[[2,6144]]' 'at once'
assert_undisturbed "$V_PID"

# The same on a terminal, with keys.
TERM=xterm python3 - "$HEAPSNAP" "$V_PID" >"$TMP/terminal" 2>&1 <<'END'
import math
import os
import pty
import re
import sys
import time
start = time.monotonic()
pid, terminal = pty.fork()
if pid == 0:
    os.execv(sys.argv[1], [sys.argv[1], "-p", sys.argv[2], "-i", "100s",
                           "--no-save", "--color", "never"])
seen = b""
pressed = False
while True:
    try:
        piece = os.read(terminal, 4096)
    except OSError:  # EIO: the other side is closed
        break
    if not piece:
        break
    seen += piece
    wait = re.search(rb"next snapshot in (\d+) s \(Ctrl-C: now\)", seen)
    if not pressed and wait:
        passed = math.ceil(time.monotonic() - start)
        print("of 100 s", 100 - passed <= int(wait[1]) <= 100 and "as many as"
              " are left" or "%s after %d" % (wait[1].decode(), passed))
        os.write(terminal, b"\x03")
        pressed = True
print(seen.decode().replace("\r", "<CR>").replace("\x1b[K", "<EL>"))
print("status", os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]))
END
is "$(head -1 "$TMP/terminal")" 'of 100 s as many as are left' \
	'on a terminal it says how long it waits'
like "$(cat "$TMP/terminal")" $'<EL>heap growth of leaker' \
	'then the report takes the place of that'
like "$(cat "$TMP/terminal")" 'status 0$' 'and Ctrl-C is no failure'

# Two of them: while the second snapshot is taken, which takes long enough here.
assert_undisturbed "$V_PID"
stop_victim
MALLOC_CONF=prof:true,lg_prof_sample:0 start_victim recurser
undisturbed_before "$V_PID"
in_background -p "$V_PID" -i 100s --no-save --timeout 60s
ok 'it waits' poll_until waits $hs
kill -INT "$hs"
ok 'then works' poll_until at_work
kill -INT "$hs"
end_background
is "$status" 130 'the second Ctrl-C ends it'
like "$out$err" $'^heapsnap: [^\n]*interrupted: Interrupt(\n|$)' \
	'which is said'
# The dump that it was at goes on until it is written, on a busy machine for
# longer than all else that is left behind.
UNDISTURBED_WITHIN=$DEADLINE assert_undisturbed "$V_PID"
stop_victim

# --- the process ends ---------------------------------------------------------

MALLOC_CONF=prof:true,lg_prof_sample:0 start_victim leaker
in_background -p "$V_PID" -i 100s --save "$TMP/kept"
ok 'it waits' poll_until waits $hs
stop_victim
end_background
is "$status" 4 'the process ends: there is nothing to wait for'
is "$out$err" \
	"heapsnap: process $V_PID ('leaker') ended before the second snapshot" \
	'which is said'
is "$(find "$TMP/kept" -name "heapsnap.leaker.$V_PID.*.heap" | wc -l)" 1 \
	'and the first one is kept'

# --- output that cannot be written --------------------------------------------

MALLOC_CONF=prof:true,lg_prof_sample:0 start_victim leaker
undisturbed_before "$V_PID"
run heapsnap -p "$V_PID" -n 1 --no-save -o /dev/full
is "$status" 6 'a full device'
is "${err%%$'\n'*}" \
	"heapsnap: cannot write '/dev/full': No space left on device" \
	'is reported'
{ heapsnap -p "$V_PID" -n 1 --no-save >/dev/full; } 2>"$TMP/err" </dev/null
is $? 6 'as standard output'
is "$(cat "$TMP/err")" 'heapsnap: cannot write to standard output: No space left on device' \
	'is reported'
run heapsnap -p "$V_PID" -n 1 --no-save -o nowhere/report.txt
is "$status" 6 'a folder that is not there'
is "$err" "heapsnap: cannot write 'nowhere/report.txt': No such file or directory
heapsnap: hint: its folder must exist" 'is reported'
run heapsnap -p "$V_PID" -n 1 --save nowhere
is "$status" 6 'to keep a snapshot in, too'
like "$err" "cannot .*'nowhere/heapsnap\.leaker\.$V_PID\..*': No such file" \
	'is reported'

# Before anything else, so that nobody waits for a report that cannot be kept.
for args in '-i 100s --no-save -o nowhere/report.txt' '-i 100s --save nowhere' \
	"-i 100s -p $BASHPID --no-save -o nowhere/report.txt"; do
	# shellcheck disable=SC2086
	HS_TIMEOUT=20 run heapsnap -p "$V_PID" $args
	is "$status" 6 "$args: is seen at once"
	like "$err" "^heapsnap: cannot write 'nowhere/.*': No such file" 'it says so'
	unlike "$err" 'at once|next' 'nothing was begun'
done

# Where nobody asked for a place, the report matters more than its snapshots.
cd /proc || exit
run heapsnap -p "$V_PID" -n 2 -i 100ms
cd "$TMP" || exit
is "$status" 0 'a current folder that takes no files'
like "$err" "heapsnap: no snapshots are kept: cannot write '\./heapsnap\.leaker\." \
	'is a note'
like "$out" 'live allocations' 'and there is a report'

mkfifo pipe
exec {reader}<>pipe
exec {writer}>pipe
exec {reader}>&-
{ heapsnap -p "$V_PID" -n 1 --no-save >&"$writer"; } 2>"$TMP/err" </dev/null
is $? 6 'a reader that has gone'
is "$(cat "$TMP/err")" '' 'no warning is needed'
exec {writer}>&-

# A descriptor that is closed is not given to the next file that is opened.
mkdir "$TMP/closed"
heapsnap -p "$V_PID" -n 1 --save "$TMP/closed" <&- >&- 2>"$TMP/err"
is $? 6 'a standard output that is closed'
is "$(cat "$TMP/err")" \
	'heapsnap: cannot write to standard output: Bad file descriptor' \
	'is reported'
run heapsnap report "$TMP"/closed/*.heap
is "$status" 0 'what is kept is whole' || diag "$err"
env --default-signal=INT "$HEAPSNAP" -p "$V_PID" -i 100s --no-save \
	<&- >&- 2>&- &
hs=$!
started $hs
ok 'it waits' poll_until waits $hs
is "$(readlink /proc/$hs/fd/{0,1,2} | uniq -c | tr -s ' ')" ' 3 /dev/null' \
	'nothing of its own is a standard descriptor'
kill -INT "$hs"
end_background
is "$status" 6 'as before'
assert_undisturbed "$V_PID"

# A small disk, in a name space of mounts that goes away with the shell.
full='a full disk: nothing is half written, what was there stays'
export V_PID
seen=$(unshare -m bash 2>&1 <<'END'
mkdir "$TMP/disk" && mount -t tmpfs -o size=64k none "$TMP/disk" || exit
cd "$TMP/disk" || exit
echo old >report.json
dd if=/dev/zero of=filler bs=4k count=14 2>/dev/null
"$HEAPSNAP" -p "$V_PID" -n 1 -o x.heap 2>&1
echo "status $?"
"$HEAPSNAP" -p "$V_PID" -i 100s 2>&1 | sed "s/$V_PID\\.[^']*/PID.TIME.heap/"
echo "status ${PIPESTATUS[0]}"
dd if=/dev/zero of=more 2>/dev/null
"$HEAPSNAP" -p "$V_PID" -n 1 --no-save -o report.json 2>&1
echo "status $?"
ls -A
cat report.json
END
)
[ -n "${CI:-}" ] || unshare -m true 2>/dev/null || full+=' # TODO as root'
is "$seen" "heapsnap: cannot write 'x.heap': No space left on device
heapsnap: hint: free some space, or use another folder
status 6
heapsnap: cannot write 'heapsnap.leaker.PID.TIME.heap': No space left on device
heapsnap: hint: free some space, or use another folder; --save DIR keeps snapshots elsewhere, --no-save keeps none
status 6
heapsnap: cannot write 'report.json': No space left on device
heapsnap: hint: free some space, or use another folder
status 6
filler
more
report.json
old" "$full"
assert_undisturbed "$V_PID"
stop_victim
done_testing
