#!/bin/bash
# Where a process can have no memfd, or no path to it, its dump goes through a
# file: made by heapsnap for the process's user alone, in a folder that cannot
# be turned against it, emptied while it is written, and gone afterwards,
# whatever happened, also for a run that was killed.
. "${0%/*}/../lib.sh"

LEFT=.heapsnap-dump

# left FOLDER...: files of ours; in folders that other tests have too, for the
# current victim.
left() {
	find "$@" -maxdepth 1 \( -path "$TMP/*" -name "$LEFT.*" -o \
		-name "$LEFT.$V_PID.*" \) 2>/dev/null
}

# one_more NAME: a snapshot is taken, and no file is left.
one_more() {
	run heapsnap -p "$V_PID" -n 1 --no-save -f json
	is "$status" 0 "$1: a snapshot is taken" || diag "$err"
	is "$(left "$TMP"/dump* /tmp /var/tmp /dev/shm)" '' \
		"$1: and no file is left"
}

leave() {
	assert_undisturbed "$V_PID" "$1: the process is undisturbed"
	stop_victim
}

# victim FOLDER ARGUMENT...: one with TMPDIR=FOLDER that may not make a memfd.
victim() {
	TMPDIR=$1 MALLOC_CONF=prof:true,lg_prof_sample:0 start_victim sandbox \
		--filter no-memfd "${@:2}"
	undisturbed_before "$V_PID"
}

# traced_files COMMAND...: the files that it makes and removes, one a line.
traced_files() {
	strace -qq -o "$TMP/trace" -e trace=openat,unlinkat "$@" >"$TMP/out" \
		2>"$TMP/err"
	status=$?
	grep -F "\"$LEFT." "$TMP/trace"
}

# --- its own folder first, for itself alone ---------------------------------

mkdir -m 755 "$TMP/dump"
chmod 711 "$TMP"
victim "$TMP/dump"
one_more 'TMPDIR'
pattern="$LEFT.$V_PID.$(awk '{ print $22 }' "/proc/$V_PID/stat")"
files=$(traced_files "$HEAPSNAP" -p "$V_PID" -n 1 --no-save)
like "$files" \
	"openat\([0-9]+, \"$pattern\", O_RDWR\|O_CREAT\|O_EXCL\|O_NOFOLLOW\|O_CLOEXEC, 0600\)" \
	'made by itself, for its user alone'
like "$files" "unlinkat\([0-9]+, \"$pattern\", 0\) = 0" 'and removed'

# Whatever has its name is not written to: what it is is not for us to keep.
echo precious >"$TMP/precious"
ln -s "$TMP/precious" "$TMP/dump/$pattern"
one_more 'a symbolic link that has the name'
is "$(cat "$TMP/precious")" precious 'the link is not followed'
echo left >"$TMP/dump/$pattern"
chmod 444 "$TMP/dump/$pattern"
one_more 'what a killed run has left'
mkdir "$TMP/dump/$pattern"
one_more_with_folder() {
	run heapsnap -p "$V_PID" -n 1 --no-save -f json
	is "$status" 0 'a folder that has the name: the next one is taken' ||
		diag "$err"
}
one_more_with_folder
rmdir "$TMP/dump/$pattern"
leave 'its own folder'

# --- folders that are not used ----------------------------------------------

mkdir -m 777 "$TMP/dump-open"
victim "$TMP/dump-open"
files=$(traced_files "$HEAPSNAP" -p "$V_PID" -n 1 --no-save)
is "$status" 0 'others may rename files in its folder: the next one is taken' ||
	diag "$(cat "$TMP/err")"
is "$(grep -c O_CREAT <<<"$files")" 1 'and nothing is made in that one'
is "$(left "$TMP/dump-open")" '' 'so that nothing is left there'
leave 'an open folder'

# --- the user's rights, not root's ------------------------------------------

mkdir -m 700 "$TMP/dump-user"
chown 4711:4712 "$TMP/dump-user"
cat >"$TMP/as-user" <<EOF
#!/bin/sh
exec setpriv --reuid 4711 --regid 4712 --clear-groups "$VICTIMS/sandbox" "\$@"
EOF
chmod 755 "$TMP/as-user"
touch "$TMP/heartbeat.user"
chown 4711 "$TMP/heartbeat.user"
real=$VICTIMS
mkdir "$TMP/victims"
cp "$TMP/as-user" "$TMP/victims/user-sandbox"
: >"$TMP/heartbeat.${#STARTED[@]}"
chown 4711 "$TMP/heartbeat.${#STARTED[@]}"
VICTIMS=$TMP/victims
TMPDIR=$TMP/dump-user MALLOC_CONF=prof:true,lg_prof_sample:0 start_victim \
	user-sandbox --filter no-memfd
VICTIMS=$real
undisturbed_before "$V_PID"
files=$(traced_files "$HEAPSNAP" -p "$V_PID" -n 1 --no-save)
is "$status" 0 'a process of another user: a snapshot is taken' ||
	diag "$(cat "$TMP/err")"
is "$(left "$TMP/dump-user")" '' 'and no file is left'
is "$(grep -c O_CREAT <<<"$files")" 1 'its own folder was used'
chown 0:0 "$TMP/dump-user"
files=$(traced_files "$HEAPSNAP" -p "$V_PID" -n 1 --no-save)
is "$status" 0 'a folder it has no right to: the next one is taken' ||
	diag "$(cat "$TMP/err")"
