#!/bin/bash
# As storm.t, of a process that becomes another user all the time: nearly always it
# holds a lock of glibc's that pthread_create() needs, so how many snapshots find
# their moment is a matter of CPU time.
#
# Alone: most snapshots must be made in time.
# Arguments are the loads to be tried, in place of all.
. "${0%/*}/../lib.sh"
. "${0%/*}/storm.sh"

# A helper thread that waits for that lock when the time is up is left to end by
# itself, and the next one has a stack of its own.
export UNDISTURBED_STACKS=1
[ $# != 0 ] || set -- 'setuid 12 -'
storms "$@"
done_testing
