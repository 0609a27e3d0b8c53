#!/bin/bash
# A process may see other files, other process numbers and other users than
# heapsnap does: it is snapshotted all the same, undisturbed, and its frames get
# their names from its own files. Nothing outside of its root is touched for it.
. "${0%/*}/../lib.sh"

[ "$(id -u)" = 0 ] || skip_all 'making namespaces takes root'

chmod 755 "$TMP"
mkdir "$TMP/heartbeats"
real=$VICTIMS

# inside WRAPPER...: starts a leaker by a command that ends in "exec" of it, as
# start_victim would; V_PID is its pid as seen from here, $outer that of the
# command.
inside() {
	local n=${#STARTED[@]} line next
	mkfifo "$TMP/in.$n" "$TMP/out.$n"
	V_HEARTBEAT_FILE=$TMP/heartbeats/$n
	: >"$V_HEARTBEAT_FILE"
	chmod 666 "$V_HEARTBEAT_FILE"
	MALLOC_CONF=prof:true,lg_prof_sample:0 "$@" \
		--heartbeat "$V_HEARTBEAT_FILE" \
		<"$TMP/in.$n" >"$TMP/out.$n" 2>"$TMP/victim-err.$n" &
	outer=$!
	started $outer
	exec {V_IN}<>"$TMP/in.$n" {V_OUT}<>"$TMP/out.$n"
	V_PID=$outer
	if ! victim_line line || [[ $line != ready\ * ]]; then
		fail "a target: $*"
		diag "$line" "$(cat "$TMP/victim-err.$n" 2>&1)"
		done_testing
	fi
	while next=$(cat "/proc/$V_PID/task/$V_PID/children") && [ -n "$next" ]
	do
		V_PID=${next%% *}
	done
	echo "$V_HEARTBEAT_FILE" >"$TMP/heartbeat-of.$V_PID"
	tell leak 100 1000
	undisturbed_before "$V_PID"
}

# leave NAME: it is as it was, and ends well.
leave() {
	local rc
	assert_undisturbed "$V_PID" "$1: the process is undisturbed"
	echo quit >&"$V_IN"
	exec {V_IN}>&-
	poll_until ended "$V_PID" || kill -KILL "$V_PID"
	wait "$outer"
	rc=$?
	forget "$outer"
	exec {V_OUT}>&-
	is $rc 0 "$1: and ends as usual"
}

# named NAME: a snapshot is taken, and what leaks has its names.
named() {
	run heapsnap -p "$V_PID" -n 1 --no-save -f json
	is "$status" 0 "$1: a snapshot is taken" || diag "$err"
	is "$(jq -r '[.stacks[0].frames[0:3][].function] | join(" ")' \
		<<<"$out")" 'leak_site parse_body handle_request' \
		"$1: and frames have their names"
	is "$(jq .stacks[0].objects <<<"$out")" 100 "$1: with what is live"
}

# --- files that only the process sees ---------------------------------------

mkdir "$TMP/inner"
cp "$real/plain" "$TMP/inner/leaker"
cat >"$TMP/mount-ns" <<EOF
mount -t tmpfs none "$TMP/inner" && cp "$real/leaker" "$TMP/inner/leaker" &&
	exec "$TMP/inner/leaker" "\$@"
EOF
inside unshare -m sh "$TMP/mount-ns"
not_ok 'the file that has its name here is another one' \
	cmp -s "$TMP/inner/leaker" "/proc/$V_PID/exe"
named 'a mount namespace'
leave 'a mount namespace'

cp "$real/leaker" "$TMP/gone"
inside "$TMP/gone"
rm "$TMP/gone"
undisturbed_before "$V_PID"
named 'a program that was deleted'
cp "$real/plain" "$TMP/gone"
named 'a program that was replaced'
leave 'a program that was replaced'

# --- other numbers ----------------------------------------------------------

inside unshare -p -f --mount-proc "$real/leaker"
is "$(awk '/^NSpid:/ { print $NF }' "/proc/$V_PID/status")" 1 \
	'in its own namespace its number is 1'
named 'a pid namespace'
leave 'a pid namespace'

inside unshare -p -f "$real/leaker"
named 'a pid namespace that sees the /proc of another one'
leave 'a pid namespace that sees the /proc of another one'

# There its number is a shell's, whose maps jemalloc copies for its own.
# shellcheck disable=SC2016
inside unshare -p -f --mount-proc sh -c 'unshare -p -f "$@"; exit' sh \
	"$real/leaker"
named 'a pid namespace where /proc has another process of its number'
leave 'a pid namespace where /proc has another process of its number'

inside unshare -p -f -m sh -c "umount -l /proc && exec \"$real/leaker\" \"\$@\"" sh
named 'a pid namespace without /proc'
is "$(find /tmp /var/tmp /dev/shm -maxdepth 1 \
	-name ".heapsnap-dump.$V_PID.*")" '' \
	'a pid namespace without /proc: no file is left'
leave 'a pid namespace without /proc'

# --- other users ------------------------------------------------------------

inside unshare -U -r -m -p -f --mount-proc "$real/leaker"
named 'user, mount and pid namespaces'
leave 'user, mount and pid namespaces'

# In its file systems our root is nobody, and could not make a file.
inside unshare -U --map-user=4711 --map-group=4712 -m --keep-caps sh -c \
	"mount -t tmpfs none /var/tmp && export TMPDIR=/var/tmp && \
exec \"$real/sandbox\" --filter no-memfd \"\$@\"" sh
# A sanitized heapsnap cannot look for leaks while it is traced.
ASAN_OPTIONS=detect_leaks=0 strace -qq -o "$TMP/trace" -e trace=openat \
	"$HEAPSNAP" -p "$V_PID" -n 1 \
	--no-save >"$TMP/out" 2>"$TMP/err"
is $? 0 'a file system of a user namespace: a snapshot is taken' ||
	diag "$(cat "$TMP/err")"
is "$(grep -c '"\.heapsnap-dump\..*O_CREAT' "$TMP/trace")" 1 \
	'a file system of a user namespace: through a file there'
is "$(find "/proc/$V_PID/root/var/tmp" -name '.heapsnap-dump.*')" '' \
	'a file system of a user namespace: no file is left'
leave 'a file system of a user namespace'

inside setpriv --reuid 4711 --regid 4712 --clear-groups --no-new-privs \
	"$real/leaker"
named 'another user, who can get no more rights'
leave 'another user, who can get no more rights'

# --- another root -----------------------------------------------------------

# make_root FOLDER: a root with the leaker, and without /proc.
make_root() {
	local lib
	mkdir -p "$1/dev/shm" "$1/var/tmp" "$1$TMP/heartbeats"
	chmod 1777 "$1/tmp" "$1/dev/shm" "$1/var/tmp"
	cp "$real/leaker" "$1/leaker"
	while read -r lib; do
		mkdir -p "$1${lib%/*}"
		cp -L "$lib" "$1$lib"
	done < <(ldd "$real/leaker" | grep -o '/[^ ]*')
}

# into ROOT [COMMANDS]: a leaker in that root, whose heartbeat is seen here. The
# commands are run in a mount namespace of its own before.
into() {
	inside unshare -m sh -c "mount --bind \"$TMP/heartbeats\" \"$1$TMP/heartbeats\" && ${2:-true} && \
exec chroot \"$1\" /leaker \"\$@\"" sh
}

root=$TMP/root
make_root "$root"
into "$root"
named 'a root without /proc'
is "$(find "$root" -name '.heapsnap-dump.*')" '' \
	'a root without /proc: no file is left'
leave 'a root without /proc'

# A link that leads out of its root, for whoever follows it from here.
mkdir -m 1777 "$TMP/outside"
touch -d @1000000000 "$TMP/outside"
ln -s "../../../../../../../$TMP/outside" "$root/link"
ln -s "$TMP/outside" "$root/absolute"
for link in /link /absolute; do
	export TMPDIR=$link
	into "$root"
	unset TMPDIR
	named "$link leads out"
	is "$(stat -c %Y "$TMP/outside")" 1000000000 \
		"$link leads out: nothing was made there"
	leave "$link leads out"
done

ro="mount --bind \"$root\" \"$root\" && mount --bind \"$TMP/heartbeats\" \"$root$TMP/heartbeats\" && \
mount -o remount,ro,bind \"$root\""
into "$root" "$ro && mount -t tmpfs none \"$root/dev/shm\""
named 'a root that is read-only, with a /dev/shm'
leave 'a root that is read-only, with a /dev/shm'

into "$root" "$ro"
named 'nowhere to write to'
leave 'nowhere to write to'
done_testing
