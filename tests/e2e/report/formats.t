#!/bin/bash
# Formats for other tools: each adds up to what the JSON says, the tools read
# them, and names that were made to do harm do none.
. "${0%/*}/../lib.sh"

data=$ROOT/tests/data
before=$data/searchd-before.heap
after=$data/searchd-after.heap
cd "$TMP" || exit 1

"$ROOT/tests/e2e/report/hostile_heap.sh" >hostile.heap
run heapsnap report hostile.heap -f json
is "$status" 0 'the hostile profile is one'
is "$(jq .totals.bytes <<<"$out")" 55000 'with its numbers'

json() {
	heapsnap "$@" -f json
}
json diff "$before" "$after" >diff.json
json report "$after" >report.json
total=$(jq .totals.bytes diff.json)
live=$(jq .totals.bytes report.json)

# harmless FILE NAME: no control bytes but newlines, valid UTF-8.
harmless() {
	is "$(tr -d '\n' <"$1" | LC_ALL=C.UTF-8 grep -c '[[:cntrl:]]')" 0 \
		"$2: nothing a terminal obeys"
	ok "$2: all of it is UTF-8" iconv -f UTF-8 -t UTF-8 -o /dev/null "$1"
}

# --- folded ------------------------------------------------------------------

run heapsnap diff "$before" "$after" -o growth.folded
is "$status$err" 0 'folded: .folded is the format'
is "$(awk '{ s += $NF - $(NF - 1) } END { print s }' growth.folded)" "$total" \
	'folded: a diff has what was and what is'
run heapsnap diff "$before" "$after" -f folded --folded-diff signed
is "$(awk '{ s += $NF } END { print s }' <<<"$out")" "$total" \
	'folded: or the change'
run heapsnap report "$after" -f folded --by line
like "$out" 'search::Cache::put cache.cc:214 [0-9]+' 'folded: with the line'
run heapsnap report "$after" -f folded
is "$(awk '{ s += $NF } END { print s }' <<<"$out")" "$live" \
	'folded: a report adds up to what is live'
is "$(head -1 <<<"$out" | sed 's/ [0-9]*$//; s/.*;//')" \
	"$(jq -r '.stacks[0].frames[0].function' report.json)" \
	'folded: the leaf comes last'
run heapsnap report "$after" -f folded --sort objects
is "$(awk '{ s += $NF } END { print s }' <<<"$out")" \
	"$(jq .totals.objects report.json)" 'folded: --sort objects counts them'
run heapsnap diff "$before" "$after" -f folded --top 2
is "$(wc -l <<<"$out")" 2 'folded: --top'
heapsnap report hostile.heap -f folded >hostile.folded
harmless hostile.folded folded
is "$(wc -l <hostile.folded)" 10 'folded: a line a stack'
is "$(grep -vcE '^main;[^;]+ [0-9]+000$' hostile.folded)" 0 \
	'folded: a name is one frame, whatever is in it'

# flamegraph.pl, as Debian's libdevel-nytprof-perl has it: a box has the bytes of all
# stacks through a frame, and in a diff by how much of all its leaf changed.
flamegraph=/usr/share/perl5/Devel/NYTProf/flamegraph.pl
if [ -e "$flamegraph" ]; then
	# draw: "NAME (bytes)" of each, or "NAME (bytes; share of the change)".
	draw() {
		perl "$flamegraph" --countname bytes --minwidth 0 |
			grep -o '<title>[^<]*' | sed 's/^<title>//; s/,//g
				s/ bytes [0-9.]*%)/)/; s/ bytes [0-9.]*%;/;/'
	}
	# inclusive NAME: of the report, in the JSON's words.
	inclusive() {
		jq --arg name "$1" '[.stacks[] | select(any(.frames[];
			.function == $name)).bytes] | add' report.json
	}
	heapsnap report -q "$after" -f folded | draw >boxes
	is "$(grep '^all ' boxes)" "all ($live)" 'flamegraph.pl: all that is live'
	for name in search::Session::query main; do
		is "$(grep "^$name " boxes)" "$name ($(inclusive $name))" \
			"flamegraph.pl: and what goes through $name"
	done
	draw <growth.folded >boxes
	share=$(jq '.stacks[] | select(any(.frames[];
		.function == "search::Cache::put")) | 100 * .bytes' diff.json)
	is "$(grep '^std::__new_allocator::allocate ' boxes)" \
		"std::__new_allocator::allocate ($(inclusive search::Cache::put);$(
			printf ' %+.2f%%' "$(jq -n "$share / $live")"))" \
		'flamegraph.pl: of a diff, and by how much that grew'
