#!/bin/bash
# Dumps that a shell lists in the order of its alphabet are compared in the order
# in which they were written, by the numbers in their names; those of several
# processes are no trend; and where nothing tells the order, files that were
# changed in another one are a warning.
. "${0%/*}/../lib.sh"

cd "$TMP" || exit 1

# dump NAME MIB: one stack that holds so much.
dump() {
	printf '%s\n' 'heap_v2/1' "  t*: $2: $(($2 << 20)) [0: 0]" \
		"  t0: $2: $(($2 << 20)) [0: 0]" '@ 0x1000 0x2001' \
		"  t*: $2: $(($2 << 20)) [0: 0]" "  t0: $2: $(($2 << 20)) [0: 0]" '' \
		'MAPPED_LIBRARIES:' '1000-3000 r-xp 00000000 00:00 0' >"$1"
}

# trend FILE...: the growth in MiB and the verdict.
trend() {
	heapsnap diff -q -f json "$@" -o out.json &&
		jq -r '"\(.totals.bytes / 1048576) \(.trend.verdict)"' out.json
}

for i in {0..23}; do
	dump "jeprof.4711.$i.i$i.heap" $((16 * i + 16))
	dump "app.$(printf %04d "$i").heap" $((16 * i + 16))
	dump "heapsnap.searchd.25861.20261123T0$((i / 10))0$((i % 10))17.123Z.heap" \
		$((16 * i + 16))
done
dump jeprof.4711.24.f.heap 400
want='384 steady leak'
is "$(trend jeprof.*.heap)" "$want" "jemalloc's names, as a shell sorts them"
run heapsnap diff jeprof.*.heap
like "$err" "^heapsnap: the dumps are compared in the order of the numbers in their \
names, from 'jeprof.4711.0.i0.heap' to 'jeprof.4711.24.f.heap'" 'which is said'
is "$(trend app.{0023..0000}.heap)" '368 steady leak' "gperftools' names"
mapfile -t names < <(printf '%s\n' heapsnap.*.heap | tac)
is "$(trend "${names[@]}")" '368 steady leak' "heapsnap's own names"
mkdir ns
for i in {1..12}; do
	dump "ns/jeprof.4026531836.7.$i.m$i.heap" $((16 * i))
done
gzip ns/*.m2.heap
is "$(trend ns/*)" '176 steady leak' 'with a namespace, and compressed'
run heapsnap diff app.*.heap
is "$status ${err}" '0 ' 'the right order is not worth a word'

dump jeprof.4712.0.i0.heap 1
run heapsnap diff jeprof.*.heap
is "$status $err" "2 heapsnap: these are dumps of 2 processes (25 of 'jeprof.4711', \
1 of 'jeprof.4712'): a trend is that of one
heapsnap: hint: heapsnap diff jeprof.4711.*; 'heapsnap merge' adds up one dump of each" \
	'two processes are no trend'
mkdir a b
dump a/jeprof.1.0.i0.heap 1
dump a/jeprof.1.1.i1.heap 2
dump b/jeprof.1.1.i1.heap 3
run heapsnap diff [ab]/*
is "$status $err" "2 heapsnap: 'a/jeprof.1.1.i1.heap' and 'b/jeprof.1.1.i1.heap' have the \
same number, so they are not of one process: a trend is that of one" \
	'nor are two of one number, in two folders'
run heapsnap diff a/jeprof.1.0.i0.heap b/jeprof.1.1.i1.heap
is "$status $err" '0 ' 'two dumps of two processes may well be compared'

run heapsnap diff jeprof.4711.10.i10.heap jeprof.4711.9.i9.heap
is "$status $err" "0 heapsnap: warning: 'jeprof.4711.9.i9.heap' was written before \
'jeprof.4711.10.i10.heap', which is given before it: what grows from one to the other \
went away
heapsnap: hint: give them in the order in which they were written: ls -tr lists them so" \
	'two that are the wrong way round'
for i in one two three; do
	dump $i 4
done
touch -d '2026-11-23 10:00' one
touch -d '2026-11-23 10:01' two
touch -d '2026-11-23 10:02' three
run heapsnap diff one three two
like "$status $err" "^0 heapsnap: warning: 'two' was written before 'three'" \
	'by the time of their last change'
run heapsnap diff one two three
is "$status $err" '0 ' 'and not without reason'
done_testing
