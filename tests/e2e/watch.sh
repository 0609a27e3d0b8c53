# shellcheck shell=bash
# shellcheck disable=SC2034 # for those that source it
# A heapsnap that waits for what --when says. After lib.sh.

# watch ARGUMENT...: heapsnap in the background, until it waits for the victim.
watch() {
	: >"$TMP/watch.err"
	env --default-signal=INT "$HEAPSNAP" -p "$V_PID" "$@" \
		>"$TMP/watch.out" 2>"$TMP/watch.err" </dev/null &
	watcher=$!
	started $watcher
	poll_until is_watched || diag "$(cat "$TMP/watch.err")"
}

is_watched() {
	grep -q 'is watched' "$TMP/watch.err" || ended "$watcher"
}

# Its end: $status, $out, $err.
watched() {
	poll_until ended "$watcher" || kill "$watcher"
	wait "$watcher"
	status=$?
	forget "$watcher"
	out=$(cat "$TMP/watch.out")
	err=$(cat "$TMP/watch.err")
}
