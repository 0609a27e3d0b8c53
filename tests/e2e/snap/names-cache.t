#!/bin/bash
# Names of an earlier run: the reports are those without them to the byte, debug
# files are not read again, a change of any is noticed at once. They are kept in a
# folder of the user's own or nowhere, nothing that lies there can harm, and a
# report of a file, which reads without rights, only reads them.
. "${0%/*}/../lib.sh"
. "${0%/*}/names.sh"

needs() {
	command -v "$1" >/dev/null || skip_all "no $1"
}
needs gcc
needs strace

cache=$XDG_CACHE_HOME/heapsnap
mkdir "$TMP/lib" "$TMP/debug"
cat >"$TMP/source.c" <<-END
	#include <stdio.h>
	#include <stdlib.h>
	void *kept[1000];
	static inline __attribute__((always_inline)) void fill(void)
	{
		for (int i = 0; i < 1000; i++) kept[i] = malloc(512);
	}
	__attribute__((noinline)) void alpha(void)
	{
		fill();
	}
	int main(void)
	{
		alpha();
		puts("ready");
		fflush(stdout);
		return getchar() != 'q';
	}
END
(cd "$TMP" && gcc -O0 -g -o lib/prog source.c)
id=$(build_id "$TMP/lib/prog")
debug=$TMP/debug/.build-id/${id:0:2}/${id:2}.debug
mkdir -p "${debug%/*}"
objcopy --only-keep-debug "$TMP/lib/prog" "$debug"
strip "$TMP/lib/prog"
cp "$debug" "$TMP/kept.debug"
start "$TMP/lib/prog"

# folded ARGUMENT...: stacks and bytes of the process, which has come to rest.
folded() {
	run heapsnap -p "$pid" -n 1 --no-save -f folded \
		--debug-dir "$TMP/debug" "$@"
}

# traced CALLS ARGUMENT...: $calls: what heapsnap asked the kernel for.
traced() {
	ASAN_OPTIONS=detect_leaks=0 strace -f -y -qq -s 300 -o "$TMP/trace" \
		-e "trace=$1" "$HEAPSNAP" "${@:2}" --debug-dir "$TMP/debug" \
		>"$TMP/out" 2>"$TMP/err"
	calls=$(cat "$TMP/trace")
}

# reads FILE, not_read FILE NAME: whether a debug file was mapped, by which they are
# read; that it is found, and its time looked at, is not that.
reads() {
	grep -F "<$1" "$TMP/trace" | grep -F 'mmap('
}
not_read() {
	is "$(reads "$1")" '' "$2"
}

# stamp: what is in the folder, and since when.
stamp() {
	find "$cache" -printf '%P %s %T@ %i\n' 2>/dev/null | sort
}

# --- the same names, without the files ----------------------------------------

folded --no-cache
want=$out
is "$status" 0 'a snapshot without a cache'
like "$want" 'alpha;fill|fill' 'has names' || diag "$err"
is "$(stamp)" '' 'and keeps none'
traced 'openat,mmap,clone,?clone3' -p "$pid" -n 1 --no-save --no-syslog --no-cache
like "$calls" 'clone' 'threads look for names'
is_not "$(reads "$debug")" '' 'its debug file is read'
unlike "$calls" "$XDG_CACHE_HOME" 'the cache is not even looked for'

folded
is "$out" "$want" 'the first run with one says the same'
is "$(stat -c '%a %u' "$cache")" "700 $(id -u)" 'it is for the user alone'
like "$(stamp)" "${id:0:40}-[0-9a-f]{8}\.names" 'and has names of the program'
is "$(find "$cache" -type f ! -perm 600)" '' 'which nobody else can read'
folded
is "$out" "$want" 'so does the second'
is "$err" '' 'without a word'
before=$(find "$cache" -type f -printf '%P %s %i\n' | sort)
traced 'openat,mmap,clone,?clone3' -p "$pid" -n 1 --no-save --no-syslog
unlike "$calls" 'clone' 'which waits for no thread that gives way'
like "$calls" "openat\(.*\"$id-[0-9a-f]{8}\.names\"" 'which reads them'
not_read "$debug" 'and not the debug file'
not_read /usr/lib/debug/ "nor the C library's"
is "$(find "$cache" -type f -printf '%P %s %i\n' | sort)" "$before" \
	'and writes nothing new'
before=$(stamp)
folded --no-cache
is "$out" "$want" '--no-cache says the same'
is "$(stamp)" "$before" 'and leaves it alone'

run heapsnap check -p "$pid" -v --debug-dir "$TMP/debug"
is "$status" 0 'check works with it'
first=$(grep -o ' [a-z_]*+0x[0-9a-f]*\|[a-z_]*\.c:[0-9]*' <<<"$out")
run heapsnap check -p "$pid" -v --debug-dir "$TMP/debug"
is "$(grep -o ' [a-z_]*+0x[0-9a-f]*\|[a-z_]*\.c:[0-9]*' <<<"$out")" "$first" \
	'the same both times'

# --- reports of files -----------------------------------------------------------

run heapsnap -p "$pid" -n 1 --no-save -o "$TMP/named.heap" \
	--debug-dir "$TMP/debug"
