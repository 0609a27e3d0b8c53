#!/bin/bash
# Profiles of pprof are read: bytes, objects and names are those that `go tool
# pprof' shows, whoever wrote them; our own give the report of the heap that they
# were made of; and what is damaged, or of something else, is refused by name.
# tests/data/README.md tells where the files are from.
. "${0%/*}/../lib.sh"
. "$ROOT/tests/e2e/pprof.sh"

data=$ROOT/tests/data
profiles=$data/foreign/pprof
make=$ROOT/tests/e2e/report/pprof_profile.py
cd "$TMP" || exit 1

# json ARGUMENT...: a report, with all frames, quietly.
json() {
	heapsnap "$@" -q --fold none -f json
}

# --- as go tool pprof shows them ---------------------------------------------

# same FILE INDEX [OPTION]: heapsnap with OPTION shows what pprof shows by INDEX.
same() {
	json report "$1" ${3:+"$3"} >out.json
	is "$(json_flat out.json)" "$(pprof_flat -sample_index="$2_space" "$1")" \
		"${1##*/}: functions and their bytes, $2"
	is "of $(jq .totals.objects out.json) tot" \
		"$(pprof -sample_index="$2_objects" -top "$1" | grep -o 'of .* tot')" \
		"${1##*/}: objects, $2"
}
for file in go-1.pb.gz go-2.pb.gz go-exact.pb.gz go-plain.pb; do
	same "$profiles/$file" inuse
	same "$profiles/$file" alloc --alloc
done
same "$profiles/node-1.pb.gz" inuse
same "$profiles/node-2.pb.gz" inuse
same "$profiles/gperftools.pb.gz" inuse

# flat_at FILE INDEX: as "BYTES ADDRESS MODULE", for code without names.
flat_at() {
	pprof -top -addresses -nodefraction=0 -unit=b -sample_index="$2" "$1" |
		sed -nE 's/^ *([0-9]+)B .* 0*([0-9a-f]+) (.*)$/\1 0x\2 \3/p' |
		grep -v '^0 ' | LC_ALL=C sort
}
# flat_in FILE: the same by the field of the JSON that is called FIELD.
flat_in() {
	json report "$1" | jq -r --arg field "$2" '[.stacks[] | { bytes,
		f: (.frames[0] | "\(.[$field]) \(if .module then
			"[\(.module | split("/")[-1])]" else "<unknown>" end)") }] |
		group_by(.f) | map("\([.[].bytes] | add) \(.[0].f)")[]' |
		LC_ALL=C sort
}
is "$(flat_in "$profiles/pprof-format.pb" address)" \
	"$(flat_at "$profiles/pprof-format.pb" space)" \
	'pprof-format, as of tcmalloc: code without names'
is "$(json report "$profiles/pprof-format.pb" | jq .totals.objects)" 4387 \
	'pprof-format: objects'
is "$(flat_in "$profiles/go-debug1.pb.gz" address)" \
	"$(flat_at "$profiles/go-debug1.pb.gz" inuse_space)" \
	'Go, by way of pprof: code without files'
is "$(flat_in "$profiles/jemalloc_pprof.pb.gz" offset)" \
	"$(flat_at "$profiles/jemalloc_pprof.pb.gz" inuse_space)" \
	"jemalloc_pprof: the files' own addresses"
is "$(json_flat <(json report "$profiles/pypprof.pb.gz"))" \
	"$(pprof_flat -sample_index=HEAP "$profiles/pypprof.pb.gz")" 'pypprof'
# diff FILE FILE
json diff "$profiles/go-1.pb.gz" "$profiles/go-2.pb.gz" >out.json
is "$(json_flat out.json)" "$(pprof_flat -sample_index=inuse_space \
	-diff_base "$profiles/go-1.pb.gz" "$profiles/go-2.pb.gz")" \
	'a diff is that of -diff_base'
json diff "$profiles/node-1.pb.gz" "$profiles/node-2.pb.gz" >out.json
is "$(json_flat out.json | grep -v '^0 ')" "$(pprof_flat -diff_base \
	"$profiles/node-1.pb.gz" "$profiles/node-2.pb.gz")" \
	'so it is of code that has names only'
