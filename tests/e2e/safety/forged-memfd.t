#!/bin/bash
# A process can name any file as heapsnap names its memfds: in a root of its own
# it makes the path "/memfd:heapsnap (deleted)". Such a file, root's own and
# closed to the process, is neither opened nor emptied for a process that passes
# it off as a memfd, and is not closed for one that just has it.
. "${0%/*}/../lib.sh"

[ "$(id -u)" = 0 ] || skip_all 'another root takes root'

chmod 755 "$TMP"
real=$VICTIMS
mkdir "$TMP/victims"

# in_root NAME COMMAND...: victims run that command in a root in which the file
# "/memfd:NAME (deleted)" is root's; the rest is where it always is.
in_root() {
	cat >"$TMP/enter" <<-'END'
	set -e
	root=$(mktemp -d "$TMP/root.XXXXXX")
	mount -t tmpfs none "$root"
	cd "$root"
	file="memfd:$1 (deleted)"
	shift
	head -c 20000 /dev/urandom >"$file"
	chmod 600 "$file"
	mkdir old
	for entry in /*; do
		ln -s "old$entry" "${entry#/}"
	done
	pivot_root . old
	exec "$@"
	END
	printf '#!/bin/sh\nexec unshare -m sh "%s/enter" %s "$@"\n' \
		"$TMP" "${*@Q}" >"$TMP/victims/forger"
	chmod 755 "$TMP/victims/forger"
}

file_of() {
	echo "/proc/$V_PID/root/memfd:$1 (deleted)"
}

sum_of() {
	md5sum <"$(file_of "$1")"
}

fds_named() {
	find "/proc/$V_PID/fd" -lname "/memfd:$1 (deleted)" | wc -l
}

# --- an attack --------------------------------------------------------------

in_root heapsnap setpriv --reuid="$OWN_USER" --regid="$OWN_USER" \
	--clear-groups "$real/deputy"
: >"$TMP/heartbeat.0"
chown "$OWN_USER" "$TMP/heartbeat.0"
VICTIMS=$TMP/victims
start_victim forger --file '/memfd:heapsnap (deleted)'
VICTIMS=$real
not_ok 'the process may not read the file itself' setpriv \
	--reuid="$OWN_USER" --regid="$OWN_USER" --clear-groups \
	cat "$(file_of heapsnap)"
before=$(sum_of heapsnap)
armed() {
	[ "$(fds_named heapsnap)" = 0 ]
}
for ((i = 0; i < 3; i++)); do
	poll_until armed
	run heapsnap -p "$V_PID" -n 1 --no-save
	is "$(sum_of heapsnap)" "$before" \
		'a file of root that takes the place of the memfd is as it was'
done
# With the time to take it each time. A sanitized heapsnap cannot look for leaks
# while it is traced.
poll_until armed
run env ASAN_OPTIONS=detect_leaks=0 strace -qq -o "$TMP/trace" \
	-e trace=openat -e inject=openat:delay_enter=5000 \
	"$HEAPSNAP" -p "$V_PID" -n 1 --no-save
is "$status" 4 'the process is refused'
# By the name of it, or where that comes later by what may be done with it.
refusal="^heapsnap: cannot snapshot process $V_PID \('deputy'\): its \
(descriptor ([0-9]+) is not the memfd that was made there|\
memfd ([0-9]+) is not as it was made)$"
like "$err" "$refusal" 'and the reason is reported'
is "$(sum_of heapsnap)" "$before" 'and the file is as it was'
fd=$(sed -nE "s/$refusal/\2\3/p" <<<"$err")
is "$(grep "/task/.*/fd/$fd\"" "$TMP/trace" | grep -vc O_PATH)" 0 \
	'it was looked at, not opened'
assert_alive "$V_PID"
stop_victim

# --- a file that has that name ----------------------------------------------

# The descriptor is the shell's, and the program inherits it.
# shellcheck disable=SC2016
holder='exec 9<"/memfd:$1 (deleted)" && shift && exec "$@"'
for name in heapsnap heapsnap-active; do
	in_root "$name" sh -c "$holder" sh "$name" "$real/leaker"
	VICTIMS=$TMP/victims
	MALLOC_CONF=prof:true,lg_prof_sample:0 start_victim forger
	VICTIMS=$real
	tell leak 100 1000
	undisturbed_before "$V_PID"
	before=$(sum_of "$name")
	is "$(fds_named "$name")" 1 "$name: the process has a file of that name"
	run heapsnap -p "$V_PID" -n 1 --no-save --activate -i 0.1s
	is "$status" 0 "$name: a snapshot is taken" || diag "$err"
	unlike "$err" 'was switched on' \
		"$name: it is no mark that --activate left"
	is "$(sum_of "$name")" "$before" "$name: the file is as it was"
	assert_undisturbed "$V_PID" "$name: its descriptor, too"
	tell leak 100 1000
	run heapsnap -p "$V_PID" -n 1 --no-save -f json
	is "$(jq '.stacks[0].objects' <<<"$out")" 200 \
		"$name: prof.active is as it was"
	stop_victim
done
done_testing
