#!/bin/bash
# A file that is cut just when heapsnap has mapped it: heapsnap lives, its
# report is whole, and what came from that file has no names.
. "${0%/*}/../lib.sh"

cd "$TMP" || exit 1
# Cuts $CUT to $CUT_TO bytes once it is mapped.
gcc -O1 -shared -fPIC -o cut.so -x c - <<-'END'
	#define _GNU_SOURCE
	#include <stdlib.h>
	#include <sys/mman.h>
	#include <sys/stat.h>
	#include <sys/syscall.h>
	#include <unistd.h>

	static const char *path;
	static int to_cutter[2], to_us[2];

	/* heapsnap has no right to cut it when it reads files. */
	__attribute__((constructor)) static void start_cutter(void)
	{
		char byte;

		path = getenv("CUT");
		if (!path || pipe(to_cutter) || pipe(to_us) || fork())
			return;
		close(to_cutter[1]);
		close(to_us[0]);
		while (read(to_cutter[0], &byte, 1) == 1 &&
		       !truncate(path, atol(getenv("CUT_TO"))) &&
		       write(to_us[1], &byte, 1) == 1)
			;
		_exit(0);
	}

	void *mmap64(void *at, size_t n, int prot, int flags, int fd, off_t offset)
	{
		long p = syscall(SYS_mmap, at, n, prot, flags, fd, offset);
		struct stat a, b;
		char byte = 0;

		if (fd >= 0 && path && !fstat(fd, &a) && !stat(path, &b) &&
		    a.st_ino == b.st_ino && a.st_dev == b.st_dev &&
		    (write(to_cutter[1], &byte, 1) != 1 ||
		     read(to_us[0], &byte, 1) != 1))
			abort();
		return (void *)p;
	}
	void *mmap(void *, size_t, int, int, int, off_t)
		__attribute__((alias("mmap64")));
END
cat >prog.c <<-'END'
	#include <jemalloc/jemalloc.h>
	#include <stddef.h>
	void *volatile kept;
	__attribute__((noinline)) void leak_here(void)
	{
		kept = malloc(1000);
		asm volatile("" ::: "memory");
	}
	int main(int argc, char **argv)
	{
		leak_here();
		(void)argc;
		return mallctl("prof.dump", NULL, NULL, &argv[1], sizeof(char *));
	}
END
gcc -O1 -g prog.c -o whole -ljemalloc && cp whole prog &&
	MALLOC_CONF=prof:true,lg_prof_sample:0 ./prog prog.heap
is $? 0 'a program that dumps its profile'

# report [SIZE]: the report, of a program that is cut.
report() {
	cat whole >prog
	run env ${1:+CUT="$TMP/prog"} CUT_TO="${1:-}" LD_PRELOAD="$TMP/cut.so" \
		ASAN_OPTIONS="verify_asan_link_order=0:${ASAN_OPTIONS:-}" \
		"$HEAPSNAP" report prog.heap --focus prog
}
report
is "$status$err" 0 'whole: no complaint'
is "$(grep -cE '^    leak_here +.*prog.c:6$' <<<"$out")" 1 'and names'

report 0
is "$status${err%%$'\n'*}" "0heapsnap: warning: '$TMP/prog' is not an ELF file" \
	'nothing left of it'
for size in 100 4096 8192 12288 $(($(stat -c %s whole) - 1)); do
	report "$size"
	is "$status$err" "0heapsnap: warning: names of '$TMP/prog' are missing: its file changed while it was read" \
		"cut to $size: reported"
	is "$(grep -cE '^    (leak_here|main) ' <<<"$out")" 0 'no names'
	is "$(grep -cE '^    prog\+0x[0-9a-f]+$' <<<"$out")" 3 'but offsets'
done
done_testing