is "$(left "$TMP/dump-user" /tmp)" '' 'and no file is left'
leave 'another user'

# --- a limit on the size of files -------------------------------------------
# A write beyond it gets SIGXFSZ, which ends a process.

victim "$TMP/dump"
prlimit --pid "$V_PID" --fsize=2048:
run heapsnap -p "$V_PID" -n 1 --no-save
is "$status" 6 'a dump larger than its files may be'
like "$err" "heapsnap: cannot snapshot process $V_PID \('sandbox'\): the target \
(wrote only [0-9]+ of [0-9]+ bytes of its dump|cannot write its dump: File too \
large)" 'is reported'
is "$(left "$TMP/dump")" '' 'and no file is left'
prlimit --pid "$V_PID" --fsize=unlimited:
one_more 'a limit that was raised'
leave 'a limit on files'
MALLOC_CONF=prof:true,lg_prof_sample:0 start_victim sandbox --filter no-clone
prlimit --pid "$V_PID" --fsize=2048:
undisturbed_before "$V_PID"
run heapsnap -p "$V_PID" -n 1 --no-save
is "$status" 4 'in a borrowed thread, which would get the signal, it is refused'
is "$err" "heapsnap: cannot snapshot process $V_PID ('sandbox'): no thread can \
be made in it, and its own must not write a dump: a file of more than 2048 \
bytes (RLIMIT_FSIZE) would kill it
heapsnap: hint: raise the limit: prlimit --pid $V_PID --fsize=unlimited" \
	'and the reason is reported'
refusal=$err
leave 'a limit on files, borrowed'

# prlimit(2) gives the limit of another user's process only to a capability that
# root has anyway; this looks at what heapsnap may do without it.
mkdir "$TMP/limited"
cp "$VICTIMS/sandbox" "$TMP/limited/program"
cat >"$TMP/limited/sandbox" <<END
#!/bin/sh
exec prlimit --fsize=2048: setpriv --reuid=$OWN_USER --regid=$OWN_USER --clear-groups \
	$TMP/limited/program "\$@"
END
chmod -R 755 "$TMP/limited"
VICTIMS=$TMP/limited V_HEARTBEAT=no MALLOC_CONF=prof:true,lg_prof_sample:0 \
	start_victim sandbox --filter no-clone
other=$V_PID
not_ok 'without the right prlimit(2) fails' setpriv \
	--bounding-set=-sys_resource --inh-caps=-sys_resource \
	prlimit --pid "$other" --fsize
undisturbed_before "$V_PID"
run timeout 60 setpriv --bounding-set=-sys_resource \
	--inh-caps=-sys_resource "$HEAPSNAP" -p "$V_PID" -n 1 --no-save
is "$status" 4 'without that right: refused as well'
err=${err//$V_PID/PID}
is "${err/program/sandbox}" \
	"$(sed 's/process [0-9]*/process PID/; s/--pid [0-9]*/--pid PID/' \
	<<<"$refusal")" 'and the reason is reported'
leave 'a limit on files, another user'

# --- heapsnap is killed -----------------------------------------------------
# The process lives; a thread that was left alone in the call removes the file
# itself, and what is left the next run removes.

victim "$TMP/dump"
log=$TMP/log
run env HS_FAULT_LOG="$log" "$HEAPSNAP_FAULT" -p "$V_PID" -n 1 --no-save
n_points=$(grep -c . "$log")
between "$n_points" 100 1000 'a run has some hundred points to end at'
none_left() {
	[ -z "$(left "$TMP/dump")" ]
}
hurt=
for ((n = 3; n < n_points; n += 7)); do
	run env HS_FAULT=KILL:$n "$HEAPSNAP_FAULT" -p "$V_PID" -n 1 --no-save
	[[ $status == @(137|0) ]] || hurt+=" $n: status $status" # 0: shorter
	# Between the file and the call only the next run can remove it.
	DEADLINE=2 poll_until none_left && [ $((n % 3)) != 0 ] && continue
	run heapsnap -p "$V_PID" -n 1 --no-save
	[ "$status" = 0 ] || hurt+=" after $n: $err"
	none_left || hurt+=" after $n: $(left "$TMP/dump")"
done
is "$hurt" '' 'heapsnap is killed here and there: nothing is left by the next run'
one_more 'after the last of them'

# A check opens the file without a dump, so nobody but the next run closes it.
open_files() {
	find "/proc/$V_PID/fd" -lname "*/$LEFT.*"
}
rm "$log"
run env HS_FAULT_LOG="$log" "$HEAPSNAP_FAULT" check -p "$V_PID"
is "$(open_files)" '' 'a check leaves no descriptor'
n_points=$(grep -c . "$log")
for ((n = 3; n < n_points; n++)); do
	run env HS_FAULT=KILL:$n "$HEAPSNAP_FAULT" check -p "$V_PID"
	[ -z "$(open_files)" ] || break
done
like "$(open_files)" '^/proc/[0-9]+/fd/[0-9]+$' \
	'a check that was killed after it opened the file leaves one'
one_more 'after that check'
is "$(open_files)" '' 'which the next run closes'
assert_alive "$V_PID"
stop_victim
done_testing
