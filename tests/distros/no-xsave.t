#!/bin/bash
# On a machine whose CPU has no XSAVE a thread's vector registers could not be put back:
# it is refused, and said so, and the process goes on.
. "${0%/*}/../e2e/lib.sh"

is "$(grep -c '^flags.* xsave' /proc/cpuinfo)" 0 'the CPU is such a one'
says=": this machine's CPU has no XSAVE, or its kernel does not use it: a thread's vector \
registers could not be put back
heapsnap: hint: give the virtual machine a CPU that has it"

MALLOC_CONF=prof:true,lg_prof_sample:0 start_victim leaker --busy 1
undisturbed_before "$V_PID"
run heapsnap -p "$V_PID" -n 1 --no-save
is "$status" 4 'a snapshot is refused'
like "$err" "$says" 'and says why'
run heapsnap check -p "$V_PID"
is "$status" 4 'check says no'
like "$out" "this machine's CPU has no XSAVE" 'and why'
assert_undisturbed "$V_PID"
stop_victim
done_testing
