#!/bin/bash
# The page of -f html, in a real browser: its numbers are the JSON's, it zooms,
# sorts and searches by mouse and keyboard, keeps its state in the address,
# needs no network, takes 100,000 stacks, shows hostile names as text, and runs no
# script that came through all the same.
# Plain: the page is tested, in a browser.
. "${0%/*}/../lib.sh"

command -v chromedriver >/dev/null || skip_all 'there is no chromedriver'

data=$ROOT/tests/data
before=$data/searchd-before.heap
after=$data/searchd-after.heap
cd "$TMP" || exit 1

run heapsnap diff "$before" "$after" -o diff.html
is "$status$err" 0 '.html is the format'
is "$(grep -cE '(src|href)="?https?:|@import|url\(' diff.html)" 0 \
	'nothing in it is somewhere else'
heapsnap diff "$before" "$after" -f json >diff.json
for format in html json; do
	heapsnap diff "$data"/moves-[12].heap -o moves.$format
done
heapsnap diff "$after" "$before" -o gone.html 2>/dev/null
heapsnap diff "$before" "$after" "$before" "$after" -o trend.html 2>/dev/null
for format in html json; do
	heapsnap diff "$data"/session-[123].heap -o noisy.$format
done
heapsnap report "$after" -f html >/dev/full 2>full.err
is "$? $(cat full.err)" '6 heapsnap: cannot write to standard output: '\
'No space left on device' 'a full disk is an error'

"$ROOT/tests/e2e/report/hostile_heap.sh" >hostile.heap
heapsnap report hostile.heap -o hostile.html
is "$(tr -d '\n\t' <hostile.html | LC_ALL=C.UTF-8 grep -c '[[:cntrl:]]')" 0 \
	'no name brings control characters in'

# Calls branch as in programs: few functions at the root, many at the leaves.
python3 - >big.heap <<'PY'
import random
draw = random.Random(7)
wide = [1, 4, 12, 40, 100, 300, 1000] + [20000] * 30
seen = set()
print("heap_v2/524288\n  t*: 0: 0 [0: 0]")
while len(seen) < 100000:
    stack = tuple(0x100000 + 64 * (k * 37 + int(draw.random() ** 2 * wide[k]))
                  for k in range(draw.randint(8, 28)))
    if stack in seen:
        continue
    seen.add(stack)
    n = draw.randint(1, 5)
    size = n * draw.choice([64, 256, 4096, 65536])
    print("@ " + " ".join(hex(a) for a in reversed(stack)))
    print("  t*: %d: %d [0: 0]\n  t0: %d: %d [0: 0]" % (n, size, n, size))
print("\nMAPPED_LIBRARIES:")
print("00100000-00400000 r-xp 00000000 fe:00 7 /srv/big/bin/app")
PY
heapsnap report -q big.heap -o big.html
is "$?" 0 'a profile of 100,000 stacks becomes a page'

export HOME=$TMP
timeout 300 python3 "$ROOT/tests/e2e/report/page_check.py" "$TMP" >checks 2>check.err
rc=$?
while read -r line; do
	case $line in
	'ok '*) pass "${line#ok }" ;;
	'# '*) diag "${line#\# }" ;;
	*) result 1 "${line%%:*}" "$line" ;;
	esac
done <checks
is "$rc" 0 'the browser was driven to the end' || diag "$(cat check.err)"
done_testing
