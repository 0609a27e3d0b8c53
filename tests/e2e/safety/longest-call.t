#!/bin/bash
# A call that goes on writing its dump, a little at a time and for ever, is given up
# after a minute: what it writes gives it no more time than that.
# First: it waits for that minute, and needs no CPU meanwhile
# Plain: it waits; dumps.t gives calls up with sanitizers, too.
. "${0%/*}/../lib.sh"

start_victim dumper --endless drip
since=$SECONDS
HS_TIMEOUT=150 run heapsnap -p "$V_PID" -n 1 --no-save --timeout 1
took=$((SECONDS - since))
is "$status" 5 'a dump that drips: given up'
like "$err" 'mallctl."prof.dump".: it did not end in 60 s, the longest for one call' \
	'the error says why'
like "$err" 'hint: thread [0-9]+, which heapsnap made for it, is still at it' \
	'and what is left'
between $took 60 120 'seconds that it took'
kill -0 "$V_PID"
result $? 'the process lives'
kill_started
done_testing