is "$(jq -c '[.stacks[].frames[].address] | unique' out.json)" '[null]' \
	'which has no address'
run heapsnap diff -q "$profiles/go-1.pb.gz" "$profiles/go-2.pb.gz" \
	"$profiles/go-2.pb.gz"
like "$status $out" '^0 .*main\.strs' 'a trend'

# --- how sure they are -------------------------------------------------------

# jemalloc's estimate of a stack is scaled in one step, as Go's: the error that is
# computed back is that of the dump.
printf '%s\n' heap_v2/524288 '  t*: 7: 70000 [0: 0]' '@ 0x10 0x20' \
	'  t*: 7: 70000 [0: 0]' '' 'MAPPED_LIBRARIES:' >seven.heap
heapsnap report -q seven.heap -o seven.pb.gz
is "$(json report seven.pb.gz | jq '.stacks[0].bytes_se / 1000 | round')" \
	"$(json report seven.heap | jq '.stacks[0].bytes_se / 1000 | round')" \
	'the error is that of the samples'
is "$(json report "$profiles/go-exact.pb.gz" | jq '.totals.bytes_se + 0')" 0 \
	'none where all is recorded'
run heapsnap report "$profiles/jemalloc_pprof.pb.gz"
like "$err" 'it does not tell how the heap was sampled: how far off its numbers are is not known' \
	'nothing is said to be exact that may not be'
like "$err" 'it does not count objects, only their bytes' 'objects that are not counted'
like "$out" 'how it was sampled is not known' 'in the text, too'
is "$(json report "$profiles/jemalloc_pprof.pb.gz" | jq .snapshot.sample_period)" \
	null 'and in the JSON'

# --- objects that are not counted --------------------------------------------

# Of numbers that are not known there are none in any report, not even 0.
uncounted=$profiles/jemalloc_pprof.pb.gz
is "$(jq -c '[.. | objects | select(has("objects")).objects] | unique' \
	<<<"$(json report "$uncounted")")" '[null]' 'JSON: null'
is "$(json diff "$uncounted" "$uncounted" | jq -c '[.before, .after, .totals] |
	map(.objects) | unique')" '[null]' 'so in a diff'
is "$(heapsnap diff -q "$data/jemalloc-5.3.0-sampled.heap" "$uncounted" -f json |
	jq -c '[(.before.objects > 0), .after.objects, .totals.objects]')" \
	'[true,null,null]' 'one of two counts them'
is "$(heapsnap report -q "$uncounted" -f csv | sed 1d | cut -d, -f2 | sort -u)" '' \
	'CSV: nothing'
for format in text tree markdown junit sarif svg; do
	unlike "$(heapsnap report -q "$uncounted" -f $format)" '[0-9] objects?\b' \
		"$format: no number of objects"
done
unlike "$(heapsnap diff -q "$uncounted" "$uncounted" -f sarif)" '"objects"' \
	'SARIF: no property of that name'
heapsnap report -q "$uncounted" -o bytes.pb.gz
is "$(pprof -raw bytes.pb.gz | sed -n '/^Samples:/{n;s/\[dflt\]$//;p}')" \
	inuse_space/bytes 'pprof: bytes alone'
is "$(json report bytes.pb.gz | jq -c '.totals | [.bytes, .objects]')" \
	"$(json report "$uncounted" | jq -c '.totals | [.bytes, null]')" \
	'which are the same when it is read again'
run heapsnap report -q "$uncounted" --sort objects
is "$status $err" '2 heapsnap: --sort objects needs numbers of objects, which this profile '\
'does not count
heapsnap: hint: --sort bytes' 'they are no order'
run heapsnap report -q "$uncounted" -f jeprof
is "$status $err" '2 heapsnap: -f jeprof needs numbers of objects, which this profile does '\
'not count
heapsnap: hint: -f pprof and -f folded do without' "nor can jeprof's text be written"

