#!/bin/bash
# A process may see other files, other process numbers and other users than
# heapsnap does: it is snapshotted all the same, undisturbed, and its frames get
# their names from its own files. Nothing outside of its root is touched for it.
. "${0%/*}/../lib.sh"
. "${0%/*}/../namespaces.sh"

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

inside "$real/leaker"
run unshare --user --map-root-user "$HEAPSNAP" -p "$V_PID" -n 1 --no-save
is "$status" 4 'a user namespace of its own around heapsnap: is refused'
like "$err" 'hint: the process is in another user namespace' \
	'a user namespace of its own around heapsnap: and says why'
leave 'a user namespace around heapsnap'

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

root=$TMP/root
make_root "$root"
into "$root"
named 'a root without /proc'
is "$(find "$root" -name '.heapsnap-dump.*')" '' \
	'a root without /proc: no file is left'
leave 'a root without /proc'

links_lead_nowhere "$root"

ro="mount --bind \"$root\" \"$root\" && mount --bind \"$TMP/heartbeats\" \"$root$TMP/heartbeats\" && \
mount -o remount,ro,bind \"$root\""
into "$root" "$ro && mount -t tmpfs none \"$root/dev/shm\""
named 'a root that is read-only, with a /dev/shm'
leave 'a root that is read-only, with a /dev/shm'

into "$root" "$ro"
named 'nowhere to write to'
leave 'nowhere to write to'
done_testing
