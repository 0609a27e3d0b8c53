#!/bin/bash
# As sampled.t, when jemalloc counts what was allocated since the start
# (prof_accum): the error is smaller then, and still what it says.
#
# First: it takes minutes.
# Plain: a hundred runs are counted, each the same to a sanitizer.
. "${0%/*}/../lib.sh"
. "${0%/*}/sampled.sh"

# When allocations are counted the error is that of what came: about 13 samples
# beside up to 1,300 that stay; of so few some are far off.
MALLOC_CONF=prof:true,lg_prof_sample:12,prof_accum:true start_victim leaker
undisturbed_before "$V_PID"
measure 100 more 1000 60 50 70
report_accuracy
between "$(within 3)" 96 100 'counted: the truth is within 3 standard errors'
between "$(within 1)" 50 85 'and as often within one as it should be'
UNDISTURBED_SLACK=1000 assert_undisturbed "$V_PID"
stop_victim
done_testing