# --- our own -----------------------------------------------------------------

# stacks ARGUMENT...: each stack's numbers and frames.
stacks() {
	heapsnap "$@" -q -f json | jq -c '[.totals.bytes, .totals.objects],
		(.stacks[] | [.bytes, .objects, (.frames[] | [.function,
		.linkage_name, .file, .line, .inlined, .module])])' | LC_ALL=C sort
}
for file in searchd-after.heap jemalloc-5.3.0-exact.heap jemalloc-5.3.1-accum.heap \
	python-2.heap.gz stacks-1.heap.gz; do
	heapsnap report -q "$data/$file" -o own.pb.gz
	is "$(stacks report own.pb.gz)" "$(stacks report "$data/$file")" \
		"$file, through pprof and back: the same report"
done
heapsnap report -q "$data/jemalloc-5.3.1-accum.heap" -o accum.pb.gz
is "$(stacks report accum.pb.gz --alloc)" \
	"$(stacks report "$data/jemalloc-5.3.1-accum.heap" --alloc)" \
	'what was allocated, too'
exact=$data/jemalloc-5.3.0-exact.heap
heapsnap report -q "$exact" -o exact.pb.gz
is "$(json report exact.pb.gz --by thread | jq -c '.stacks[] | [.bytes,
	.objects, .frames[0].function]')" \
	"$(json report "$exact" --by thread | jq -c '.stacks[] | [.bytes,
	.objects, .frames[0].function]')" 'and the threads'
is "$(heapsnap diff -q "$exact" exact.pb.gz -f json |
	jq '[.stacks[] | select(.bytes != 0)] | length')" 0 'a dump and its protobuf have nothing that differs'
is "$(heapsnap diff -q "$data/jemalloc-5.3.0-sampled.heap" \
	"$profiles/jemalloc_pprof.pb.gz" --sysroot "$TMP" -f json |
	jq '[.stacks[].bytes | fabs] | max')" 1 \
	'nor have a dump and what another tool made of it, but for rounding'
gunzip -k exact.pb.gz
is "$(stacks report exact.pb)" "$(stacks report "$exact")" 'not compressed'
is "$(stacks report - <exact.pb)" "$(stacks report "$exact")" 'from standard input'
heapsnap report -q "$data/jemalloc-5.3.1-accum.heap" --alloc --by function \
	-o functions.pb.gz
run heapsnap merge -q exact.pb.gz "$profiles/gperftools.pb.gz" -o merged.heap
is "$status $(json report merged.heap | jq .totals.bytes)" "0 $((7179840 + 25951520))" \
	'they can be merged'
run heapsnap merge -q exact.pb.gz "$profiles/jemalloc_pprof.pb.gz" -o no.heap
is "$status $(head -1 <<<"$err")" "2 heapsnap: cannot write 'no.heap': one of the \
profiles does not tell how it was sampled" 'but not to one that seems exact'

# --- any other writer --------------------------------------------------------

# made CHANGE...: $out is the JSON of the profile with these changes.
made() {
	python3 "$make" "$@" >made.pb
	run heapsnap report -q --fold none made.pb -f json
}
# frames: of the last one, as "FUNCTION FILE:LINE MODULE+OFFSET" each.
frames() {
	jq -r '.stacks[0].frames[] | "\(.function) \(.file):\(.line) \(.module)" +
		"+\(.file_offset) \(.inlined)"' <<<"$out"
}
made values=10,1000/5,600000
is "$status $(jq -c '.totals | [.bytes, .objects]' <<<"$out")" '0 [601000,15]' \
	'a profile by hand'
is "$(frames)" 'main main.c:7 /srv/app/exact+0x20 false' 'with names'
made 'locations=1,1,0x1010,1:5,2:7/2,1,0x1010,2:7' stacks=1/2
is "$(jq -c '[.stacks[].frames | map(.function)]' <<<"$out")" \
	'[["main"],["leak","main"]]' \
	'two locations of one address that have other names stay two'
made 'locations=77,0,0,1:5/18446744073709551615,0,0,2:7' \
	'stacks=77/18446744073709551615' mappings=
