#!/bin/bash
# Code that a program moved to anonymous memory in its own place has the names of
# its file where the bytes agree, and none where they are others; the program's
# other code keeps its names.
. "${0%/*}/../lib.sh"

export MALLOC_CONF=prof:true,lg_prof_sample:0

# frames CODE: the two innermost ones of the 512 byte objects.
frames() {
	start_victim moved --code "$1"
	undisturbed_before "$V_PID"
	run heapsnap -p "$V_PID" -n 1 --no-save -f json
	assert_undisturbed "$V_PID"
	got=$(jq -r '.stacks[] | select(.objects == 1000) | .frames[:2][] |
		"\(.function) \(.module // "nowhere" | split("/")[-1])"' <<<"$out")
}

frames same
is "$got" 'moved_alloc moved
main moved' 'the same bytes: the name of the file' || diag "$err"
is "$err" '' 'without a warning'

frames other
is "$got" 'null nowhere
main moved' 'other bytes: no name, and in no file' || diag "$err"
is "$(jq '.stacks[] | select(.objects == 1000) | .frames[0].file_offset' <<<"$out")" \
	null 'nor at an offset of one'
done_testing
