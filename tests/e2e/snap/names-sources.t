#!/bin/bash
# Where names come from beside the files a snapshot names: the tree that
# --sysroot names, servers (with --debuginfod, and never without), debug files
# that only the process sees. A file of another build gives none, and that is
# said once.
. "${0%/*}/../lib.sh"
. "${0%/*}/names.sh"

needs() {
	command -v "$1" >/dev/null || skip_all "no $1"
}
needs gcc
needs strace
needs debuginfod
needs dwz
needs python3

# build NAME OUTPUT [FLAGS...]: a program that keeps 1,000 objects of 512 bytes
# which fill() made on line 6, inlined into its function NAME.
build() {
	local name=$1 output=$2
	shift 2
	cat >"$TMP/source.c" <<-END
		#include <stdio.h>
		#include <stdlib.h>
		void *kept[1000];
		static inline __attribute__((always_inline)) void fill(void)
		{
			for (int i = 0; i < 1000; i++) kept[i] = malloc(512);
		}
		__attribute__((noinline)) void $name(void)
		{
			fill();
		}
		int main(void)
		{
			$name();
			puts("ready");
			fflush(stdout);
			return getchar() != 'q';
		}
	END
	(cd "$TMP" && gcc -O0 -g "$@" -o "$output" source.c)
}

# --- a snapshot on another machine -------------------------------------------

mkdir -p "$TMP/here" "$TMP/other"
build alpha "$TMP/here/prog"
build omega "$TMP/other/prog"
start "$TMP/here/prog"
run heapsnap -p "$pid" -n 1 --no-save -o "$TMP/named.heap"
is "$status" 0 'a snapshot is taken' || diag "$err"
stop
top 'fill 6 alpha' 'it has names of its own' \
	report "$TMP/named.heap"
grep -av '^# heapsnap name ' "$TMP/named.heap" >"$TMP/a.heap"

mv "$TMP/here/prog" "$TMP/prog"
top 'null null null' 'without them and without the program there is none' \
	report "$TMP/a.heap"
like "$err" "warning: cannot open '$TMP/here/prog': No such file or directory"$'\n'\
'heapsnap: hint: --sysroot DIR says where ' 'which is reported'

cp "$TMP/other/prog" "$TMP/here/prog"
top 'null null null' 'a program of another build gives no name' \
	report "$TMP/a.heap"
run heapsnap diff "$TMP/a.heap" "$TMP/a.heap"
is "$(grep -c "/here/prog" <<<"$err")" 1 'it is reported once, of two snapshots'
like "$err" "^heapsnap: warning: names of '$TMP/here/prog' are missing: the file on disk is another build \(build-id [0-9a-f]+, not $(build_id "$TMP/prog")\)" \
	'and why'

sys=$TMP/sys
mkdir -p "$sys$TMP/here" "$sys/real"
cp "$TMP/prog" "$sys/real/prog"
ln -s /real/prog "$sys$TMP/here/prog"
top 'fill 6 alpha' '--sysroot: below it, also through its own symbolic links' \
	report "$TMP/a.heap" --sysroot "$sys"
unlike "$err" "prog" 'and nothing to warn of'
ln -sfn "$TMP/prog" "$sys$TMP/here/prog"
top 'null null null' 'a link that leads out of it leads nowhere' \
	report "$TMP/a.heap" --sysroot "$sys"
like "$err" "cannot open '$sys$TMP/here/prog': No such file" \
	'which is reported, too'

ln -sfn /real/prog "$sys$TMP/here/prog"
id=$(build_id "$TMP/prog")
mkdir -p "$sys/usr/lib/debug/.build-id/${id:0:2}"
objcopy --only-keep-debug "$TMP/prog" \
	"$sys/usr/lib/debug/.build-id/${id:0:2}/${id:2}.debug"
strip -o "$sys/real/prog" "$TMP/prog"
top 'fill 6 alpha' 'debug files are looked for there as well' \
	report "$TMP/a.heap" --sysroot "$sys"

# --- servers -----------------------------------------------------------------

export XDG_CACHE_HOME=$TMP/cache HOME=$TMP DEBUGINFOD_TIMEOUT=$DEADLINE
unset DEBUGINFOD_URLS
run heapsnap report "$TMP/a.heap" --debuginfod
is "$status" 2 'without servers --debuginfod is wrong'
is "$err" "heapsnap: --debuginfod: no servers to ask
heapsnap: hint: name them in DEBUGINFOD_URLS, such as https://debuginfod.debian.net" \
	'and says what is missing'