fi

# --- csv ---------------------------------------------------------------------

# csv FILE: row by row as JSON, read by another program.
csv() {
	python3 -c 'import csv, json, sys
csv.field_size_limit(1 << 30)
print(json.dumps(list(csv.DictReader(open(sys.argv[1], newline="")))))' "$1"
}
run heapsnap diff "$before" "$after" -o growth.csv
is "$(csv growth.csv | jq '[.[].bytes | tonumber] | add')" "$total" \
	'csv: the rows add up to the change'
is "$(csv growth.csv | jq -c '[.[] | [.bytes, .objects, .before_bytes,
	.after_bytes] | map(tonumber)]')" \
	"$(jq -c '[.stacks[] | [.bytes, .objects, .before.bytes, .after.bytes]]' \
		diff.json)" 'csv: and each is that of the JSON'
heapsnap report hostile.heap -f csv >hostile.csv
harmless hostile.csv csv
is "$(csv hostile.csv | jq '[.[].bytes | tonumber] | add')" 55000 \
	'csv: names break no row'
is "$(csv hostile.csv | jq '[.[] | .function, .stack |
	select(test("^[=+@-]"))] | length')" 0 'csv: no name is a formula'

# --- dot ---------------------------------------------------------------------

run heapsnap diff "$before" "$after" -o growth.dot
is "$status$err" 0 'dot: .dot is the format'
# lonely FILE: the boxes of a graph to which no edge leads, and from which none.
lonely() {
	dot -Tplain "$1" | awk '$1 == "node" { box[$2] } $1 == "edge" {
		linked[$2]; linked[$3] } END { for (b in box) if (!(b in linked))
		print b }'
}
is "$(lonely growth.dot)" '' 'dot: each box has an edge'
heapsnap report "$after" --by line -o lines.dot
is "$(lonely lines.dot)" '' 'dot: also when rows are no stacks'
like "$(cat lines.dot)" 'search::Cache::put cache.cc:214' 'dot: with the line'
heapsnap report "$after" --by line -o lines.svg
like "$(cat lines.svg)" '>search::Cache::put cache.cc:214' 'svg: with the line'
ok 'dot: Graphviz draws it' dot -Tsvg growth.dot -o growth.svg
like "$(cat growth.svg)" '>search::Cache::put<' 'dot: with the functions'
like "$(cat growth.svg)" '>\+169\.7 MiB' 'dot: and their growth'
heapsnap report hostile.heap -f dot >hostile.dot
harmless hostile.dot dot
ok 'dot: hostile names are drawn too' dot -Tsvg hostile.dot -o hostile.svg
ok 'dot: as text' python3 -c 'import xml.dom.minidom as m
m.parse("hostile.svg")'
python3 - >many.heap <<'PY'
print("heap_v2/1\n  t*: 0: 0 [0: 0]")
for i in range(300):
    print("@ %#x 0x9001\n  t*: 1: %d [0: 0]\n  t0: 1: %d [0: 0]" % (
        0x1000 + i * 16, 1000 + i, 1000 + i))
print("\nMAPPED_LIBRARIES:\n00001000-0000a000 r-xp 00000000 fe:00 7 /srv/a")
PY
run heapsnap report -q many.heap -f dot
like "$out" 'not shown: 300 smaller functions' 'dot: others are counted'

# --- jeprof ------------------------------------------------------------------

run heapsnap report "$after" -o live.jeprof
is "$status$err" 0 'jeprof: .jeprof is the format'
shown=$(jeprof --text --show_bytes live.jeprof 2>/dev/null)
like "$shown" "^Total: $live B" 'jeprof reads it without any program'
like "$shown" '205272080 +86\.0% +86\.0% 205272080 +86\.0% std::__new_all' \
	'jeprof: with the same numbers'
