#!/bin/bash
# Names of files that a dump or an ELF file gives are no word of the user's:
# devices, FIFOs and what else is no regular file are looked at, not opened; and
# what an ELF file itself names is looked for in the root in which it was found.
. "${0%/*}/../lib.sh"

needs() {
	command -v "$1" >/dev/null || skip_all "no $1"
}
needs gcc
needs strace
needs objcopy
needs dwz
cd "$TMP" || exit 1

cat >tiny.c <<'C'
int tiny(int a) { int b = a * 2; return b + 1; }
C
build() {
	gcc -g -O1 -shared -fPIC -Wl,--build-id=sha1 "$@" tiny.c
}

# dump PATH...: one stack, with a function of each file.
dump() {
	local path at=268435456 maps='' stack='@'
	for path; do
		maps+=$(printf '%08x-%08x r-xp 00001000 fe:00 %d %s' \
			$((at + 4096)) $((at + 8192)) $((at >> 28)) "$path")$'\n'
		stack+=$(printf ' 0x%x' $((at + tiny + 1)))
		at=$((at + 268435456))
	done
	printf 'heap_v2/1\n  t*: 1: 16 [0: 0]\n  t0: 1: 16 [0: 0]\n'
	printf '%s\n  t*: 1: 16 [0: 0]\n  t0: 1: 16 [0: 0]\n' "$stack"
	printf '\nMAPPED_LIBRARIES:\n%s' "$maps"
}

# opened PATTERN ARGUMENT...: which files of that pattern heapsnap opened, with
# these arguments, other than to look at them.
opened() {
	local pattern=$1
	shift
	# A file for each thread: in one for all, a call that another thread's comes
	# between takes two lines, of which the second has no flags.
	rm -f trace.*
	ASAN_OPTIONS=detect_leaks=0 timeout "$DEADLINE" strace -ff -y -qq -o trace \
		-e trace=open,openat,openat2 "$HEAPSNAP" "$@" >out 2>err </dev/null
	echo "status $?"
	cat trace.* | grep -E "[\"<]($pattern)" | grep -v O_PATH
}

build -o tiny.so
tiny=$((0x$(nm tiny.so | awk '$3 == "tiny" { print $1 }')))
mkfifo fifo

# --- what is no regular file ---------------------------------------------------

dump "$TMP/fifo" /dev/zero /proc/kmsg /dev/tty /dev/watchdog >devices.heap
is "$(opened "$TMP/fifo|/dev/zero|/proc/kmsg|/dev/tty|/dev/watchdog" \
	report devices.heap)" 'status 0' 'no device is opened because a dump names it'
like "$(<err)" "'$TMP/fifo' is no regular file: it is not opened" 'which is said'

for to in fifo /dev/zero; do
	printf '%s\0\1\2\3\4\5\6\7\10' "${to/#fifo/$TMP/fifo}" >alt.bin
	objcopy --add-section .gnu_debugaltlink=alt.bin tiny.so "alt-${to##*/}.so"
done
dump "$TMP/alt-fifo.so" "$TMP/alt-zero.so" >alt.heap
is "$(opened "$TMP/fifo|/dev/zero" report alt.heap)" 'status 0' \
	'nor because an ELF file has it as its alternate'

build -gsplit-dwarf -o split.so
rm ./*.dwo
name=$(readelf --debug-dump=info split.so 2>/dev/null |
	sed -n 's/.*DW_AT_\(GNU_\)\?dwo_name *:.*: //p' | head -n 1)
mkfifo "$name"
dump "$TMP/split.so" >split.heap
is "$(opened "$TMP/$name" report split.heap)" 'status 0' \
	'nor because debug information was split off there'

{
	dump "$TMP/tiny.so"
	printf '# heapsnap 1\n# heapsnap name 0x%x f %s 1 0\n# heapsnap end\n' \
		$((268435456 + tiny + 1)) "$TMP/fifo"
} >source.heap
is "$(opened "$TMP/fifo" report source.heap)" 'status 0' \
	'nor because a function is said to come from it'

# --- the root of what an ELF file names ----------------------------------------

# What two files share goes to a third one, whose path is in them.
build -o a.so
cp a.so b.so
dwz -m shared.debug a.so b.so
id=$(readelf -n shared.debug | sed -n 's/.*Build ID: //p')
sys=$TMP/sys
mkdir -p "$sys$TMP/lib" "$TMP/outside"
# links TO: $sys$TMP/lib/a.so has TO as its alternate file.
links() {
	{
		printf '%s\0' "$1"
		perl -e 'print pack "H*", shift' "$id"
	} >alt.bin
	objcopy --update-section .gnu_debugaltlink=alt.bin a.so \
		"$sys$TMP/lib/a.so"
}
dump "$TMP/lib/a.so" >a.heap
cp shared.debug outside/
links "$TMP/outside/shared.debug"
is "$(opened "$TMP/outside/" report a.heap --sysroot "$sys")" 'status 0' \
	'an alternate file is not looked for outside of --sysroot'
mkdir -p "$sys$TMP/outside"
cp shared.debug "$sys$TMP/outside"
like "$(opened "$sys$TMP/outside/" report a.heap --sysroot "$sys")" \
	'shared.debug' 'but below it'
cp shared.debug "$sys$TMP"
links ../shared.debug
like "$(opened "$sys$TMP/shared.debug" report a.heap --sysroot "$sys")" \
	'shared.debug' 'also from where the file is'

# --- and of what was split off -------------------------------------------------

mkdir work
(cd work && cp ../tiny.c . && build -gsplit-dwarf -o split.so)
cp work/split.so "$sys$TMP/lib/split.so"
dump "$TMP/lib/split.so" >split.heap
is "$(opened "$TMP/work/" report split.heap --sysroot "$sys")" 'status 0' \
	'what was split off is not looked for outside of --sysroot'
mkdir "$sys$TMP/work"
cp work/*.dwo "$sys$TMP/work"
like "$(opened "$sys$TMP/work/" report split.heap --sysroot "$sys")" 'dwo' \
	'but below it'
done_testing
