#!/bin/bash
# `check --report FILE`: what explains a refusal is in the file, also when the
# process is refused, and nothing of what the process works on; the file is there
# whole or not at all.
. "${0%/*}/../lib.sh"

file=$TMP/report
secret=hush-$$-hush

# section NAME: its lines, without their indent.
section() {
	sed -n "/^$1\$/,/^[^ ]/p" "$file" | sed -n 's/^  //p'
}

MALLOC_CONF=prof:true SECRET=$secret-environment V_HEARTBEAT=no \
	start_victim stuck
undisturbed_before "$V_PID"
run heapsnap check -p "$V_PID" --timeout 2s --report "$file"
is "$status" 5 'a process that is refused'
assert_undisturbed "$V_PID"
is "$(head -1 "$file")" "$(heapsnap --version)" 'the version of heapsnap'
like "$(section 'machine and process')" "kernel: $(uname -sr)" 'the kernel'
like "$(section 'machine and process')" 'Max open files +[0-9]+' 'the limits'
like "$(section 'machine and process')" 'Seccomp: 0' 'seccomp'
like "$(cat "$file")" "no +safe moment +no safe moment was found in [0-9]+ tries \
within [0-9.]+ s: thread $V_PID is inside jemalloc \\((100|9[0-9])%" \
	'the refusal with its counts'
libc=$(awk '/libc\.so\.6$/ { print $6; exit }' "/proc/$V_PID/maps")
build_id=$(readelf -n "$libc" | sed -n 's/.*Build ID: //p')
version=$(getconf GNU_LIBC_VERSION)
like "$(section modules)" "$build_id libc.so.6 \\($version\\)" \
	'libc, by build-id and version'
is "$(section verdicts)" "5 of 5: thread $V_PID is inside jemalloc" \
	'the verdicts, counted'
is "$(grep -c '^look ' "$file")" 5 'five looks'
is "$(grep -c "^  $V_PID stuck .* unsafe: it is inside jemalloc: " "$file")" 5 \
	'in each look the thread, what it is inside of'
like "$(section 'look 1')" ' main  .*stuck\.c:[0-9]+' 'and its stack, by names'
is "$(stat -c %a "$file")" 600 'for its owner alone'
unlike "$(cat "$file")" "$secret" 'nothing of its environment'
unlike "$(cat "$file")" '(rw-p|0x[0-9a-f]{16})' 'no address, no memory'
unlike "$out" 'look 1' 'what is printed is as ever'

# An old file stays when a new one cannot be written.
run heapsnap check -p "$V_PID" --timeout 1s --report "$TMP/no/such"
is "$status" 6 'nowhere to write'
like "$err" 'cannot write' 'nowhere to write: said'
stop_victim

MALLOC_CONF=prof:true start_victim waiter --wait poll --wait cond
undisturbed_before "$V_PID"
run heapsnap check -p "$V_PID" --report "$file"
is "$status" 0 'a process that is not refused' || diag "$err"
# A thread that just beats may be unsafe in one look and safe in the next.
is "$(section verdicts | awk '{ n[$5] += $1 } END { for (t in n) print t, n[t] }' |
	tr -d : | sort)" \
	"$(find "/proc/$V_PID/task" -mindepth 1 -maxdepth 1 -printf '%f 5\n' | sort)" \
	'each of its threads has a verdict of each look'
assert_undisturbed "$V_PID"

# Of several processes each has its own.
run heapsnap check -p "$V_PID" -p $$ --report "$file"
is "$status" 3 'two processes, one without jemalloc' || diag "$err"
is "$(grep -c "^$(heapsnap --version)\$" "$file")" 2 'both have a report'
like "$(cat "$file")" "process $V_PID .*process $$ " 'in their order'
assert_undisturbed "$V_PID"
stop_victim
done_testing
