#!/bin/bash
# As sampled.t, with as few samples as jemalloc takes by default: one in 512
# KiB. By samples alone the error is what it should be; jemalloc's counters make it
# less, and never too small.
#
# First: it takes minutes.
# Plain: hundreds of runs are counted, each the same to a sanitizer.
. "${0%/*}/../lib.sh"
. "${0%/*}/sampled.sh"

MALLOC_CONF=prof:true,lg_prof_sample:19 start_victim leaker
undisturbed_before "$V_PID"
OPTIONS=(--no-stats)
measure 100 fresh 40000 400 300 350
report_accuracy
between "$(within 3)" 98 100 '512 KiB: the truth is within 3 standard errors'
between "$(within 1)" 50 85 'and as often within one as it should be'
by_samples=$(mean_error)
OPTIONS=()
measure 100 fresh 40000 400 300 350
report_accuracy
between "$(within 3)" 98 100 'by counters, too: the truth is within 3 errors'
between "$(within 1)" 50 100 'and within one at least as often'
between "$(mean_error)" 1 $((by_samples / 2)) \
	'which are less than half of those by samples alone'
UNDISTURBED_SLACK=1000 assert_undisturbed "$V_PID"
stop_victim
done_testing
