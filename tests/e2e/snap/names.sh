# shellcheck shell=bash
#
# For tests that ask where the names of a small program come from: it says
# "ready" and ends when it reads a "q".

# start COMMAND...: $pid is the program's, when it says that it is ready.
start() {
	local line
	rm -f "$TMP/pipe.in" "$TMP/pipe.out"
	mkfifo "$TMP/pipe.in" "$TMP/pipe.out"
	MALLOC_CONF=prof:true,lg_prof_sample:0 \
		LD_PRELOAD=${JEMALLOC:-libjemalloc.so.2} \
		"$@" <"$TMP/pipe.in" >"$TMP/pipe.out" 2>"$TMP/pipe.err" &
	pid=$!
	started "$pid"
	exec 8>"$TMP/pipe.in" 9<"$TMP/pipe.out"
	read -r -t "$DEADLINE" -u 9 line
	[ "$line" = ready ] || diag "the program said: $line" "$(<"$TMP/pipe.err")"
}

stop() {
	echo q >&8
	exec 8>&- 9<&-
	wait "$pid"
}

# top WANTED NAME ARGUMENT...: what heapsnap says with these arguments of where
# the 1,000 objects come from: function and line of the leaf, and the function
# that called it.
# shellcheck disable=SC2154
top() {
	local wanted=$1 name=$2
	shift 2
	run heapsnap "$@" -f json
	is "$(jq -r '.stacks[] | select(.objects == 1000) | .frames |
		"\(.[0].function) \(.[0].line) \(.[1].function)"' \
		<<<"$out")" "$wanted" "$name" || diag "$err"
}

# live WANTED NAME ARGUMENT...: the same of the process.
live() {
	top "$1" "$2" -p "$pid" -n 1 --no-save "${@:3}"
}

build_id() {
	readelf -n "$1" | sed -n 's/.*Build ID: //p'
}
