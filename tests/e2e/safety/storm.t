#!/bin/bash
# Snapshots in a row of processes that never rest: no thread of them waits for
# more than a moment, and some moments are the worst there are. None of them
# crashes, hangs, sees an EINTR, loses a signal or grows, and nearly every
# snapshot succeeds. Here their threads allocate as fast as they can.
#
# First: it takes minutes.
# Arguments are the loads to be tried, in place of all.
. "${0%/*}/../lib.sh"
. "${0%/*}/storm.sh"

[ $# != 0 ] || set -- 'tight 0 1' 'tight 12 1' 'tight 0 8' 'tight 12 8' \
	'tight 0 64' 'tight 12 64'
storms "$@"
done_testing