query=$(jq '[.stacks[] | select(any(.frames[];
	.function == "search::Session::query")).bytes] | add' report.json)
like "$shown" " $query +[0-9.]+% search::Session::query" \
	'jeprof: of callers, too'
heapsnap report hostile.heap -f jeprof >hostile.jeprof
harmless hostile.jeprof jeprof
like "$(jeprof --text --show_bytes hostile.jeprof 2>/dev/null)" \
	'^Total: 55000 B' 'jeprof: names break nothing'
heapsnap report "$after" -f jeprof --by file >files.jeprof
like "$(jeprof --text --show_bytes files.jeprof 2>/dev/null)" \
	"^Total: $live B
205272080 .* /srv/searchd/src/cache/cache\\.cc" 'jeprof: of files, too'
run heapsnap diff "$before" "$after" -f jeprof
is "$status" 2 'jeprof: a diff is refused'
is "$err" "heapsnap: -f jeprof is for one snapshot, not for a diff
heapsnap: hint: write one file of each with 'heapsnap report', then: jeprof \
--base=BEFORE.jeprof AFTER.jeprof" 'jeprof: with what to do instead'

# --- pprof -------------------------------------------------------------------

. "$ROOT/tests/e2e/pprof.sh"
run heapsnap report "$after" -o live.pb.gz
is "$status$err" 0 'pprof: .pb.gz is the format'
is "$(pprof_flat live.pb.gz)" "$(json_flat report.json)" \
	'pprof shows the same functions with the same bytes'
is "$(pprof -sample_index=inuse_objects -top live.pb.gz | grep -o 'of .* tot')" \
	"of $(jq .totals.objects report.json) tot" 'pprof: and objects'
raw=$(pprof -raw live.pb.gz)
like "$raw" $'\nPeriodType: space bytes\nPeriod: 524288\n' 'pprof: the period'
like "$raw" $'inuse_objects/count inuse_space/bytes\\[dflt\\]\n' \
	'pprof: what is counted'
