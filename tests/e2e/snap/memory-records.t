#!/bin/bash
# A process whose own mappings lie among jemalloc's, so that no sizes tell whose
# memory is whose: jemalloc's own records do. What the process mapped itself and
# what it allocated are each in their part, within 1 %, and all parts together
# are what the kernel says is resident.
#
# Alone: pages of a process come and go with what others need.
. "${0%/*}/../lib.sh"

MIB=$((1 << 20))

# part KEY: of the only reading.
part() {
	jq "[.. | objects | select(has(\"parts\"))][0].parts.$1" "$TMP/report.json"
}

ledger() {
	jq -c "[.. | objects | select(has(\"parts\"))][0].$1" "$TMP/report.json"
}

# near GOT WANT NAME: within 1 % or 512 KiB.
near() {
	local off=$(($2 / 100 > MIB / 2 ? $2 / 100 : MIB / 2))
	between "$1" $(($2 - off)) $(($2 + off)) "$3"
}

read_memory() {
	run heapsnap stats -p "$V_PID" -n 1 -f json -o "$TMP/report.json"
	is "$status" 0 "$1: a reading" || diag "$err"
}

# value NAME: the victim's own mallctl.
value() {
	tell value "$1"
	echo "${answer#value }"
}

MALLOC_CONF=dirty_decay_ms:-1,muzzy_decay_ms:-1 start_victim hoarder
mapped=0
untouched=0
for i in 1 2 3 4 5 6; do
	tell malloc 40000 96
	tell mmap $((i * 3 * MIB))
	mapped=$((mapped + i * 3 * MIB))
	tell malloc 2 $((i * MIB))
	tell mmap $((4 * MIB))
	mapped=$((mapped + 4 * MIB))
	tell untouched $((2 * MIB))
	untouched=$((untouched + 2 * MIB))
done
tell fragment 200000 64
tell churn $((24 * MIB))
undisturbed_before "$V_PID"
read_memory 'mappings among each other'
assert_undisturbed "$V_PID"
rss=$(awk '/^VmRSS/ { print $2 * 1024 }' "/proc/$V_PID/status")
near "$(ledger 'parts | add')" "$rss" 'the parts add up to RSS'
near "$(part mmap)" "$mapped" 'what it mapped itself is not jemalloc'\''s'
allocated=$(value stats.allocated)
active=$(value stats.active)
near $(($(part live) + $(part thread_caches))) "$allocated" \
	'what it allocated is'
near $(($(part live) + $(part thread_caches) + $(part slack))) "$active" \
	'with the space inside its pages'
near $((-$(part not_resident))) "$untouched" 'what it never touched is not there'
dirty=$(($(value stats.arenas.4096.pdirty) * 4096))
near "$(part kept_pages)" "$dirty" 'freed pages are those it keeps dirty'
near "$(ledger resident_by_state.dirty)" "$dirty" 'by state, too'
near "$(ledger resident_by_state.active)" $((active - untouched)) \
	'as the pages in use'
between "$(part metadata)" 1 "$(value stats.metadata)" \
	'its own data is no more than it says'
is "$(part unattributed) $(ledger undecided)" '0 0' 'nothing is left undecided'
is "$(ledger 'memory | [.[] | select(.kind == "undecided")]')" '[]' \
	'no mapping either'
stop_victim

# Memory of the C library's own malloc beside it, and pages given back: what is
# retained, and not there, is in no part.
MALLOC_CONF=dirty_decay_ms:0,muzzy_decay_ms:0 start_victim hoarder
tell malloc 100000 96
tell churn $((64 * MIB))
tell mmap $((9 * MIB))
read_memory 'given back'
between "$(part kept_pages)" 0 $((2 * MIB)) 'no freed page is kept'
near "$(part mmap)" $((9 * MIB)) 'what it mapped is told apart'
near "$(ledger 'parts | add')" "$(ledger rss)" 'the sum is right'
stop_victim

# While it grows, records are made and changed all the time.
start_victim stock --stock $((64 * MIB)) --rate $((8 * MIB))
tell begin
told=0
for i in {1..8}; do
	run heapsnap stats -p "$V_PID" -n 1
	[[ $out == *'cannot be told'* ]] && told=$((told + 1))
done
is $told 0 'of a process that grows it can be told as well'
stop_victim
done_testing
