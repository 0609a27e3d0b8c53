#!/bin/bash
# Processes that grow for a cause that is known, without profiling: the parts of
# the memory breakdown add up to what the kernel has as resident, the part that
# grew is the right one, by as much as the victim took, and the sentence says
# so.
#
# Alone: pages of a process come and go with what others need.
. "${0%/*}/../lib.sh"

MIB=$((1 << 20))

# grow COMMAND...: reads the statistics, has the victim do it, reads again. The
# report is $TMP/report.json.
grow() {
	local hs
	rm -f "$TMP/report.json"
	env --default-signal=INT "$HEAPSNAP" stats -p "$V_PID" -i 1h \
		-o "$TMP/report.json" 2>"$TMP/grow-err" &
	hs=$!
	started $hs
	poll_until waits $hs
	tell "$@"
	kill -INT $hs
	wait $hs
	is $? 0 "$1: two readings" || diag "$(cat "$TMP/grow-err")"
	forget $hs
}

part() {
	jq ".$1.ledger.parts.$2" "$TMP/report.json"
}

# grown PART: bytes.
grown() {
	echo $(($(part after "$1") - $(part before "$1")))
}

# adds_up: the parts are the sum, and the sum is what the kernel says.
adds_up() {
	local rss sum off
	rss=$(awk '/^VmRSS/ { print $2 * 1024 }' "/proc/$V_PID/status")
	sum=$(jq '[.after.ledger.parts[]] | add' "$TMP/report.json")
	off=$((rss / 100 > MIB ? rss / 100 : MIB))
	between "$sum" $((rss - off)) $((rss + off)) 'the parts add up to RSS'
	is "$(jq -c '[.before, .after][] | [.ledger.parts | to_entries[] |
		select(.value < 0 and .key != "not_resident")]' \
		"$TMP/report.json" | sort -u)" '[]' 'no part is negative'
}

# says REGEX
says() {
	like "$(jq -r .diagnosis "$TMP/report.json")" "$1" 'the diagnosis'
}

# about PART BYTES [PART]: it grew by that, within 5 % or 1 MiB; or both did.
about() {
	local off=$(($2 / 20 > MIB ? $2 / 20 : MIB)) n
	n=$(grown "$1")
	[ -z "${3:-}" ] || n=$((n + $(grown "$3")))
	between "$n" $(($2 - off)) $(($2 + off)) "$1${3:+ and $3} grew by $2" ||
		diag "$(jq -c '.before.ledger, .after.ledger' "$TMP/report.json")"
}

start_victim hoarder
grow malloc 400000 96
adds_up
about live $((400000 * 96))
says '^malloc: live allocations grew by 3[67]\.[0-9] MiB.*: a leak through malloc, if that goes on$'
is "$(jq '.after.ledger.allocated' "$TMP/report.json")" "$(jq '
	[.after.size_classes[].bytes] | add' "$TMP/report.json")" \
	'what is allocated is what the size classes have'
stop_victim

# 15 of 16 objects of each slab go: 93.75 % of these pages are free.
start_victim hoarder
grow fragment 1000000 64
adds_up
about slack $((1000000 * 64 * 15 / 16))
says '^fragmentation: (8[5-9]|9[0-4])% of active pages are free space inside, which grew by 5[5-8]\.[0-9] MiB'
stop_victim

MALLOC_CONF=dirty_decay_ms:-1 start_victim hoarder
grow churn $((64 * MIB))
adds_up
# Each piece of 64 KiB has a page more (cache_oblivious).
about kept_pages $((68 * MIB))
says '^dirty pages: what jemalloc keeps of freed memory grew by 6[7-9]\.[0-9] MiB.*it never comes back$'
is "$(jq -r '.after.settings."opt.dirty_decay_ms"' "$TMP/report.json")" -1 \
	'the setting that does it is named'
stop_victim

start_victim hoarder
grow mmap $((100 * MIB))
adds_up
about mmap $((100 * MIB))
says '^not jemalloc: anonymous mappings made by mmap grew by 100\.0 MiB'
# A second one comes next to it: the kernel makes one mapping of the two. Where
# jemalloc's records can't be read, its own data of 2.5 MiB may count as of it.
grow mmap $((60 * MIB))
adds_up
about mmap $((60 * MIB))
says '^not jemalloc: anonymous mappings made by mmap grew by (5[7-9]|6[0-2])\.[0-9] MiB'
stop_victim

start_victim hoarder
grow stacks 40 $((512 << 10))
adds_up
about stacks $((40 * 512 << 10))
says '^not jemalloc: stacks of threads grew by 2[01]\.[0-9] MiB'
stop_victim

start_victim hoarder
grow file "$TMP/index" $((50 * MIB))
adds_up
about files $((50 * MIB))
says '^not jemalloc: page cache of mapped files grew by 50\.0 MiB'
is "$(jq -r '.after.ledger.memory[] | select(.kind == "file") |
	"\(.path) \(.rss)"' "$TMP/report.json" | head -1)" \
	"$TMP/index $((50 * MIB))" 'and the file is named'
grow shared $((20 * MIB))
adds_up
about shared $((20 * MIB))
says '^not jemalloc: shared memory grew by 20\.0 MiB'
stop_victim

start_victim hoarder
grow malloc 8 $((9 * MIB))
adds_up
about live $((8 * 10 * MIB))
says '^malloc: live allocations grew by 80\.0 MiB'
is "$(jq -c '.after.size_classes[] | select(.size > 8388608) |
	[.size, .regions, .large]' "$TMP/report.json")" '[10485760,8,true]' \
	'a size class above 8 MiB is in the table'
stop_victim

start_victim hoarder
tell grow $((40 * MIB))
grow grow $((160 * MIB))
adds_up
about live $((120 * MIB))
says '^malloc: live allocations grew by 120\.0 MiB'
stop_victim

# Memory that was allocated and never touched is not resident, and said so. Nor
# is most of a leaf of jemalloc's radix tree: 2 MiB for each GiB of addresses,
# and where the kernel maps the object decides whether it needs another one.
start_victim hoarder
grow untouched $((64 * MIB))
adds_up
about live $((64 * MIB))
about not_resident $((-64 * MIB)) metadata
stop_victim

start_victim hoarder
run heapsnap stats -p "$V_PID" -i 10ms
like "$out" $'\n''nothing grew'$'\n' 'a process that stands still did not grow'
stop_victim
done_testing
