#!/bin/bash
# Who waits for names at a terminal is told how far they are, on a line that is
# gone when they are there; nobody else is.
. "${0%/*}/lib.sh"

# names: a profile of so many addresses of a large program that finding their
# names takes longer than half a second anywhere.
cd "$TMP" || exit 1
python3 - >many.heap <<-'END'
	import re, subprocess
	path = '/usr/bin/python3.11-dbg'
	table = subprocess.run(['readelf', '-SW', path], check=True,
	                       stdout=subprocess.PIPE).stdout.decode()
	at, size = (int(n, 16) for n in re.search(
	    r' \.text +PROGBITS +\w+ (\w+) (\w+)', table).groups())
	step = size // 1000000
	print('heap_v2/524288\n  t*: 1: 1 [0: 0]')
	for i in range(10000):
	    print('@', *(hex(0x400001 + at + (i * 100 + j) * step)
	                 for j in range(100)))
	    print('  t*: 1: 1 [0: 0]\n  t1: 1: 1 [0: 0]')
	print('\nMAPPED_LIBRARIES:\n%x-%x r-xp 00000000 00:00 0 %s' %
	      (0x400000, 0x400000 + at + size, path))
END

# at_terminal OPTION...: what a terminal of 80 columns gets.
at_terminal() {
	TERM=xterm script -qec "stty cols 80; $HEAPSNAP report many.heap --top 1 \
		--color never $* >report" typescript </dev/null >/dev/null
	sed '1d; $d' typescript
}

shown=$(at_terminal)
like "$(tr '\r' '\n' <<<"$shown" | head -3)" \
	$'\033\\[Kheapsnap: names: [0-9,]+ of 1,000,000 addresses' \
	'how many of how many'
is "$(grep -o $'[^\r\033]*$' <<<"$shown" | tr -d '[K')" '' \
	'the line is gone at the end'
run heapsnap report many.heap --top 1 --color never
is "$err" '' 'nothing without a terminal'
is "$(cat report)" "$out" 'the report is the same'
is "$(at_terminal -q)" '' 'nothing with -q'
done_testing
