#!/bin/bash
# Names are those of the files that a process has mapped, whatever lies at their
# paths by now: a program that was deleted or replaced by another build, one
# that is stripped and has its debug file elsewhere, a path that means another
# file where the process lives, a library with a space and a newline in its path.
. "${0%/*}/../lib.sh"
. "${0%/*}/names.sh"

needs() {
	command -v "$1" >/dev/null || skip_all "no $1"
}
needs gcc
needs unshare
needs strace

# build NAME OUTPUT [FLAGS...]: a program that keeps 1,000 objects of 512 bytes
# which its function NAME made, whose code is as long whatever the name.
build() {
	local name=$1 output=$2
	shift 2
	gcc -O0 -g -rdynamic -x c -o "$output" "$@" - -ldl <<-END
		#include <dlfcn.h>
		#include <stdio.h>
		#include <stdlib.h>
		void *kept[1000];
		__attribute__((noinline)) void $name(void)
		{
			for (int i = 0; i < 1000; i++)
				kept[i] = malloc(512);
		}
		int main(int argc, char **argv)
		{
			if (argc > 1) {
				void *lib = dlopen(argv[1], RTLD_NOW);
				void (*fn)(void) = lib ? (void (*)(void))dlsym(lib, "in_library") : NULL;
				if (!fn)
					return 1;
				fn();
			} else {
				$name();
			}
			puts("ready");
			fflush(stdout);
			return getchar() != 'q';
		}
	END
}

# named_by: the functions that the 1,000 objects come from.
named_by() {
	run heapsnap -p "$pid" -n 1 --no-save -f json
	jq -r '.stacks[] | select(.objects == 1000) |
		[.frames[].function // "?"] | join(" ")' <<<"$out"
}

mkdir "$TMP/a" "$TMP/b"
build alpha "$TMP/a/prog"
build omega "$TMP/b/prog"

start "$TMP/a/prog"
like "$(named_by)" '^alpha main' 'a program has names' || diag "$err"

# On full CPUs the service comes first, but not while it waits for us: the thread
# that attaches keeps its priority.
ASAN_OPTIONS=detect_leaks=0 strace -f -qq -o "$TMP/priorities" -e trace=sched_setscheduler,execve \
	"$HEAPSNAP" -q -p "$pid" -n 1 --no-save --no-cache -o "$TMP/report.txt"
main=$(sed -n '1s/ .*//p' "$TMP/priorities")
like "$(grep -v "^$main " "$TMP/priorities")" 'SCHED_BATCH, \[0\]' \
	'threads that look for names let others go first'
unlike "$(grep "^$main " "$TMP/priorities")" SCHED_BATCH 'the one that attaches does not'
mv "$TMP/a/prog" "$TMP/a/moved" && cp "$TMP/b/prog" "$TMP/a/prog"
like "$(named_by)" '^alpha main' \
	'where another build has taken its place, it keeps its own' || diag "$err"
rm "$TMP/a/moved"
like "$(named_by)" '^alpha main' 'also when it is deleted' || diag "$err"
rm "$TMP/a/prog"
like "$(named_by)" '^alpha main' 'and nothing has taken its place' || diag "$err"
stop

build alpha "$TMP/a/prog"
id=$(build_id "$TMP/a/prog")
mkdir -p "$TMP/debug/.build-id/${id:0:2}"
objcopy --only-keep-debug "$TMP/a/prog" \
	"$TMP/debug/.build-id/${id:0:2}/${id:2}.debug"
strip -o "$TMP/a/stripped" "$TMP/a/prog"
# line: where in the source the 1,000 objects come from.
line() {
	run heapsnap -p "$pid" -n 1 --no-save -f json "$@"
	jq -r '.stacks[] | select(.objects == 1000) | .frames[0].line' \
		<<<"$out"
}
start "$TMP/a/stripped"
is "$(line)" null 'a stripped program has no lines' || diag "$err"
is "$(line --debug-dir "$TMP/debug")" 8 'but those of its debug file' ||
	diag "$err"
cp "$TMP/b/prog" "$TMP/debug/.build-id/${id:0:2}/${id:2}.debug"
is "$(line --debug-dir "$TMP/debug")" null 'when that is of the same build' ||
	diag "$err"
stop

# There /a/prog is the other build.
# shellcheck disable=SC2016
start unshare -m sh -c 'mount --bind "$1/b" "$1/a" && exec "$1/a/prog"' sh "$TMP"
like "$(named_by)" '^omega main' \
	'in another mount namespace the path means another file' || diag "$err"
stop

odd=$TMP/a$'/odd name\nof it.so'
gcc -O0 -g -shared -fPIC -x c -o "$odd" - <<-'END'
	#include <stdlib.h>
	void *kept_there[1000];
	void in_library(void)
	{
		for (int i = 0; i < 1000; i++)
			kept_there[i] = malloc(512);
	}
END
start "$TMP/a/prog" "$odd"
like "$(named_by)" '^in_library main' \
	'a library with a space and a newline in its path' || diag "$err"
rm "$odd"
like "$(named_by)" '^in_library main' 'also when it is deleted' || diag "$err"
stop
done_testing
