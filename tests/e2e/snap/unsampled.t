#!/bin/bash
# What jemalloc's counters say grew, and no sampled stack did, is a row of its own
# in every format, beside the stacks that grew, and part of all sums. It takes
# part in filters as a stack of that name does.
. "${0%/*}/../lib.sh"

MIB=$((1 << 20))
cd "$TMP" || exit 1
mkdir kept
MALLOC_CONF=prof:true,lg_prof_sample:14 start_victim hoarder
tell malloc 2048 4096
# What a first visit brings is there from then on.
heapsnap -p "$V_PID" -n 1 --no-save >first
undisturbed_before "$V_PID"
for part in 1 2 3; do
	run heapsnap -p "$V_PID" -n 1 --save kept
	is "$status" 0 "snapshot $part" || diag "$err"
	[ $part = 3 ] && break
	tell malloc 512 4096
	tell unsampled 2560 4096
done
UNDISTURBED_SLACK=$((64 * MIB)) assert_undisturbed "$V_PID"
stop_victim
kept=(kept/*.heap)
before=${kept[0]} after=${kept[2]}

# of FIELD: of the row in the current JSON.
of() {
	jq "[.stacks[] | select(.frames[0].function == \"no sampled stack\")] |
		if length == 1 then .[0] | $1 else \"\\(length) rows\" end" \
		<<<"$out"
}
run heapsnap diff "$before" "$after" -f json
is "$status" 0 'a report' || diag "$err"
between "$(of .bytes)" $((19 * MIB)) $((21 * MIB)) 'JSON: a row of 20 MiB'
is "$(of .significant)" true 'that is sure'
is "$(of .objects)" 0 'and of which nobody knows the objects'
between "$(of '.bytes_se | ceil')" 1 $((8 * MIB)) 'it has an error'
between "$(jq .totals.bytes <<<"$out")" $((23 * MIB)) $((25 * MIB)) \
	'the net change has it and the stacks'
is "$(jq '[.stacks[].bytes] | add == $j[0].totals.bytes' --slurpfile j \
	<(echo "$out") <<<"$out")" true 'which the rows add up to'
is "$(jq '.after.bytes as $b | $b < 20971520' <<<"$out")" true \
	'what lives in stacks is that alone'
total=$(jq .totals.bytes <<<"$out") bytes=$(of .bytes)
run heapsnap diff "$before" "$after" -f json --focus 'no sampled'
is "$(jq '.stacks | length' <<<"$out") $(of .bytes)" "1 $bytes" '--focus'
run heapsnap diff "$before" "$after" -f json --ignore 'no sampled'
is "$(of .bytes)" '"0 rows"' '--ignore'

run heapsnap diff "$before" "$after"
like "$out" '8[0-9]% of the growth from no sampled stack' 'text: it comes first'
like "$out" $'\n#1  \+[0-9.]+ MiB \+- [0-9.]+ [KM]iB  8[0-9]% of growth\n'\
$' +no sampled stack\n' 'text: as a row'
run heapsnap diff "$before" "$after" --by function
like "$out" 'no sampled stack' '--by function has it, too'
run heapsnap diff "$before" "$after" -f tree
like "$out" 'no sampled stack' 'tree'
run heapsnap diff "$before" "$after" -f csv
like "$out" "^$bytes,0,|"$'\n'"$bytes,0," 'csv'
run heapsnap diff "$before" "$after" -f folded
is "$(awk '{ s += $NF - $(NF - 1) } END { print s }' <<<"$out")" "$total" \
	'folded: adds up to the net change'
like "$out" 'no sampled stack [0-9]+ [0-9]+' 'folded: with the row'
for format in dot svg html; do
	run heapsnap diff "$before" "$after" -f $format
	like "$out" 'no sampled stack' "$format"
done
heapsnap diff "$before" "$after" -f pprof | gzip -dc >raw
ok 'pprof' grep -q 'no sampled stack' raw

# Three of them: it went on.
run heapsnap diff "${kept[@]}" -f json
is "$(of .trend.verdict)" '"steady leak"' 'a series: it grew in each step'
between "$(of '.trend.bytes[1]')" $((9 * MIB)) $((11 * MIB)) \
	'a half of it in the first'
run heapsnap diff "${kept[@]}"
like "$out" 'steady leak'$'\n'' +no sampled stack' 'as text'
run heapsnap diff "${kept[@]}" -f html
like "$out" 'no sampled stack' 'and as a page'

# A script that asks for growth is told of it.
run heapsnap diff "$before" "$after" --fail-above 22M --ignore nothing -f csv
is "$status" 1 'it counts for --fail-above'
done_testing