port=$(python3 -c 'import socket
s = socket.socket()
s.bind(("127.0.0.1", 0))
print(s.getsockname()[1])')
export DEBUGINFOD_URLS=http://127.0.0.1:$port/
rm -r "$sys"

run heapsnap report "$TMP/a.heap" --debuginfod -f json
is "$status" 0 'servers that do not answer are no end'
like "$err" "warning: debuginfod: cannot get names of '$TMP/here/prog': " \
	'but are reported'
is "$(grep -c 'debuginfod' <<<"$err")" 1 'once'
rm -rf "$TMP/cache"

mkdir "$TMP/served"
objcopy --only-keep-debug "$TMP/prog" "$TMP/served/prog.debug"
strip -o "$TMP/served/prog" "$TMP/prog"
# Without servers of its own to ask: it would ask itself.
env -u DEBUGINFOD_URLS debuginfod -d :memory: -p "$port" -t 0 -F "$TMP/served" \
	>"$TMP/server.log" 2>&1 &
server=$!
started $server
# has_file KIND: the server found it.
has_file() {
	python3 -c 'import sys, urllib.request
urllib.request.urlopen(sys.argv[1], timeout=5)' \
		"${DEBUGINFOD_URLS}buildid/$id/$1" 2>/dev/null
}
ok 'a server knows the program' poll_until has_file executable
ok 'and its debug file' poll_until has_file debuginfo

top 'null null null' 'nobody is asked without --debuginfod' \
	report "$TMP/a.heap"
asked() {
	ASAN_OPTIONS=detect_leaks=0 strace -f -qq -o "$TMP/trace" \
		-e trace=%network -e signal=none "$HEAPSNAP" "$@" >"$TMP/out" 2>"$TMP/err"
	wc -l <"$TMP/trace"
}
is "$(asked report "$TMP/a.heap")" 0 'not one system call of the network'
is_not "$(asked report "$TMP/a.heap" --debuginfod)" 0 \
	'there are with the option'
rm -rf "$TMP/cache"
top 'fill 6 alpha' '--debuginfod: the program and its debug file come from the server' \
	report "$TMP/a.heap" --debuginfod
unlike "$err" prog 'and there is nothing to warn of'

strip -o "$TMP/here/prog" "$TMP/prog"
start "$TMP/here/prog"
live 'null null null' 'a live process that is stripped has no names'
# What root does goes to the system's log, which is here.
is "$(asked -p "$pid" -n 1 --no-save --no-syslog)" 0 'and nobody is asked'
rm -rf "$TMP/cache"
live 'fill 6 alpha' 'but with --debuginfod' \
	--debuginfod
stop
kill "$server" && wait "$server" 2>/dev/null
forget "$server"
unset DEBUGINFOD_URLS

# --- what only the process sees ----------------------------------------------

if [ "$(id -u)" = 0 ]; then
	# hidden FILES COMMAND...: runs it where FILES is at $TMP/place, which
	# is empty for all others.
	mkdir "$TMP/place"
	hidden() {
		local files=$1
		shift
		# shellcheck disable=SC2016
		start unshare -m sh -c 'mount --bind "$1" "$2" && shift 2 && exec "$@"' \
			sh "$files" "$TMP/place" "$@"
	}

	mkdir "$TMP/link" "$TMP/link/.debug"
	build alpha "$TMP/link/prog" -Wl,--build-id=none
	objcopy --only-keep-debug "$TMP/link/prog" \
		"$TMP/link/.debug/prog.debug"
	strip "$TMP/link/prog"
	(cd "$TMP/link" && objcopy --add-gnu-debuglink=.debug/prog.debug prog)
	hidden "$TMP/link" "$TMP/place/prog"
	live 'fill 6 alpha' 'a debug file in its .debug'
	stop

	# For all others the path is that of another build, with debug files.
	mkdir "$TMP/mine" "$TMP/place/.debug"
	build alpha "$TMP/mine/prog"
	build omega "$TMP/place/prog"
	objcopy --only-keep-debug "$TMP/place/prog" \
		"$TMP/place/.debug/prog.debug"
	(cd "$TMP/place" && objcopy --add-gnu-debuglink=.debug/prog.debug prog)
	objcopy --only-keep-debug "$TMP/mine/prog" "$TMP/mine.debug"
	strip "$TMP/mine/prog"
	objcopy --add-gnu-debuglink="$TMP/place/.debug/prog.debug" \
		"$TMP/mine/prog"
	hidden "$TMP/mine" "$TMP/place/prog"
	live 'null null null' 'debug files of another build, where others have it'
	stop
	id=$(build_id "$TMP/mine/prog")
	mkdir -p "$TMP/debug/.build-id/${id:0:2}"
	mv "$TMP/mine.debug" "$TMP/debug/.build-id/${id:0:2}/${id:2}.debug"
	# shellcheck disable=SC2016
	hidden "$TMP/mine" sh -c 'mount --bind "$1" /usr/lib/debug && exec "$2"' \
		sh "$TMP/debug" "$TMP/place/prog"
	live 'fill 6 alpha' 'its own debug file, by build-id, where only it has one'
	stop
	rm -r "$TMP/place/.debug" "$TMP/place/prog"

	mkdir "$TMP/split"
	build alpha split/first.o -c -gsplit-dwarf \
		-fdebug-prefix-map="$TMP=$TMP/place"
	gcc -o "$TMP/split/prog" "$TMP/split/first.o"
	ok 'its lines were split off' test -e "$TMP/split/first.dwo"
	# The path that the program says: its folder, and the name from there.
	mkdir -p "$TMP/split/split"
	mv "$TMP/split/first.dwo" "$TMP/split/split/"
	hidden "$TMP/split" "$TMP/place/prog"
	live 'fill 6 alpha' 'a .dwo file where only it has one'
	stop

	mkdir "$TMP/dwz"
	build alpha "$TMP/dwz/prog"
	build omega "$TMP/dwz/twin"
	build third "$TMP/dwz/third"
	(cd "$TMP/dwz" && dwz -m common -M "$TMP/place/common" prog twin third)
	ok 'what programs share was moved' \
		test -e "$TMP/dwz/common"
	hidden "$TMP/dwz" "$TMP/place/prog"
	live 'fill 6 alpha' 'a file of dwz that only it has'
	stop
fi
done_testing
