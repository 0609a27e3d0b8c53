#!/bin/bash
# Dumps of other writers, systems and times, and such as mailers, editors and
# closed descriptors leave behind: the numbers are the right ones, names are those
# of the maps however these are written, what is missing is said, and what is no
# heap dump is refused by its name. tests/data/README.md tells where each file is
# from and how its numbers are known.
. "${0%/*}/../lib.sh"

data=$ROOT/tests/data/foreign
cd "$TMP" || exit 1

# json FILE QUERY: of its report, with all stacks.
json() {
	heapsnap report -q "$1" -f json -o out.json && jq -r "$2" out.json
}

# bytes FILE: the total of its report.
bytes() {
	json "$1" .totals.bytes
}

# warnings FILE: one a line, without the folder.
warnings() {
	json "$1" '.snapshot.warnings[]' | sed "s|$data/||g"
}

# frames FILE: the innermost ones of its largest stack, FUNCTION or MODULE+OFFSET.
frames() {
	heapsnap report -q "$1" --top 1 -o out.txt
	sed -n '/^#1/,$p' out.txt | sed -n '2,$s/^    \([^ ]*\).*/\1/p'
}

# --- Go's text ---------------------------------------------------------------

# go tool pprof -diff_base: 23.94MB in main.leakSessions, 24 of 25 MiB leaked.
heapsnap diff -q "$data/go-debug1-before.heap" "$data/go-debug1-after.heap" \
	-f json -o out.json
is "$(jq -r '.totals.bytes / 1048576 * 100 | round' out.json)" 2394 \
	'Go: the growth is what pprof has'
is "$(jq -r '.stacks[0].frames[0] | "\(.function) \(.file):\(.line)"' out.json)" \
	'main.leakSessions /tmp/bw/go2/main.go:7' 'Go: with the names of the dump'
is "$(warnings "$data/go-debug1-after.heap")" '' 'Go: nothing is missing'
# Each line by 1 / (1 - exp(-size / 524288)), summed by hand.
is "$(bytes "$data/go-debug1-with-banner.heap")" \
	"$(python3 - "$data/go-debug1-with-banner.heap" <<-'END'
		import math, re, sys
		total = 0
		for line in open(sys.argv[1]):
		    m = re.match(r'(\d+): (\d+) \[', line)
		    if m and int(m[1]):
		        n, b = int(m[1]), int(m[2])
		        total += b / -math.expm1(-b / n / 524288)
		print(round(total))
	END
	)" 'Go: behind a banner'
is "$(warnings "$data/go-debug1-with-banner.heap")" \
	"go-debug1-with-banner.heap:1: not of the dump, which begins below: \
passed over (and 3 more such lines)" 'Go: the banner is said'
{
	printf 'HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\n\r\n'
	cat "$data/go-debug1-after.heap"
} >http.heap
is "$(bytes http.heap)" "$(bytes "$data/go-debug1-after.heap")" \
	'Go: behind headers of HTTP'
# 2,000 objects of 1 MiB, of which 1 - exp(-2) are sampled.
printf 'heap profile: 1729: %s [1729: %s] @ heap/1048576\n%s\n#\t0x1\tf+0x1\tf.go:1\n' \
	1812987904 1812987904 '1729: 1812987904 [1729: 1812987904] @ 0x2' >go.heap
json go.heap '.totals | "\(.bytes / 1e7 | round) \(.bytes_se > 1e7)"' >got
is "$(cat got)" '210 true' 'Go: large objects are estimates, too'
printf 'heap profile: 0: 0 [0: 0] @ heap/0\n\n# runtime.MemStats\n' >off.heap
is "$(warnings off.heap)" \
	'off.heap:1: the heap was not sampled, so there is nothing in it' \
	'Go: without sampling'

# --- comments, blank lines ---------------------------------------------------

is "$(bytes "$data/heap_v2-hash-line-between-stacks.heap")" 7179840 \
	'a comment between stacks does not end them'
is "$(json "$data/heap_v2-hash-line-between-stacks.heap" .totals.objects)" 110102 \
	'nor the count of objects'
is "$(frames "$data/quipper-comment-before-maps.heap" | tr '\n' ' ')" \
	'chrome+0x7242c41 chrome+0x724163d ' 'a comment before the maps'
