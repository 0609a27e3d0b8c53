#!/bin/bash
# In a memory control group of version 2 --when waits for the kernel's word, too: what
# memory.events and memory.pressure (PSI) tell ends the wait at once, and memory is
# looked at. On a machine that has both files: KERNEL_ARGS=psi=1.
. "${0%/*}/../e2e/lib.sh"
. "${0%/*}/../e2e/groups.sh"
. "${0%/*}/../e2e/watch.sh"

MIB=$((1 << 20))
export MALLOC_CONF=prof:true,lg_prof_sample:15

# fd_of FILE: the descriptor that the waiting heapsnap has of it.
fd_of() {
	find "/proc/$watcher/fd" -lname "*/$1" -printf '%f\n'
}

# looked_after FILE: a wait ended by what FILE of the group tells, and before the next
# one begins the process's memory was looked at.
looked_after() {
	awk -v told="{fd=$(fd_of "$1"), revents=POLLPRI" '
		/ppoll/ { woken = index($0, told) }
		/pread64\(.*\/statm>/ && woken { looked = 1 }
		END { exit !looked }' "$TMP/trace"
}

start_victim stock --stock $((8 * MIB)) --rate $((2 * MIB))
memory_group 1024
is "$version" 2 'a memory group of version 2'
for file in memory.events memory.pressure; do
	[ -e "$group/$file" ]
	result $? "which has $file"
done
DEADLINE=120
watch --timeout 60 --when limit:90% --no-save
strace -f -qq -y -s 200 -e trace=ppoll,pread64 -o "$TMP/trace" -p $watcher &
tracer=$!
started $tracer
has_looked() {
	grep -q 'pread64(.*/statm>' "$TMP/trace"
}
ok 'it looks by the clock' poll_until has_looked
for file in memory.events memory.pressure; do
	not_ok "$file has told nothing" looked_after $file
done
# What goes above that is slowed down by the kernel, and counted.
echo $((16 * MIB)) >"$group/memory.high"
tell begin
for file in memory.events memory.pressure; do
	ok "$file makes it look" poll_until looked_after $file ||
		diag "$(grep ppoll "$TMP/trace" | tail -n 3)" "$(cat "$group/$file")"
done
kill -TERM $watcher
wait $tracer
forget $tracer
watched
is "$status" 143 'it has waited all the while' || diag "$err"
kill -KILL "$V_PID"
wait "$V_PID" 2>/dev/null
forget "$V_PID"
done_testing