grep -av '^# heapsnap name ' "$TMP/named.heap" >"$TMP/a.heap"
before=$(stamp)
run heapsnap report "$TMP/a.heap" --no-cache --debug-dir "$TMP/debug"
want_report=$out
like "$want_report" 'source.c:6' 'a report of a dump without names has them'
traced openat,mmap report "$TMP/a.heap"
is "$(cat "$TMP/out")" "$want_report" 'with the cache it is the same to the byte'
like "$calls" "openat\(.*\"$id-[0-9a-f]{8}\.names\"" 'it was used'
not_read "$debug" 'and not the debug file'
is "$(stamp)" "$before" 'and not touched'
rm -r "$cache"
run heapsnap report "$TMP/a.heap" --debug-dir "$TMP/debug"
is "$out" "$want_report" 'without one, too'
is "$(stamp)" '' 'and none is made'

# --- changes ----------------------------------------------------------------------

folded
rm "$debug"
folded --no-cache
without=$out
is_not "$without" "$want" 'without its debug file it has other names'
folded
is "$out" "$without" 'also where names were kept'
folded
cp "$TMP/kept.debug" "$debug"
folded
is "$out" "$want" 'a debug file that is installed is used at once'
objcopy --strip-debug "$debug"
folded --no-cache
without=$out
is_not "$without" "$want" 'one with symbols alone gives others'
folded
is "$out" "$without" 'also where names were kept'
cp "$TMP/kept.debug" "$debug"
folded
is "$out" "$want" 'and back again'

# --- what lies there ----------------------------------------------------------------

# damage COMMAND...: with each file of the cache for {}.
damage() {
	local file
	for file in "$cache"/*.names; do
		"${@//\{\}/$file}"
	done
}
folded
for how in 'truncate -s 50 {}' 'truncate -s 0 {}' 'cp /bin/true {}' \
	'truncate -s 1G {}' 'chmod 666 {}'; do
	# shellcheck disable=SC2086
	damage $how
	folded
	is "$out" "$want" "after $how: the same names"
	is "$status $err" '0 ' 'without a word'
	traced openat,mmap -p "$pid" -n 1 --no-save --no-syslog
	not_read "$debug" 'and the file was replaced'
done
damage python3 -c 'import sys
data = bytearray(open(sys.argv[1], "rb").read())
data[-20] ^= 1
open(sys.argv[1], "wb").write(data)' '{}'
folded
is "$out" "$want" 'after one bit was changed'
rm "$cache"/*
for how in "mkfifo $cache/FILE" "mkdir $cache/FILE" "ln -s /etc/passwd $cache/FILE"; do
	folded
	name=$(basename "$cache/$id"-*.names)
	rm -r "$cache" && mkdir -m 700 "$cache"
	${how/FILE/$name}
	folded
	is "$out" "$want" "by ${how%% *} in a file's place"
	is "$status $err" '0 ' 'without a word'
	rm -r "$cache"
done
is "$(grep -c heapsnap /etc/passwd)" 0 'a link is not written through'

# --- whose folder -----------------------------------------------------------------

# refused WHY NAME: nothing is read or written there, which -v says.
refused() {
	local before
	before=$(find "$cache"/ -printf '%P %s %T@\n' 2>/dev/null)
	folded
	is "$out" "$want" "$2: the same names" || diag "$err"
	is "$err" '' 'without a word'
	folded -v
	like "$err" "names are not kept for the next run: '[^']*' is not used: $1" \
		'which -v says'
	is "$(find "$cache"/ -printf '%P %s %T@\n' 2>/dev/null)" "$before" \
		'nothing was written'
}
folded
chmod 777 "$cache"
refused 'others may write to it' 'a folder that others may write to'
chmod 700 "$cache"
mv "$cache" "$TMP/elsewhere"
ln -s "$TMP/elsewhere" "$cache"
refused 'Not a directory' 'a link'
rm "$cache"
echo file >"$cache"
refused 'Not a directory' 'a file'
rm "$cache"
if [ "$(id -u)" = 0 ]; then
	mkdir -m 700 "$cache"
	chown 65534 "$cache"
	refused "it is another user's" "another user's"
	rm -r "$cache"
	chown 65534 "$XDG_CACHE_HOME"
	refused "it is another user's" "in another user's folder"
	chown 0 "$XDG_CACHE_HOME"
	mkdir "$TMP/ro"
	mount -t tmpfs -o ro none "$TMP/ro" 2>/dev/null && {
		XDG_CACHE_HOME=$TMP/ro folded
		is "$out" "$want" 'a file system that is read-only'
		is "$status $err" '0 ' 'without a word'
		umount "$TMP/ro"
	}
	mount -t tmpfs -o size=4k none "$TMP/ro" 2>/dev/null && {
		XDG_CACHE_HOME=$TMP/ro folded
		is "$out" "$want" 'one that is full'
		is "$status $err" '0 ' 'without a word'
		umount "$TMP/ro"
	}
fi
run env -u HOME -u XDG_CACHE_HOME "$HEAPSNAP" -p "$pid" -n 1 --no-save -f folded \
	--debug-dir "$TMP/debug"
is "$out" "$want" 'without a home'

echo >"$TMP/heartbeat-of.$pid" # it has none
undisturbed_before "$pid"
folded
assert_undisturbed "$pid"
stop
done_testing