build_id=4a1b0c5d2e3f40516273849506a7b8c9d0e1f203
like "$raw" "1: 0x55d0c0de0000/0x55d0c11e0000/0x0 /srv/searchd/bin/searchd \
$build_id \\[FN\\]\\[FL\\]\\[LN\\]\\[IN\\]" 'pprof: mappings with their build-ids'
like "$raw" '0x55d0c0dfa2b3 M=1 std::__new_allocator::allocate '\
'/usr/include/c\+\+/12/bits/new_allocator\.h:137(:0)? s=0\(_ZNSt[^)]*\)
 +search::Cache::put /srv/searchd/src/cache/cache\.cc:214(:0)? s=0\(_ZN6search5Cache' \
	'pprof: lines, inlined functions and linkage names'

heapsnap report "$before" -o was.pb.gz
heapsnap diff "$before" "$after" -o growth.pb.gz
is "$(pprof_flat growth.pb.gz)" "$(json_flat diff.json)" \
	'pprof: a diff has what grew and what shrank'
is "$(pprof -top growth.pb.gz | grep -A99 '^Showing')" \
	"$(pprof -top -diff_base was.pb.gz live.pb.gz | grep -A99 '^Showing')" \
	'pprof: and is what -diff_base makes of the two'
like "$(pprof -comments growth.pb.gz)" '^heap growth of searchd \(pid 25861\) on web3
before: .*searchd-before\.heap, taken at 2026-11-23T06:04:17Z
after: ' 'pprof: with comments that say of what'
heapsnap report hostile.heap -f pprof >hostile.pb.gz
gzip -dc hostile.pb.gz >hostile.pb
ok 'pprof: all of it is compressed' test -s hostile.pb
pprof -raw hostile.pb.gz >hostile.raw
harmless hostile.raw pprof
like "$(pprof -top -unit=b hostile.pb.gz)" '55000B total' \
	'pprof: names break nothing'

accum=$data/jemalloc-5.3.1-accum.heap
types='alloc_objects/count alloc_space/bytes inuse_objects/count inuse_space/bytes'
heapsnap report -q "$accum" -o ever.pb.gz
like "$(pprof -raw ever.pb.gz)" $'\n'"$types\\[dflt\\]"$'\n' \
	'pprof: with prof_accum also what was allocated since the start'
in_use=$(heapsnap report -q "$accum" -f json | jq .totals.bytes)
ever=$(heapsnap report -q "$accum" --alloc -f json | jq .totals.bytes)
is "$(pprof_flat ever.pb.gz)" "$in_use t-5.3.1+0xa4e00" \
	'pprof: what is in use is what the report says'
is "$(pprof_flat -sample_index=alloc_space ever.pb.gz)" \
	"$ever t-5.3.1+0xa4e00" 'pprof: and so is what was allocated'
heapsnap report -q "$accum" -o alloc.pb.gz --alloc
like "$(pprof -raw alloc.pb.gz)" $'\n'"${types/space\/bytes/space/bytes\\[dflt\\]}" \
	'pprof: --alloc shows that first'

# The bytes of each thread, as "BYTES NAME".
pprof_threads() {
	pprof -tags -unit=b "$@" | sed -nE \
		's/^ +(-?[0-9]+)\.0B? +\([^)]*\): (.*)/\1 \2/p' | LC_ALL=C sort
}
json_threads() {
	jq -r '.stacks[] | select(.bytes != 0) |
		"\(.bytes) \(.frames[0].function)"' "$1" | LC_ALL=C sort
}
exact=$data/jemalloc-5.3.0-exact.heap
heapsnap report -q "$exact" -o threads.pb.gz
heapsnap report -q "$exact" --by thread -f json >threads.json
is "$(pprof_threads threads.pb.gz)" "$(json_threads threads.json)" \
	'pprof: samples have their threads'
like "$(pprof -top -unit=b -tagfocus='thread=my worker' threads.pb.gz)" \
	'accounting for 224000B, ' 'pprof: one thread can be looked at'
# What was sampled of each thread does not add up to the whole, which is what
# pprof shows all the same.
printf '%s\n' heap_v2/524288 '  t*: 3: 3000000 [0: 0]' \
	'  t1: 2: 2000000 [0: 0]' '  t2: 1: 1000000 [0: 0]' '@ 0x10 0x20' \
	'  t*: 3: 3000001 [0: 0]' '  t1: 2: 2000000 [0: 0]' \
	'  t2: 1: 16 [0: 0]' '' 'MAPPED_LIBRARIES:' >uneven.heap
heapsnap report -q uneven.heap -o uneven.pb.gz
heapsnap report -q uneven.heap -f json >uneven.json
is "$(pprof -raw uneven.pb.gz | awk '$2 ~ /:$/ { sum += $2 } END { print sum }')" \
	"$(jq .totals.bytes uneven.json)" 'pprof: threads add up to the total'
heapsnap report -q "$data/jemalloc-5.3.0-exact-restarted.heap" -o again.pb.gz
heapsnap diff -q "$exact" "$data/jemalloc-5.3.0-exact-restarted.heap" \
	-o restarted.pb.gz
is "$(pprof -tags -unit=b restarted.pb.gz | grep -c 't0$')" 1 \
	'pprof: a diff has its threads'

# A terminal of its own.
script -qec "$HEAPSNAP report $after -f pprof" /dev/null </dev/null >tty.out
is "$?" 2 'pprof: a terminal is refused'
is "$(tr -d '\r' <tty.out)" "heapsnap: -f pprof is not for a terminal
heapsnap: hint: write it to a file with -o FILE" 'pprof: with a hint'

# --- tree --------------------------------------------------------------------

run heapsnap diff "$before" "$after" -f tree
is "$status" 0 'tree: a call tree is drawn'
is "$out" "$(cat "$data/golden/tree.txt")" 'tree: as it was seen to be right'
run heapsnap diff "$before" "$after" -f tree --bytes
like "$out" $'\n *'"\\+$total B  all"$'\n' 'tree: the root is the change of all'
run heapsnap report "$after" -o live.tree --bytes
like "$(cat live.tree)" "^live heap .*"$'\n'"$live B  all" \
	'tree: .tree is the format'
run heapsnap report -q many.heap -f tree --bytes
like "$out" $'\n344850 B +`- \.\.\. 300 more \\(-v shows them\\)' \
	'tree: small branches are shown as one'
run heapsnap report -q many.heap -f tree -v
is "$(grep -c '|-\|`-' <<<"$out")" 301 'tree: -v shows them all'
run heapsnap report -q "$exact" -f tree --columns thread,module --bytes
like "$out" $'\n7179840 B  2 threads +all\n' 'tree: how many threads'
like "$out" $'\n +224000 B  my worker \\(t1\\)  libc\\.so\\.6 +\\|- ' \
	'tree: which thread, and the module'
run heapsnap diff -q "$exact" "$data/jemalloc-5.3.0-exact-restarted.heap" \
	-f tree --columns thread
like "$out" $'\n\\+546\\.9 KiB  t0  `- ' 'tree: the thread of what changed'
unlike "$out" 'worker' 'tree: and no other'
run heapsnap diff "$before" "$after" --columns thread
is "$status $err" "2 heapsnap: --columns is for the tree
heapsnap: hint: say -f tree, too" 'tree: other formats have no columns'
run heapsnap report "$after" -f tree --columns thread,line
is "$err" "heapsnap: invalid --columns 'thread,line': want thread, module or both \
with a comma
heapsnap: hint: try 'heapsnap report --help'" 'tree: nor are there others'
{
	printf 'heap_v2/1\n  t*: 0: 0 [0: 0]\n@'
	seq -f ' 0x%.0f' -s '' 10000 15000
	printf '  t*: 1: 8 [0: 0]\n  t0: 1: 8 [0: 0]\n\nMAPPED_LIBRARIES:\n'
} >deep.heap
run heapsnap report -q deep.heap -f tree
is "$status $(wc -l <<<"$out")" '0 5004' 'tree: any depth'
heapsnap report hostile.heap -f tree >hostile.tree
harmless hostile.tree tree

# --- svg ---------------------------------------------------------------------

# svg_row FILE N: the bytes of all boxes N rows above the lowest.
svg_row() {
	python3 - "$@" <<'PY'
import re, sys, xml.dom.minidom as m
rows = {}
for g in m.parse(sys.argv[1]).getElementsByTagName("g"):
    y = float(g.getElementsByTagName("rect")[0].getAttribute("y"))
    title = g.getElementsByTagName("title")[0].firstChild.data
    size = int(re.search(r"\n(\d+) B, ", title).group(1))
    rows.setdefault(-y, []).append(size)
print(sum(rows[sorted(rows)[int(sys.argv[2])]]))
PY
}
run heapsnap diff "$before" "$after" -o growth.svg --bytes
is "$status$err" 0 'svg: .svg is the format'
is "$(svg_row growth.svg 0) $(svg_row growth.svg 1)" "$live $live" \
	'svg: the boxes add up to what is live'
like "$(cat growth.svg)" 'search::Cache::put
[^<]*cache\.cc:214
205272080 B, 85\.8%; \+177902469 B</title>' 'svg: a title says all'
heapsnap diff "$data"/moves-[12].heap -o moves.svg
like "$(cat moves.svg)" '<title>old_cache
[^<]*
16\.6 MiB, 39\.8%; -20\.6 MiB</title><rect [^>]*width="[67][0-9]{2}\.[0-9]*" [^>]*fill="#52' \
	'svg: a cache that drains is blue, as wide as it was'
heapsnap diff "$after" "$before" -o gone.svg 2>/dev/null
like "$(cat gone.svg)" '<title>libvendor\.so\.3\+0x5d21
[^<]*0 B, 0\.0%; -6\.9 MiB</title>' 'svg: what is gone has a box'
heapsnap report hostile.heap -f svg --bytes >hostile.svg
harmless hostile.svg svg
is "$(svg_row hostile.svg 2)" 55000 'svg: names are text'

# --- in all of them ----------------------------------------------------------

for format in tree svg folded csv dot jeprof pprof markdown junit sarif; do
	heapsnap report "$after" -f $format >/dev/full 2>full.err
	is "$? $(cat full.err)" '6 heapsnap: cannot write to standard output: '\
'No space left on device' "$format: a full disk is an error"
	run heapsnap report "$after" -f $format --focus nothing.matches
	is "$status$err" 0 "$format: nothing to show is no error"
	run heapsnap report "$after" -f $format --by function
	is "$status$err" 0 "$format: --by function"
done
done_testing