want=$(bytes "$ROOT/tests/data/jemalloc-5.2.1.heap")
sed 's/^@/# noted\n\n@/; s/^MAPPED/# the maps\nMAPPED/; s/ r-xp/\t r-xp/' \
	"$ROOT/tests/data/jemalloc-5.2.1.heap" >commented.heap
is "$(bytes commented.heap) $(warnings commented.heap)" "$want " \
	'comments and blank lines everywhere'
is "$(frames commented.heap)" \
	"$(frames "$ROOT/tests/data/jemalloc-5.2.1.heap")" 'cost no name'
# What mailers do to blanks and line ends.
sed 's/: /:   /g; s/$/ \t/; s/\[/[ /; s/^MAPPED_LIBRARIES: .*/MAPPED_LIBRARIES: /; s/ @/  @/; s/ 0x/\t 0x/g; s/$/\r/' \
	"$ROOT/tests/data/jemalloc-5.2.1.heap" >mailed.heap
is "$(bytes mailed.heap) $(warnings mailed.heap)" "$want " \
	'tabs, several blanks, CR LF'
sed 's/^/\t/' "$ROOT/tests/data/jemalloc-5.2.1.heap" >indented.heap
is "$(bytes indented.heap) $(warnings indented.heap)" "$want " 'indented as a whole'
is "$(frames indented.heap)" "$(frames "$ROOT/tests/data/jemalloc-5.2.1.heap")" \
	'costs no name'
grep -v '^  t[0-9]' "$ROOT/tests/data/jemalloc-5.2.1.heap" >sums.heap
is "$(bytes sums.heap) $(warnings sums.heap)" "$want " \
	'stacks with the sum of the threads only'
{
	cat "$ROOT/tests/data/jemalloc-5.2.1.heap"
	cat "$ROOT/tests/data/jemalloc-5.2.1.heap"
} >two.heap
run heapsnap report two.heap
like "$status $err" '^2 heapsnap: two.heap:[0-9]+: another dump begins here
heapsnap: hint: give each dump as a file of its own$' 'two dumps are refused'

# --- what is missing ---------------------------------------------------------

run heapsnap report "$data/gperftools-2.10-cut-at-1MiB.heap.gz" --top 1
like "$err" '41% of the bytes that its header names are in it, 3.2 MiB of 7.8 MiB: stacks are missing' \
	'gperftools, cut at 1 MiB: on stderr'
like "$err" 'hint: gperftools writes no more than 1 MiB of a profile' 'and why'
like "$(tr -s '\n ' ' ' <<<"$out")" \
	'41% of the bytes that its header names are in it' 'in the text'
is "$(json "$data/gperftools-2.10-cut-at-1MiB.heap.gz" \
	'"\(.totals.bytes) \(.snapshot.warnings | length)"')" '3386000 1' 'in the JSON'
heapsnap report -q "$data/gperftools-2.10-cut-at-1MiB.heap.gz" -o out.html
like "$(cat out.html)" '41% of the bytes that its header names' 'in the page'
head -8 "$data/heap_v2-hash-line-between-stacks.heap" >cut.heap
is "$(warnings cut.heap | tail -1)" 'cut.heap: less than 1% of the bytes that '\
'its header names are in it, 3.1 KiB of 6.8 MiB: stacks are missing' \
	'heap_v2, cut at the end of a line'
head -5 "$data/go-debug1-after.heap" >cut-go.heap
like "$(warnings cut-go.heap)" 'cut-go.heap: 89% of the bytes' 'Go, cut'
for file in "$ROOT"/tests/data/*.heap; do
	is "$(warnings "$file")" '' "nothing is missing of ${file##*/}"
done

# --- gperftools --------------------------------------------------------------

# jeprof --show_bytes: 18758999, without the lines of less than no objects.
mmap=$data/gperftools-2.10-node-HEAP_PROFILE_MMAP.heap.gz
is "$(bytes "$mmap")" 18758999 'gperftools: mappings that were cut up'
is "$(warnings "$mmap" | sed "s/.*heap.gz//")" ':15: less than no objects, which is '\
'what unmapping parts of a mapping leaves: passed over (and 2 more such lines)
: it may lack stacks: it is as long as such a dump can be' \
	'gperftools: what is passed over'
cat >shared.c <<'C'
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

static void *blocks[1000];

