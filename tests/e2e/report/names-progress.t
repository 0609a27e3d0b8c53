#!/bin/bash
# A user who waits for names at a terminal sees how far they are, on a line that
# is gone when they are there; nobody else does. Finding them takes half a
# second and longer, since time passes here by a millisecond with each call of
# the clock.
. "${0%/*}/../lib.sh"

cd "$TMP" || exit 1
gcc -O1 -shared -fPIC -o clock.so -x c - <<-'END'
	#include <time.h>
	int clock_gettime(clockid_t id, struct timespec *ts)
	{
		static long ms;
		long now = __atomic_add_fetch(&ms, 1, __ATOMIC_RELAXED);

		(void)id;
		*ts = (struct timespec){ 1000000000 + now / 1000,
					 now % 1000 * 1000000 };
		return 0;
	}
END
# Code of heapsnap itself, 2,000 and 400 addresses.
make_heap() {
	python3 - "$HEAPSNAP" "$1" <<-'END'
		import os, re, subprocess, sys
		path = os.path.realpath(sys.argv[1])
		table = subprocess.run(['readelf', '-SW', path], check=True,
		                       stdout=subprocess.PIPE).stdout.decode()
		at, size = (int(n, 16) for n in re.search(
		    r' \.text +PROGBITS +\w+ (\w+) (\w+)', table).groups())
		step = size // 2000
		stacks = range(0, int(sys.argv[2]), 100)
		print('heap_v2/524288\n  t*: %d: %d [0: 0]' %
		      (len(stacks), len(stacks)))
		for i in stacks:
		    print('@', *(hex(0x400001 + at + (i + j) * step)
		                 for j in range(100)))
		    print('  t*: 1: 1 [0: 0]\n  t1: 1: 1 [0: 0]')
		print('\nMAPPED_LIBRARIES:\n%x-%x r-xp 00000000 00:00 0 %s' %
		      (0x400000, 0x400000 + at + size, path))
	END
}
make_heap 2000 >many.heap
make_heap 400 >few.heap

# at_terminal FILE OPTION...: what a terminal of 80 columns gets.
at_terminal() {
	TERM=xterm ASAN_OPTIONS=verify_asan_link_order=0:$ASAN_OPTIONS \
		script -qec "stty cols 80; LD_PRELOAD=$TMP/clock.so $HEAPSNAP \
		report $* --top 1 --color never >report" typescript \
		</dev/null >/dev/null
	sed '1d; $d' typescript
}

shown=$(at_terminal many.heap)
like "$(tr '\r' '\n' <<<"$shown" | sed -n 2p)" \
	$'^\033\\[Kheapsnap: names: [0-9,]+ of 2,000 addresses$' \
	'how many of how many'
is "$(tr '\r' '\n' <<<"$shown" | tail -n 1)" $'\033[K' \
	'the line is gone at the end'
run heapsnap report many.heap --top 1 --color never
is "$err" '' 'nothing without a terminal'
is "$(cat report)" "$out" 'the report is the same'
is "$(at_terminal few.heap)" '' 'nothing of what is over soon'
is "$(at_terminal many.heap -q)" '' 'nothing with -q'
done_testing
