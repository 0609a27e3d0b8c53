#!/bin/bash
# A service that allocates and then forks its workers: what they have from before
# is marked as inherited, to the object; what they share is counted once where
# the memory is, which the kernel's own sums confirm; and nobody is told that
# profiling was not active.
#
# Alone: pages of processes come and go with what others need.
. "${0%/*}/../lib.sh"

MIB=$((1 << 20))

# pss: of the parent and its workers, as the kernel has it.
pss() {
	local pid
	for pid in "$V_PID" $(<"/proc/$V_PID/task/$V_PID/children"); do
		cat "/proc/$pid/smaps_rollup"
	done | awk '/^Pss:/ { n += $2 * 1024 } END { print n }'
}

near() {
	local off=$(($2 / 100 > MIB / 2 ? $2 / 100 : MIB / 2))
	between "$1" $(($2 - off)) $(($2 + off)) "$3"
}

MALLOC_CONF=prof:true,lg_prof_sample:0 start_victim forker
victim_line line
read -r _ before_bytes before <<<"$line"
victim_line line
read -r _ own_bytes own <<<"$line"
undisturbed_before "$V_PID"
# The first one adds an arena and a stack to each process.
run heapsnap -p "$V_PID" --children -n 1 --no-save
run heapsnap -p "$V_PID" --children -n 1 --save "$TMP" -f json \
	-o "$TMP/report.json"
is "$status" 0 'a snapshot of the service' || diag "$err"
want=$(pss)

# of FUNCTION FIELD: of the stack that it allocated.
of() {
	jq "[.stacks[] | select(.frames | any(.function == \"$1\")) | $2] | add" \
		"$TMP/report.json"
}

is "$(of before_fork .objects)" $((5 * before)) 'each process has what was'
is "$(of before_fork .inherited.objects)" $((4 * before)) \
	'and in the workers it is inherited'
is "$(of before_fork .inherited.bytes)" $((4 * before_bytes)) 'to the byte'
is "$(of in_worker .objects)" "$own" 'what they allocated themselves'
is "$(of in_worker .bytes)" "$own_bytes" 'is all there'
is "$(of in_worker .inherited.objects)" 0 'and not inherited'
ok 'the total says what is inherited' test \
	"$(jq .totals.inherited.bytes "$TMP/report.json")" -ge $((4 * before_bytes))
ledger=$(jq .snapshot.ledger "$TMP/report.json")
near "$(jq '[.parts[]] | add' <<<"$ledger")" "$want" \
	'where the memory is adds up to what they take together'
near "$(jq .pss <<<"$ledger")" "$want" 'which is said'
is "$(jq .processes <<<"$ledger")" 5 'of five'
# The 5 MiB that each worker wrote to are its own again.
between "$(jq '0 - .parts.inherited' <<<"$ledger")" $((160 * MIB)) \
	$((230 * MIB)) 'what is inherited is taken off again'
between "$(jq .pss <<<"$ledger")" $(((50 + 20 + 10) * MIB)) $((160 * MIB)) \
	'nothing is counted five times'
is "$(jq -c '[.snapshot.hints[]?.kind, .hints[]?.kind]' "$TMP/report.json")" \
	'[]' 'profiling was active, and nobody says it was not'
run heapsnap -p "$V_PID" --children -n 1 --no-save
unlike "$out" 'not active' 'nor in the text'
like "$out" "of it .* in [0-9,]+ objects are what children have inherited by fork" \
	'which marks what is inherited'
like "$out" 'inherited by fork'$'\n''    before_fork' 'at the stack, too'
like "$out" 'resident together \(PSS\)' 'and what they take together'

# The files have it all.
run heapsnap merge "$TMP"/heapsnap.forker.*.heap -f json
is "$(jq .totals.inherited <<<"$out")" \
	"$(jq .totals.inherited "$TMP/report.json")" 'merged files say the same'
is "$(jq .snapshot.ledger.parts <<<"$out")" \
	"$(jq .snapshot.ledger.parts "$TMP/report.json")" 'part by part'
run heapsnap -p "$V_PID" -n 1 --no-save -f json
is "$(jq -c '[.totals.inherited.objects, .snapshot.ledger.pss,
	.snapshot.ledger.processes, .snapshot.ledger.parts.inherited]' \
	<<<"$out")" '[0,null,null,0]' 'one process has nothing of that'

# Each can be checked by itself, in one run.
run heapsnap check -p "$V_PID" --children
is "$status" 0 'all of them can be snapshotted' || diag "$err"
is "$(grep -c '^process .* can be snapshotted' <<<"$out")" 5 'and each says so'
run heapsnap check -p "$V_PID" --children -f json
is "$(jq -c '[.kind, .exit_status, (.processes | length),
	(.processes | map(.ok) | unique)]' <<<"$out")" '["checks",0,5,[true]]' \
	'in JSON, too'
is "$(jq -c '[.processes[].pid] | sort' <<<"$out")" "$(
	echo "$V_PID $(<"/proc/$V_PID/task/$V_PID/children")" |
		jq -sc sort)" 'of each process'
run heapsnap check -p "$V_PID" -p $$ -f json
is "$status $(jq .exit_status <<<"$out")" '3 3' \
	'one that is given and has no jemalloc is the worst'
is "$err" 'heapsnap: not all of these processes can be snapshotted' 'which is said'
run heapsnap check -p $$ --children
is "$status" 3 'with children that are fine, too'
assert_undisturbed "$V_PID"
stop_victim

# A service that started something without jemalloc beside it.
mkfifo "$TMP/never"
MALLOC_CONF=prof:true LD_PRELOAD=libjemalloc.so.2 bash -c '
	env -u LD_PRELOAD cat "$0" & echo; read -r' "$TMP/never" \
	<>"$TMP/never" >"$TMP/started" &
parent=$!
started $parent
poll_until test -s "$TMP/started"
# The shell is one with jemalloc, what it waits for is not.
has_cat() {
	child=$(tr -d ' ' <"/proc/$parent/task/$parent/children")
	[ "$(cat "/proc/$child/comm")" = cat ]
} 2>/dev/null
poll_until has_cat
run heapsnap check -p $parent --children
is "$status" 0 'a child without jemalloc does not count beside it' || diag "$err"
like "$out" '\(cat\) cannot be snapshotted' 'and has its verdict'
kill $parent "$child" 2>/dev/null
done_testing