__attribute__((noinline)) static void leak(void)
{
	for (int i = 0; i < 1000; i++) {
		blocks[i] = malloc(5000);
		memset(blocks[i], 1, 5000);
	}
}

int main(void)
{
	char *shared = mmap(NULL, 1 << 16, PROT_READ | PROT_WRITE,
			    MAP_SHARED | MAP_ANONYMOUS, -1, 0);

	if (shared == MAP_FAILED)
		return 1;
	*shared = 1;
	leak();
	return blocks[999] == NULL;
}
C
gcc -g -O1 -o shared shared.c -Wl,--no-as-needed -ltcmalloc
HEAPPROFILE=$TMP/shared ./shared 2>/dev/null
is "$(grep -c ' rw-- .* /dev/zero' shared.0001.heap)" 1 \
	'gperftools: one that has shared memory now'
is "$(json shared.0001.heap '.stacks[0] | "\(.bytes) \(.frames[0].function)"')" \
	'5000000 leak' 'is named'
is "$(bytes "$data/gperftools-2.10-shared-mapping.heap")" 5000000 \
	'gperftools: memory that is shared, in the maps'
is "$(warnings "$data/gperftools-2.10-shared-mapping.heap")" '' \
	'gperftools: has maps that are read'
is "$(warnings "$data/gperftools-283-heap_v2-0.heap")" \
	'gperftools-283-heap_v2-0.heap:1: the heap was not sampled, so there is nothing in it' \
	'gperftools: nothing was sampled'
printf 'heap_v2/0\n  t*: 0: 0 [0: 0]\n\nMAPPED_LIBRARIES:\n' >zero.heap
is "$(bytes zero.heap) $(warnings zero.heap)" '0 zero.heap:1: the heap was not '\
'sampled, so there is nothing in it' 'heap_v2/0, as a line of its own'
printf 'heap_v2/0\n  t*: 9: 72 [0: 0]\n@ 0x1\n  t*: 9: 72 [0: 0]\n' >zero.heap
is "$(bytes zero.heap) $(warnings zero.heap | head -1)" '72 zero.heap:1: the heap '\
'was not sampled: the numbers are as they were written' 'heap_v2/0 with numbers'
printf '%s\n' 'heap profile:   10:   1000 [-7: 77431032638] @ heapprofile' \
	'    10:    1000 [-7: 77431032638] @ 0x1 0x2' >overflow.heap
is "$(bytes overflow.heap)" 1000 'gperftools: what is live is right'
run heapsnap report --alloc overflow.heap
is "$status $(tail -1 <<<"$err")" "2 heapsnap: 'overflow.heap' does not tell what was \
allocated since the start: what it counts since the start overflowed 32 bits, \
first in line 2" 'gperftools: what was allocated is not known'

# --- maps --------------------------------------------------------------------

# jeprof: 1658822, which it cuts to whole bytes.
between "$(bytes "$data/freebsd-procfs-map.heap")" 1658822 1658823 'FreeBSD: total'
is "$(frames "$data/freebsd-procfs-map.heap" | head -2 | tr '\n' ' ')" \
	'ld-elf.so.1+0x1234 libc.so.7+0x12344 ' 'FreeBSD: names of modules'
# go tool pprof: 80935293, of 31 stacks which it cuts to whole bytes each.
between "$(bytes "$data/pprof-testdata-cppbench.heap")" 80935293 80935324 \
	'source=: total'
is "$(frames "$data/pprof-testdata-cppbench.heap" | head -1)" \
	cppbench_server_main+0x8635c8 'source=: names of modules'

# maps LINE...: a dump with these, of two addresses; shows what they become.
maps() {
	printf '%s\n' 'heap_v2/1' '  t*: 1: 64 [0: 0]' '@ 0x401234 0x601235' \
		'  t*: 1: 64 [0: 0]' '' 'MAPPED_LIBRARIES:' "$@" >maps.heap
	frames maps.heap | tr '\n' ' '
	warnings maps.heap
}

is "$(maps '400000-500000: /Applications/server' '600000-700000: /usr/lib/x.dylib')" \
	'server+0x1234 x.dylib+0x1234 ' 'macOS'
is "$(maps '00400000-00500000 r-xp 00000000 00:00 0   C:\srv\server.exe' \
	'00600000-00700000 r-xp 00000000 00:00 0   \\host\share\my x.dll')" \
	'server.exe+0x1234 my ' 'Windows'
