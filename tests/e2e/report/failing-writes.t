#!/bin/bash
# A report that cannot be finished is none, in each format: when the disk is full, the
# file may not grow or there is no memory, heapsnap ends with 6 and a sentence, an
# old file stays as it was, and nothing half written is left.
# Plain: what allocates for sanitizers cannot be taken the place of.
. "${0%/*}/../lib.sh"

command -v gcc >/dev/null || skip_all 'no gcc'
here=$(realpath "${0%/*}")
data=$ROOT/tests/data
kinds=("report $data/shop-2.heap" "diff $data/shop-1.heap $data/shop-2.heap"
	"diff $data/session-1.heap $data/session-2.heap $data/session-3.heap")
cd "$TMP" || exit 1

# All that there are, as completion offers them.
read -ra formats <<<"$(heapsnap completion bash |
	sed -n "s/.*merge' '--format) words='\([^']*\)'.*/\1/p")"
like " ${formats[*]} " ' text .* svg ' 'there are formats'

gcc -shared -fPIC -O1 -o shim.so -x c - <<'C' || exit 1
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

extern void *__libc_malloc(size_t), *__libc_calloc(size_t, size_t),
	*__libc_realloc(void *, size_t);
static atomic_long made;
static long at = -1;

__attribute__((constructor)) static void begin(void)
{
	at = atol(getenv("FAIL_AT"));
	made = 0;
}

__attribute__((destructor)) static void end(void)
{
	char text[64];

	snprintf(text, sizeof(text), "allocations %ld\n", made);
	(void)!write(2, text, strlen(text));
}

static int fails(void)
{
	return at >= 0 && ++made == at;
}

void *malloc(size_t n) { return fails() ? NULL : __libc_malloc(n); }
void *calloc(size_t n, size_t m) { return fails() ? NULL : __libc_calloc(n, m); }
void *realloc(void *p, size_t n) { return fails() ? NULL : __libc_realloc(p, n); }
C

for kind in "${kinds[@]}"; do
	read -ra arguments <<<"$kind"
	name="${arguments[0]} of $((${#arguments[@]} - 1))"
	for format in "${formats[@]}"; do
		# It has one dump in it.
		[ "$format ${arguments[0]}" != 'jeprof diff' ] || continue
		heapsnap "${arguments[@]}" -q -f "$format" >/dev/full 2>err
		is "$? $(<err)" '6 heapsnap: cannot write to standard output: '\
'No space left on device' "$name, $format: a full device"

		mkdir small
		echo old >small/out
		said=$( (
			ulimit -f 0
			heapsnap "${arguments[@]}" -q -f "$format" -o small/out
		) 2>&1)
		is "$? $(head -1 <<<"$said")" \
			"6 heapsnap: cannot write 'small/out': File too large" \
			"$name, $format: a limit of file sizes"
		is "$(ls -A small) $(<small/out)" 'out old' \
			"$name, $format: leaves the old file, and no other"
		rm -r small

		like "$(python3 "$here/failing_writes.py" "$HEAPSNAP" \
			"$TMP/shim.so" 12 "$format" "${arguments[@]}" -q)" \
			'^refused [1-9][0-9]*$' "$name, $format: no memory"
	done
done

# At each allocation: a library's way out of that is to end the program.
{
	printf 'heap_v2/1\n  t*: 4: 64 [0: 0]\n'
	printf '@ 0x%x\n  t*: 1: 16 [0: 0]\n' 4096 4112 4128
	printf '\nMAPPED_LIBRARIES:\n00001000-00002000 r-xp 00000000 fe:00 7 /srv/d\n'
	printf '\n# heapsnap 1\n'
	printf '# heapsnap name %s - 0 0\n' '0x1000 _D3std5stdio7writelnFZv' \
		'0x1010 _D8demangle11__T4testTaZ4testFaZv' \
		'0x1020 _ZN5cache3putEv'
	printf '# heapsnap end\n'
} >names.heap
run heapsnap report -q names.heap
like "$out" 'std\.stdio\.writeln' 'names of D are read'
like "$(python3 "$here/failing_writes.py" "$HEAPSNAP" "$TMP/shim.so" 400 text \
	report names.heap -q)" '^refused [1-9][0-9]*$' 'names of D: no memory'
done_testing
