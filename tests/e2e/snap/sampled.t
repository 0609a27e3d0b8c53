#!/bin/bash
# Where allocations are sampled the change is an estimate, and its standard
# error is what it says: the truth, which the victim counts, is within three of
# them nearly always and within one about as often as it should be, so that the
# error is neither too small nor merely large.
#
# First: it takes minutes.
# Plain: hundreds of runs are counted, each the same to a sanitizer.
. "${0%/*}/../lib.sh"
. "${0%/*}/sampled.sh"

# Objects of 1000 bytes, 1024 usable: one in 4.5 is seen. Each interval's are
# freed in the next, so that the two sides of each change are independent, as
# the formula has it. 68 of 100 are within one standard error when it is right;
# 50 to 85 is four of their own around that.
MALLOC_CONF=prof:true,lg_prof_sample:12 start_victim leaker
undisturbed_before "$V_PID"
measure 100 fresh 1000 300 400 350
report_accuracy
between "$(within 3)" 98 100 '4 KiB: the truth is within 3 standard errors'
between "$(within 1)" 50 85 'and as often within one as it should be'

# What stays is the same sample on both sides: the error is an upper bound.
tell free 4000000
measure 50 more 1000 60
report_accuracy
between "$(within 3)" 49 50 'what only grows is within 3, too'
UNDISTURBED_SLACK=1000 assert_undisturbed "$V_PID"
stop_victim
done_testing
