#!/bin/bash
# As storm.t, of processes that do nothing but what is hard to interrupt: throw,
# fork, start and cancel threads, load code, take signals, rename threads.
#
# First: it takes minutes.
# Arguments are the loads to be tried, in place of all.
. "${0%/*}/../lib.sh"
. "${0%/*}/storm.sh"

[ $# != 0 ] || set -- 'throw 12 -' 'fork 12 -' 'create 12 -' 'cancel 12 -' \
	'dlopen 12 -' 'timers 12 -' 'rename 12 -'
storms "$@"
done_testing