is "$(maps '0x600000-0x700000	r-xp	0	fe:00	12	/lib/x.so' \
	'0x400000-0x500000 r-xp 00000000 fe:00 11 /srv/a')" \
	'a+0x1234 x.so+0x1234 ' '0x, tabs, not sorted'
is "$(maps '0x400000 0x500000 1 0 0xfffff800035a0000 r-x 2 1 0x1000 COW NC vnode /srv/my app NCH -1' \
	'0x600000 0x700000 2 0 0xfffff80003599000 r-x 1 0 0x3000 COW NNC vnode /lib/x.so CH 1001')" \
	'my x.so+0x1234 ' 'FreeBSD, a path with a blank'
is "$(maps '400000 500000 /srv/a' '600000-700000 r-xp /lib/x.so (@2000) 1f2e3d4c')" \
	'a+0x1234 x.so+0x3234 ' "pprof's short lines: two words, the offset behind"
is "$(maps 'I0102 03:04:05.0 71 a.cc:12] 400000-500000: a' \
	'I0102 03:04:05.0 71 a.cc:12] 600000-700000 r-xp 0 0:0 0 [vdso]')" \
	'a+0x1234 [vdso]+0x1234 ' 'out of a log'
# shellcheck disable=SC2016 # it is what such lists have
is "$(maps '  source=/home' 'build=/build' '400000-500000: $source/a' \
	'600000-700000 r-xp 00001000 fe:00 12 $build/x.so' | tee maps.out)" \
	'a+0x1234 x.so+0x2234 ' 'source= and build='
is "$(json maps.heap '[.stacks[0].frames[].module] | join(" ")')" '/home/a /build/x.so' \
	'are put before the paths'
is "$(maps '400000-500000 rwxp 00000000 00:00 0 ' \
	'600000-700000 r-xp 00000000 00:00 0 [anon:jit]')" '0x401234 0x601234 ' \
	'an address in no file is not called an offset'
is "$(json maps.heap '[.stacks[0].frames[] | .file_offset] | join(" ")')" ' ' \
	'nor is it one in the JSON'
is "$(maps '300000-480000 rw-p 00000000 00:00 0' \
	'400000-500000 r-xp 00000000 fe:00 11 /srv/a' \
	'600000-700000 r-xp 00000000 fe:00 12 /lib/x.so' \
	'600000-700000 r-xp 00000000 fe:00 12 /lib/x.so')" \
	'a+0x1234 x.so+0x1234 ' 'lines that overlap'
# jeprof takes the one that begins last, too.
is "$(maps '300000-800000 r-xp 00000000 fe:00 11 /srv/a' \
	'600000-602000 r-xp 00000000 fe:00 12 /lib/x.so')" \
	'a+0x101234 x.so+0x1234 maps.heap: its mappings of code overlap, first at '\
'0x600000: there the one that begins last gives the names' 'code that overlaps'
is "$(maps '400000-500000 r-xp 00000000 fe:00 11 /srv/a' 'what is this' \
	'600000-700000 r-xp 00000000 fe:00 12 /lib/x.so')" \
	'a+0x1234 x.so+0x1234 maps.heap:8: not a memory mapping: passed over, and '\
'code there would have no name' 'a line of something else'
maps '400000-500000 r-xp 00000000 fe:00 11 /srv/a' \
	'600000-700000 r-xp 00000000 fe:00 12 /lib/x' >/dev/null
truncate -s -2 maps.heap
is "$(warnings maps.heap)" 'maps.heap:8: the file ends within this line, which is '\
'passed over' 'the last line is cut off'
is "$(frames maps.heap | head -1)" a+0x1234 'which costs no other name'

# Each run of a program has its own addresses, also where paths are Windows'.
for base in 400000-500000 900000-a00000; do
	maps "$base r-xp 00000000 00:00 0   C:\srv\server.exe" >/dev/null
	sed "s/0x401234 0x601235/0x${base:0:1}01234/" maps.heap >"$base.heap"
done
is "$(heapsnap diff -q 400000-500000.heap 900000-a00000.heap -f json -o out.json &&
	jq -c '[.totals.bytes, (.stacks | length)]' out.json)" '[0,0]' \
	'Windows: what did not grow, elsewhere in memory'