is "$status $(jq -c '[.stacks[].frames[].function]' <<<"$out")" '0 ["main","leak"]' \
	'numbers of any size, and no mappings'
python3 "$make" 'locations=9,0,0,3:1/2,0,0,2:7/1,0,0,1:5' functions=1:leak/2:main/3:fresh \
	stacks=9/1/2 values=1,2000/10,1000/5,600000 mappings= >later.pb
run heapsnap diff -q --fold none made.pb later.pb -f json
is "$(jq -c '[.stacks[] | select(.bytes != 0) | .frames[0].function, .bytes]' <<<"$out")" \
	'["fresh",2000]' 'code without addresses is the same by its names, in any order'
made 'locations=1,1,0/2,1,0x9999' 'stacks=1/2'
is "$(jq -c '[.stacks[].frames[] | [.function, .address]]' <<<"$out")" \
	'[[null,"0x9999"],["[unknown]",null]]' 'locations of nothing, and of nowhere'
made 'threads=worker/t1'
is "$(heapsnap report -q made.pb --by thread -f json |
	jq -c '[.stacks[].frames[0].function]')" '["t1 (t2)","worker (t1)"]' \
	'threads of others get numbers'
made types=objects:count/space:bytes period=1
is "$(jq -c '[.totals.bytes_se + 0, .snapshot.sample_period]' <<<"$out")" '[0,1]' \
	'every allocation recorded'
made types=alloc_objects:count/alloc_space:bytes
is "$status $err" "2 heapsnap: 'made.pb' does not tell what is in use, only what was \
allocated since the start
heapsnap: hint: --alloc shows that" 'allocations alone'
is "$(heapsnap report -q made.pb --alloc -f json | jq .totals.bytes)" 601000 \
	'which --alloc shows'
# --- functions that a profile wants left out ---------------------------------

# dropped WHAT CHANGE...: what is left is what pprof leaves.
dropped() {
	local what=$1
	shift
	made 'locations=1,1,0x1010,1:5/2,1,0x1020,2:7,3:8/3,1,0x1030,4:9/4,1,0x1040,5:2' \
		'functions=1:malloc/2:inner/3:outer(int)/4:serve/5:main' \
		'stacks=1,2,3,4/1,3,4/4,1/1/2,4' \
		'threads=////' \
		'values=1,100/2,2000/3,30000/4,400000/5,5000000' "$@"
	printf '%s' "$out" >out.json
	is "$(json_flat out.json)" "$(pprof_flat -sample_index=inuse_space made.pb)" \
		"drop_frames: $what"
}
dropped 'none'
dropped 'at the leaf' drop=malloc
dropped 'what they call, too' drop=serve
dropped 'an inlined one' drop=inner
dropped 'what it is inlined into, by its name without arguments' drop=outer
dropped 'several, but those that are kept' 'drop=malloc|outer|serve' 'keep=s.*'
dropped 'the outermost one' drop=main
dropped 'the whole name alone' drop=mall
dropped 'groups that are not remembered' 'drop=(?:mal|in)(loc|ner)'
dropped 'all' 'drop=.*'
plus=$(printf '+)%.0s' {1..40})
for drop in '(mal{1,200}){1,200}' "${plus//+)/(}a$plus" "a${plus//)/}" \
	"$(printf '(%.0s' {1..900})a$(printf '*)%.0s' {1..900})" '((((((((a)+)+)+)+)+)+)+)+'; do
	made "drop=$drop"
	like "$status $(heapsnap report made.pb 2>&1 >/dev/null)" \
		'^0 .*its drop_frames are no regular expression that can be followed: no function is '\
'left out' "none that would need memory or time beyond measure: ${drop:0:20}"
done
cat >tiny.c <<'C'
int tiny(int a) { return a + 1; }
C
gcc -g -O1 -shared -fPIC -Wl,--build-id=sha1 -o tiny.so tiny.c
at=0x$(nm tiny.so | awk '$3 == "tiny" { print $1 }')
id=$(readelf -n tiny.so | awk '/Build ID/ { print $3 }')
made "locations=1,1,$at/2,1,$at" mappings=1,0,0xffffffffffffffff,0 \
	"path=$TMP/tiny.so" "build_id=$id"
