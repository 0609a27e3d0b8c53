#!/bin/bash
# Unwind information that was made to keep an unwinder busy, or to eat its memory,
# does neither: its thread counts as one that cannot be unwound.
. "${0%/*}/../lib.sh"

# run_measured COMMAND...: as run, with $kib, the most memory that it had.
run_measured() {
	run python3 -c 'import os, resource, subprocess, sys
status = subprocess.call(sys.argv[2:])
with open(sys.argv[1], "w") as f:
    print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss, file=f)
sys.exit(status)' "$TMP/kib" "$@"
	kib=$(cat "$TMP/kib")
}

MALLOC_CONF=prof:true start_victim misframed
tell threads
read -r _ loop eat <<<"$answer"
undisturbed_before "$V_PID"
for thread in "loop $loop" "eat $eat"; do
	read -r how tid <<<"$thread"
	HS_FAULT_THREAD=$tid run_measured timeout -k 5 60 "$HEAPSNAP_FAULT" \
		-p "$V_PID" -n 1 --no-save --timeout 10
	is "$status" 0 "$how: a snapshot is taken" || diag "$err"
	between "$kib" 1 300000 "$how: KiB that heapsnap had"
	assert_undisturbed "$V_PID"
	run heapsnap check -p "$V_PID" -v
	is "$status" 0 "$how: check" || diag "$err"
	like "$out" "$how  misframed"$'\n'" *... \(its unwind information has no end\)" \
		"$how: what it says of its frames"
done
stop_victim
done_testing
