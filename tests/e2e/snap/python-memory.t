#!/bin/bash
# Python's small objects are in memory that it maps by itself, of which jemalloc knows
# nothing: that is said, with what to do; when it is done they are in the profile.
. "${0%/*}/../lib.sh"

cd "$TMP" || exit 1
cat >keep.py <<'PY'
import sys
kept = [{"a": i, "b": str(i)} for i in range(30000)]
sys._debugmallocstats()
print("ready", flush=True)
sys.stdin.read()
PY
mkfifo stdin

# snapshot ASSIGNMENT...: of a Python with them, in $out; its own words in ./log.
snapshot() {
	env "$@" MALLOC_CONF=prof:true,lg_prof_sample:14 \
		LD_PRELOAD=libjemalloc.so.2 /usr/bin/python3 keep.py \
		<stdin >log 2>&1 &
	python=$!
	started $python
	exec 7>stdin
	ok "Python runs, with $*" poll_until grep -q ready log || diag "$(cat log)"
	run heapsnap -q -p "$python" -n 1 --no-save -f json
	is "$status" 0 'a snapshot is taken' || diag "$err"
	exec 7>&-
	wait "$python"
	forget "$python"
}

snapshot PYTHONMALLOC=pymalloc
like "$(jq -r '.hints[].text' <<<"$out")" \
	' Objects of up to 512 bytes are in Python.s own arenas, not in malloc: PYTHONMALLOC=malloc shows them, too\.' \
	'what is not in the profile is said'
known=$(jq .totals.bytes <<<"$out")
mv log before
snapshot PYTHONMALLOC=malloc
unlike "$(jq -r '.hints[].text' <<<"$out")" PYTHONMALLOC \
	'not where jemalloc has them'
# "9 arenas * 1048576 bytes/arena = 9,437,184", of which the last one is not full
arenas=$(sed -n 's/,//g; s/.* bytes\/arena *= *//p' before)
between "$(jq .totals.bytes <<<"$out")" $((known + arenas / 2)) \
	$((known + 3 * arenas)) 'which it then has, as many as Python said'
done_testing
