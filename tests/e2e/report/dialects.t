#!/bin/bash
# Whatever dialect a dump is written in and however it was compressed, the
# report is the same; a file that is no dump is named by what it seems to be.
. "${0%/*}/../lib.sh"

data=$ROOT/tests/data
cd "$TMP" || exit 1

# bytes FILE: the total of its report; FILE - is standard input.
bytes() {
	heapsnap report -q --bytes "$1" -f json -o out.json
	jq .totals.bytes out.json
}

is "$(bytes "$data/jemalloc-3.6.0-every-allocation.heap")" 36127360 \
	'all allocations of jemalloc 3.6'
cp "$data/jemalloc-5.3.0-exact.heap" plain.heap
is "$(bytes plain.heap)" 7179840 'all allocations of jemalloc 5.3'
gzip -k plain.heap
zstd -q plain.heap
is "$(bytes plain.heap.gz)" 7179840 'compressed with gzip'
is "$(bytes plain.heap.zst)" 7179840 'compressed with zstd'
is "$(bytes - <plain.heap.zst)" 7179840 'from standard input'
{
	printf '%s\n' '--- symbol' 'binary=/srv/app/exact' '---' '--- heap'
	cat plain.heap
} >raw.heap
is "$(bytes raw.heap)" 7179840 'behind names'
cp plain.heap jeprof.25861.0.f.heap
is "$(bytes jeprof.25861.0.f.heap)" 7179840 'of the end of a process'

head -c 500 plain.heap.gz >cut.gz
run heapsnap report cut.gz
is "$status $err" '2 heapsnap: cut.gz: damaged gzip file: it is cut off' \
	'a compressed file that was cut off is refused'
echo '{"info":{"duration":1' >prof.log
run heapsnap report prof.log
is "$status $err" '2 heapsnap: prof.log:1: seems to be JSON, perhaps a log of '\
'jemalloc (prof.log), not a heap dump
heapsnap: hint: such a log has the allocations that were freed, not the live ones' \
	'a log of jemalloc is refused'
done_testing
