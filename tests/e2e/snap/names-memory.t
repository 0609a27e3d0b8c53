#!/bin/bash
# Names of code whose file cannot be opened: a library that was deleted or
# replaced, for a heapsnap that may not read /proc/PID/map_files, has those of
# its exported functions, from memory; jemalloc's is found so, too. The kernel's
# vdso has its names.
. "${0%/*}/../lib.sh"
. "${0%/*}/names.sh"

[ "$(id -u)" = 0 ] || skip_all 'taking rights away takes root'
command -v gcc >/dev/null || skip_all 'no gcc'

# Without the right to /proc/PID/map_files.
cat >"$TMP/few-rights" <<-'END'
	#!/bin/sh
	exec setpriv --bounding-set=-sys_admin,-checkpoint_restore "$REAL" "$@"
END
chmod +x "$TMP/few-rights"
export REAL=$HEAPSNAP
HEAPSNAP=$TMP/few-rights

# build_library OUTPUT EXPORTED: EXPORTED() has one that it keeps to itself make
# the objects.
build_library() {
	gcc -O0 -g -shared -fPIC -x c -o "$1" - <<-END
		#include <stdlib.h>
		void *kept[1000];
		static __attribute__((noinline)) void inner(void)
		{
			for (int i = 0; i < 1000; i++)
				kept[i] = malloc(512);
		}
		void $2(void)
		{
			inner();
		}
	END
}

mkdir "$TMP/lib"
build_library "$TMP/lib/libuser.so" right
gcc -O0 -g -x c -o "$TMP/prog" - -L"$TMP/lib" -luser <<-'END'
	#include <stdio.h>
	void right(void);
	int main(void)
	{
		right();
		puts("ready");
		fflush(stdout);
		return getchar() != 'q';
	}
END
jemalloc=$(ldconfig -p | sed -n 's/.*libjemalloc\.so\.2 .*=> //p' | head -1)
libc=$(ldconfig -p | sed -n 's/.*libc\.so\.6 (libc6,x86-64.* => //p' | head -1)
cp "$jemalloc" "$TMP/lib/libjemalloc.so.2"
cp "$libc" "$TMP/lib/libc.so.6"

export LD_LIBRARY_PATH=$TMP/lib JEMALLOC=$TMP/lib/libjemalloc.so.2
start "$TMP/prog"
unset LD_LIBRARY_PATH
live 'inner 6 right' 'a library that is there has all of its names'
undisturbed_names() {
	undisturbed_before "$pid"
	live "$@"
	assert_undisturbed "$pid"
}
: >"$TMP/heartbeat-of.$pid"

id=$(build_id "$TMP/lib/libuser.so")
objcopy --only-keep-debug "$TMP/lib/libuser.so" "$TMP/libuser.debug"
rm "$TMP/lib/libuser.so"
mapping=/proc/$pid/map_files/$(sed -n 's/^0*\([0-9a-f]*\)-0*\([0-9a-f]*\) r-xp.*libuser.*/\1-\2/p' \
	"/proc/$pid/maps")
ok 'its mapping can be opened with all rights' test -r "$mapping"
not_ok 'but not with few' env REAL=test "$TMP/few-rights" -r "$mapping"
undisturbed_names 'null null right' \
	'deleted: those that it exports; what it keeps to itself has no name'
is "$err" "heapsnap: warning: only exported functions of \
'$TMP/lib/libuser.so' have names: cannot open '$TMP/lib/libuser.so' of process \
$pid: No such file or directory
heapsnap: hint: a file that was replaced or deleted, or is outside of its root, can be \
read with CAP_SYS_ADMIN or CAP_CHECKPOINT_RESTORE" 'which is reported'
is "$(jq -r '.stacks[] | select(.objects == 1000) | .frames[1:3][] |
	"\(.function) \(.line)"' <<<"$out")" $'right null\nmain 5' \
	'the program still has its lines'

mkdir -p "$TMP/debug/.build-id/${id:0:2}"
mv "$TMP/libuser.debug" "$TMP/debug/.build-id/${id:0:2}/${id:2}.debug"
live 'inner 6 right' 'its debug file has them all' --debug-dir "$TMP/debug"

build_library "$TMP/lib/libuser.so" wrong
undisturbed_names 'null null right' \
	'replaced: not one of the file that took its place'
like "$err" "only exported functions of '$TMP/lib/libuser.so' have names: \
'$TMP/lib/libuser.so' is not the file that process $pid has mapped" \
	'which is reported, too'

run heapsnap -p "$pid" -n 1 --no-save -o "$TMP/few.heap"
is "$(sed -n 's/^# heapsnap module [0-9]* \([0-9a-f]*\) .*libuser.so$/\1/p' \
	"$TMP/few.heap")" "$id" 'its build-id is in the snapshot'

rm "$TMP/lib/libjemalloc.so.2"
cp "$TMP/lib/libuser.so" "$TMP/lib/libjemalloc.so.2"
undisturbed_names 'null null right' 'jemalloc itself replaced'

rm "$TMP/lib/libc.so.6"
undisturbed_before "$pid"
run heapsnap -p "$pid" -n 1 --no-save
is "$status" 4 'without the C library there is no safe way in'
like "$err" "cannot open '$TMP/lib/libc.so.6' of process $pid: No such file" \
	'which is reported'
assert_undisturbed "$pid"
HEAPSNAP=$REAL undisturbed_names 'inner 6 right' \
	'with the right to read it all is as ever'
stop

# A thread that asks for the time again and again is in the vdso most of the
# time.
gcc -O1 -x c -o "$TMP/clock" - <<-'END'
	#include <pthread.h>
	#include <stdio.h>
	#include <time.h>
	static void *ask(void *arg)
	{
		struct timespec ts;
		for (;;)
			clock_gettime(CLOCK_MONOTONIC, &ts);
		return arg;
	}
	int main(void)
	{
		pthread_t t;
		pthread_create(&t, NULL, ask, NULL);
		puts("ready");
		fflush(stdout);
		return getchar() != 'q';
	}
END
unset JEMALLOC
start "$TMP/clock"
in_vdso() {
	run heapsnap check -p "$pid" -v
	grep -q 'clock_gettime .*\[vdso\]' <<<"$out"
}
ok 'functions of the vdso have their names' poll_until in_vdso || diag "$out"
stop
done_testing