is "$(frames)" "tiny $TMP/tiny.c:1 $TMP/tiny.so+$(printf 0x%x $((at))) false" \
	"names for the file's own addresses"
made "locations=1,1,0x7f0000000/2,1,$at" mappings=1,0,0xffffffffffffffff,0 \
	"path=$TMP/tiny.so" "build_id=$id"
run heapsnap report made.pb
like "$err" "'$TMP/tiny.so' has no code where it was in use: it is another build, and \
gives no names" 'but no name from another build'

# --- what is refused ---------------------------------------------------------

# refused WHAT CHANGE...
refused() {
	local what=$1
	shift
	python3 "$make" "$@" >bad.pb
	run heapsnap report bad.pb
	is "$status $(head -1 <<<"$err")" "2 heapsnap: bad.pb: $what" "refused: $what"
}
refused "seems to be a pprof profile of 'samples', 'cpu', not one of a heap" \
	types=samples:count/cpu:nanoseconds
refused "its 'inuse_space' is in 'pages': only bytes can be read" \
	types=inuse_objects:count/inuse_space:pages
refused 'seems to be the difference of two profiles: sample 2 has a negative number' \
	values=10,1000/-5,600000
refused 'damaged profile: sample 1 has 36028797018963969, more than a process can have' \
	values=10,36028797018963969/5,600000
refused 'damaged profile: its numbers add up to more than a process can have' \
	values=10,36028797018963968/5,36028797018963968
refused 'damaged profile: sample 1 has 1 numbers of 2' values=10/5,600000
refused 'damaged profile: sample 2 has location 3, which is not there' stacks=1,2/3
refused 'damaged profile: sample 1 has location 0, which is not there' stacks=0/1
refused 'damaged profile: two have the number 2 of a location' \
	locations=2,1,0x1010/2,1,0x1020
refused 'damaged profile: a function has the number 0, which stands for none' \
	functions=1:leak/0:main
refused 'damaged profile: location 2 has function 9, which is not there' \
	locations=1,1,0x1010,1:5/2,1,0x1020,9:7
refused 'damaged profile: location 1 has mapping 4, which is not there' \
	locations=1,4,0x1010,1:5/2,1,0x1020,2:7
refused 'damaged profile: function 2 has string 99 of 9' 'functions=1:leak/2:#99'
refused 'damaged profile: function 2 has string -1 of 9' 'functions=1:leak/2:#-1'
refused 'damaged profile: its first string is not the empty one' first=x
refused 'damaged profile: it was sampled every -1 bytes' period=-1
refused 'damaged profile: it is cut off, or no message of Protocol Buffers' tail=0a7f
head -c 300 exact.pb >cut.pb
run heapsnap report cut.pb
is "$status $err" '2 heapsnap: cut.pb: damaged profile: it is cut off, or no message of '\
'Protocol Buffers' 'refused: cut off'
for kind in cpu goroutine; do
	run heapsnap report "$profiles/go-$kind.pb.gz"
	like "$status $err" "^2 heapsnap: .*/go-$kind.pb.gz: seems to be a pprof profile of .*, \
not one of a heap
heapsnap: hint: one of a heap has 'inuse_space'" "refused: Go's $kind"
done
# Two bytes each that become a hundred.
python3 -c 'import sys
sys.stdout.buffer.write(b"\n\4\10\1\20\2" + b"\22\0" * (4 << 20))' >bomb.pb
run python3 -c 'if True:
	import resource, subprocess, sys
	status = subprocess.call(sys.argv[1:])
	print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss)
	sys.exit(status)' "$HEAPSNAP" report bomb.pb
is "$status $err" '2 heapsnap: bomb.pb: a profile that takes more than 256 MiB to read' \
	'refused: millions of samples of nothing'
between "$out" 0 400000 'before they take more'
done_testing
