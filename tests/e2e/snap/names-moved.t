#!/bin/bash
# Code that a program moved to anonymous memory in its own place has the names of
# its file where the bytes agree, and none where they are others; the program's
# other code keeps its names. A snapshot of it says the same later, when there is no
# memory to compare with.
. "${0%/*}/../lib.sh"

export MALLOC_CONF=prof:true,lg_prof_sample:0

# stacks: of the JSON on stdin, with all that is said of their frames.
stacks() {
	jq -c '.stacks[]'
}

# frames CODE: the two innermost ones of the 512 byte objects, live.
frames() {
	mkdir "$TMP/$1"
	start_victim moved --code "$1"
	undisturbed_before "$V_PID"
	run heapsnap -p "$V_PID" -n 1 --save "$TMP/$1" -f json
	assert_undisturbed "$V_PID"
	stacks <<<"$out" >"$TMP/$1.live"
	got=$(jq -r '.stacks[] | select(.objects == 1000) | .frames[:2][] |
		"\(.function) \(.module // "nowhere" | split("/")[-1])"' <<<"$out")
}

# kept CODE: the snapshot says the same.
kept() {
	heapsnap report "$TMP/$1"/*.heap -f json | stacks >"$TMP/$1.kept"
	ok "$1: and later, of its snapshot" cmp "$TMP/$1.live" "$TMP/$1.kept"
	is "$(grep -c '^# heapsnap other-code' "$TMP/$1"/*.heap)" "$2" \
		"$1: which says what is of no file"
}

frames same
is "$got" 'moved_alloc moved
main moved' 'the same bytes: the name of the file' || diag "$err"
is "$err" '' 'without a warning'
kept same 0

frames other
is "$got" 'null nowhere
main moved' 'other bytes: no name, and in no file' || diag "$err"
is "$(jq '.stacks[] | select(.objects == 1000) | .frames[0].file_offset' <<<"$out")" \
	null 'nor at an offset of one'
kept other 1
done_testing
