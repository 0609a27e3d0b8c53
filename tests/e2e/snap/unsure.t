#!/bin/bash
# Where live allocations grew by jemalloc's counters, and no single stack for sure,
# the report never says that nothing grew: it says by how much, which stacks are
# likeliest, with their shares, and how long it may take until one is sure. So do
# the page and JSON.
. "${0%/*}/../lib.sh"

MIB=$((1 << 20))
cd "$TMP" || exit 1

# All of 24 stacks leak, each far less than what one sample stands for, and most of
# what they have is replaced meanwhile.
MALLOC_CONF=prof:true,lg_prof_sample:22 start_victim stock --stock $((96 * MIB)) \
	--stacks 24 --rate $((12 * MIB)) --spread yes --churn $((24 * MIB))
undisturbed_before "$V_PID"
tell begin

# Chance may call one of them sure in one of twenty reports, and on a busy machine the
# victim may not have grown by then: not in each of five.
for run in 1 2 3 4 5; do
	rm -rf kept
	mkdir kept
	run heapsnap -p "$V_PID" -i 2s --save-all --save kept
	is "$status" 0 "report $run" || diag "$err"
	text=$out
	run heapsnap diff kept/*.heap -f json
	[ "$(jq '.totals.live.grew' <<<"$out")" = true ] || continue
	unlike "$text" 'Nothing grew' 'never says that nothing grew'
	[[ "$text" == *'no single stack for sure'* ]] && break
done
like "${text//$'\n'/ }" 'Live allocations grew by [0-9.]+ MiB, and no single stack for '\
'sure: that may be after about [0-9]+ (s|min|h|days) more\. '\
'The likeliest stacks come first\.' 'how much, and how long'
like "$text" $'\n#1  \+[^\n]*  within noise  [0-9]+% of growth' \
	'the likeliest, with its share'
like "$text" '; likeliest from ' 'also in the first sentence'
UNDISTURBED_SLACK=$((1024 * MIB)) assert_undisturbed "$V_PID"
stop_victim

run heapsnap diff kept/*.heap -f json
is "$(jq '.totals.live.grew' <<<"$out")" true 'JSON: it grew'
is "$(jq '[.stacks[] | select(.significant)] | length' <<<"$out")" 0 \
	'JSON: no stack did for sure'
is "$(jq '.totals.live.seconds_until_sure > 0' <<<"$out")" true 'JSON: how long'
run heapsnap diff kept/*.heap -f html
like "$out" '"sentence":"[^"]*Live allocations grew by [^"]* more\. The likeliest' \
	'the page says the same'
like "$out" '"lines":\[\[[0-9]' 'and has lines of the likeliest'
done_testing
