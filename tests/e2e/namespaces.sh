# shellcheck shell=bash
# shellcheck disable=SC2154
# Leakers that see other files, other process numbers or other users than the test
# does. As root; after lib.sh.

[ "$(id -u)" = 0 ] || skip_all 'making namespaces takes root'

chmod 755 "$TMP"
mkdir "$TMP/heartbeats"
real=$VICTIMS

# victim_pid READY: that of the victim which said so: the last descendant of $outer.
victim_pid() {
	local pid=$outer next
	while next=$(cat "/proc/$pid/task/$pid/children") && [ -n "$next" ]; do
		pid=${next%% *}
	done
	echo "$pid"
}

# inside WRAPPER...: starts a leaker by a command that ends in "exec" of it, as
# start_victim would; V_PID is its pid as seen from here, $outer that of the
# command.
inside() {
	local n=${#STARTED[@]} line
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
	V_PID=$(victim_pid "$line")
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

# put PROGRAM ROOT: into its top folder, with its libraries.
put() {
	local lib
	cp "$1" "$2/"
	while read -r lib; do
		mkdir -p "$2${lib%/*}"
		cp -L "$lib" "$2$lib"
	done < <(ldd "$1" | grep -o '/[^ ]*')
}

# make_root FOLDER: a root with the leaker, and without /proc.
make_root() {
	mkdir -p "$1/dev/shm" "$1/var/tmp" "$1$TMP/heartbeats"
	chmod 1777 "$1/tmp" "$1/dev/shm" "$1/var/tmp"
	put "$real/leaker" "$1"
}

# into ROOT [COMMANDS]: a leaker in that root, whose heartbeat is seen here. The
# commands are run in a mount namespace of its own before.
into() {
	inside unshare -m sh -c "mount --bind \"$TMP/heartbeats\" \"$1$TMP/heartbeats\" && ${2:-true} && \
exec chroot \"$1\" /leaker \"\$@\"" sh
}

# links_lead_nowhere ROOT: a process there whose folder for temporary files is a
# link that leads out of its root, for whoever follows it from here.
links_lead_nowhere() {
	local link
	mkdir -m 1777 "$TMP/outside"
	touch -d @1000000000 "$TMP/outside"
	ln -s "../../../../../../../$TMP/outside" "$1/link"
	ln -s "$TMP/outside" "$1/absolute"
	for link in /link /absolute; do
		export TMPDIR=$link
		into "$1"
		unset TMPDIR
		named "$link leads out"
		is "$(stat -c %Y "$TMP/outside")" 1000000000 \
			"$link leads out: nothing was made there"
		leave "$link leads out"
	done
}
