#!/bin/bash
# Small files that unpack to gigabytes: they are refused, or what they have too
# much of is left out, with a sentence and before they take much memory. Large ones
# take memory in proportion. What real programs leave is read, though it packs better
# than most.
. "${0%/*}/../lib.sh"

for tool in gcc zstd objcopy; do
	command -v "$tool" >/dev/null || skip_all "no $tool"
done
here=$(realpath "${0%/*}")
cd "$TMP" || exit 1

# bomb KIND: KIND.zst, and its report.
bomb() {
	python3 "$here/bombs.py" "$1" | zstd -q -3 -o "$1.zst"
	report "$1.zst"
}

# report FILE [OPTION]...: $status, $err, and $kib, the most memory that was resident; 0 with
# sanitizers, which have memory of their own.
# shellcheck disable=SC2154
report() {
	run python3 -c 'if True:
		import resource, subprocess, sys
		status = subprocess.call(sys.argv[1:])
		usage = resource.getrusage(resource.RUSAGE_CHILDREN)
		print("KIB", usage.ru_maxrss)
		sys.exit(status)' "$HEAPSNAP" report --top 1 "$@"
	kib=${out##*KIB }
	! sanitized || kib=0
}

sanitized() {
	nm -D "$HEAPSNAP" | grep -q __asan_init
}

hint='few real profiles do; unpack this one first with gzip -d or zstd -d if you trust who made it'
lines='it unpacks to more than 2097152 lines, and 2 for each of its bytes'

bomb stacks
is "$status $err" "2 heapsnap: stacks.zst: $lines
heapsnap: hint: $hint" 'three million stacks of a frame each'
between "$kib" 0 800000 'which is seen before they take a gigabyte'

bomb names
is "$status $err" "2 heapsnap: names.zst: $lines
heapsnap: hint: $hint" 'three million names of one address'

bomb mappings
is "$status $err" '2 heapsnap: mappings.zst:1048585: more than 1048576 mappings' \
	'more mappings than a process has'

bomb addresses
is "$status $err" '2 heapsnap: addresses.zst:3076: more than 4194304 addresses of code' \
	'more addresses than a program has'
between "$kib" 0 800000 'which is seen before they take a gigabyte'

bomb blanks
is "$status $err" "2 heapsnap: blanks.zst: it unpacks to more than 512 MiB and 32 \
times its size
heapsnap: hint: $hint" 'half a gigabyte of nothing'

# What real programs leave, of its kind.
bomb deep
like "$status $out" '^0 .*live heap of' 'stacks of deep recursion are read'
packed=$(stat -c %s deep.zst)
ok 'though they pack a hundred to one' test \
	$(($(zstd -dqc deep.zst | wc -c) / packed)) -gt 100
bomb many
like "$status $out" '^0 .*live heap of' 'so are 700,000 stacks with numbers of their own'

# Not packed: memory is in proportion to the file, below twice its size and 256 MiB.
# What 88 MiB take is told by 32.
if ! sanitized; then
	python3 "$here/bombs.py" flat 32 >flat.heap
	for format in text tree csv folded dot jeprof pprof html svg markdown \
		'json --top 300000' 'junit --top 300000' 'sarif --top 300000'; do
		# shellcheck disable=SC2086
		report flat.heap --top 0 -f $format -o /dev/null
		is "$status" 0 "$format of 32 MiB of stacks of one frame"
		between $((kib * 88 / 32)) 1 $((2 * 88 * 1024 + 262144)) \
			"of 88 MiB takes less memory than twice that and 256 MiB"
	done
	rm flat.heap
fi

# --- debug information -----------------------------------------------------------

cat >tiny.c <<'C'
int tiny(int a) { int b = a * 2; return b + 1; }
C
gcc -g -O1 -shared -fPIC -Wl,--build-id=sha1 -o tiny.so tiny.c
tiny=$((0x$(nm tiny.so | awk '$3 == "tiny" { print $1 }')))
python3 "$here/bombs.py" debug >zeros
objcopy --remove-section .debug_str --remove-section .debug_line_str \
	tiny.so stripped.so
objcopy --add-section .zdebug_str=zeros stripped.so b0.so
{
	printf 'heap_v2/1\n  t*: 1: 16 [0: 0]\n  t0: 1: 16 [0: 0]\n@'
	for i in 1 2 3; do
		printf ' 0x%x' $((i * 268435456 + tiny + 1))
	done
	printf '\n  t*: 1: 16 [0: 0]\n  t0: 1: 16 [0: 0]\n\nMAPPED_LIBRARIES:\n'
	for i in 1 2 3; do
		ln -f b0.so "b$i.so"
		at=$((i * 268435456))
		printf '%08x-%08x r-xp 00000000 fe:00 %d %s/b%d.so\n' $at \
			$((at + 8192)) "$i" "$TMP" "$i"
	done
} >debug.heap
report debug.heap
like "$status $out" '^0 .* tiny ' 'strings of a gigabyte: the symbols are there'
like "$err" "names of '$TMP/b[123].so' may be missing: its debug information unpacks \
to more than 16 times its size, or what is unpacked and copied of all files comes to \
more than 1 GiB" \
	'and what is left out is said'
is "$(grep -c 'may be missing' <<<"$err")" 1 'once'
between "$kib" 0 400000 'and not unpacked'

done_testing