# Code that node copied to anonymous memory is where its file would be.
node=$data/node-use-largepages.heap
json "$node" '.stacks[0].frames[1:4][] | "\(.module) \(.address) \(.file_offset)"' >got
while read -r module address offset; do
	is "$module $((offset))" "/usr/bin/node $((address - 0xc00000 + 0x800000))" \
		"large pages: $address is the file's"
done <got
is "$(wc -l <got)" 3 'in all frames that are there'

# --- jemalloc's own messages -------------------------------------------------

# The program: 30 objects of 1,024 bytes and one of 81,920.
message=$data/jemalloc-message-at-start.heap
is "$(bytes "$message")" 112640 'a message of jemalloc at the start'
is "$(warnings "$message")" "jemalloc-message-at-start.heap:1: a message of \
jemalloc's own in the dump: passed over (and 1 more such line)" 'is said'
# In the middle of a line, as at the end of a piece of 64 KiB.
python3 - "$message" <<-'END' >middle.heap
	import sys
	lines = open(sys.argv[1]).read().split("\n", 2)
	at = lines[2].index("0x7fc1ef0a2630") + 7
	print(end=lines[2][:at] + lines[0] + "\n" + lines[1] + "\n" + lines[2][at:])
END
is "$(bytes middle.heap)" 112640 'within a line'
is "$(frames middle.heap)" "$(frames "$message")" 'it costs no name'

# --- no stacks ---------------------------------------------------------------

run heapsnap report -q "$data/no-frames-heapprofile.heap"
like "$(tr '\n' ' ' <<<"$out")" ': 258.0 MiB; of 100% of it no call stack was recorded\.' \
	'no call stack: in the first sentence'
like "$out" '#1  258.0 MiB  274,808 objects  100% of live heap
    no call stack was recorded' 'a stack without frames says so'
is "$(warnings "$data/no-frames-heapprofile.heap")" \
	'no-frames-heapprofile.heap: for 100% of the bytes no call stack was recorded: '\
'this build of the allocator has no unwinder that works here' 'and why'

# --- what is no heap dump ----------------------------------------------------

# refused FILE SEEMS NAME
refused() {
	run heapsnap report "$1"
	like "$status $err" "^2 heapsnap: .*: seems to be $2" "$3"
	like "$err" 'heapsnap: hint: ' "$3: what to do"
}

refused "$data/pprof-testdata-java.heap" 'a heap profile of Java' 'heapz of Java'
for format in pb.gz html svg csv dot tree json md; do
	heapsnap diff -q "$ROOT/tests/data/searchd-before.heap" \
		"$ROOT/tests/data/searchd-after.heap" -o "own.$format"
done
for format in junit sarif; do
	heapsnap diff -q "$ROOT/tests/data/searchd-before.heap" \
		"$ROOT/tests/data/searchd-after.heap" -f "$format" -o "own.$format"
done
refused own.pb.gz 'the difference of two profiles' 'our own diff for pprof'
refused own.html 'a web page, as heapsnap writes' 'our own page'
refused own.svg 'a picture' 'our own flame graph'
refused own.csv 'a table \(CSV\) of heapsnap' 'our own table'
refused own.dot 'a graph for dot' 'our own graph'
refused own.tree 'a report of heapsnap' 'our own tree'
refused own.json 'a report of heapsnap' 'our own JSON'
heapsnap report -q "$ROOT/tests/data/searchd-after.heap" -o own.folded
refused own.folded 'folded stacks' 'our own folded stacks'
refused own.md 'a report of heapsnap \(markdown\)' 'our own markdown'
refused own.junit 'test results \(JUnit\), as heapsnap' 'our own test results'
refused own.sarif 'results in SARIF, as heapsnap' 'our own SARIF'
printf '{"snapshot":{"meta":{"node_fields":[' >v8
refused v8 'a heap snapshot of V8' 'a heap snapshot of V8'
printf 'JAVA PROFILE 1.0.2\0\0\0\0\b' >hprof
refused hprof 'a heap dump of Java' 'hprof'
head -2 "$message" >lines
refused lines "a message of jemalloc's own" 'a message of jemalloc alone'
printf 'goroutine profile: total 5\n' >goroutine
refused goroutine 'a list of goroutines' 'goroutines'
done_testing
