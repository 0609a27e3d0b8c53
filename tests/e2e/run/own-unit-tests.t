#!/bin/bash
# What our unit tests allocate is freed: by `heapsnap run --fail-above 0' none of their
# programs leaves anything; one that forgets a block is seen. All tests of a program run
# in its own process (CK_FORK=no), and have to pass there. Those of the folders that
# read and write reports; of all folders, each allocation recorded, with EACH=1, which
# takes minutes of CPU (make check-leaks).
# Plain: it is the programs of the build folder.
. "${0%/*}/../lib.sh"

UNIT=$VICTIMS/../tests/unit
# Those of which not one test can be the next one in the same process: what signals
# were caught stays known, and memory is compared with what it was a moment before.
apart='cli/test_signals proc/test_resident'
# Allocations by the million: most are not recorded, unless EACH=1. A block that is
# forgotten in a loop is seen all the same.
many='base/test_hash heap/format/test_maps heap/format/test_neighbours
	heap/format/test_read heap/format/test_totals heap/test_changes
	proc/test_maps symbol/test_perf_map symbol/test_symbolizer target/test_heap_tree
	target/test_unsafe_tables'
export TMPDIR=$TMP CK_FORK=no many

# leaves NAME: $UNIT's program, its report and status into $TMP/kept.
# shellcheck disable=SC2317 # xargs calls it
leaves() {
	local kept=$TMP/kept/${1//\//.} each=()
	[[ " ${many//[$'\n\t']/ } " != *" $1 "* ]] || each=(--sample 4K)
	timeout "$LIFE" "$HEAPSNAP" run --no-follow --fail-above 0 "${each[@]}" \
		-- "$UNIT/$1" >"$kept.out" 2>"$kept.err" </dev/null
	echo $? >"$kept.status"
}
export -f leaves
export UNIT LIFE
folders='base|heap|options|output'
[ -z "${EACH:-}" ] || { many='' folders='.*'; }

# left NAME: what it left is nothing.
left() {
	local kept=$TMP/kept/${1//\//.}
	like "$(<"$kept.status") $(<"$kept.err")" \
		'^0 .*heapsnap: [^'$'\n''"]* left nothing$' "$1 leaves nothing" ||
		diag "$(grep '^not ok' "$kept.out")" "$(<"$kept.err")"
}

mkdir "$TMP/kept"
cd "$ROOT" || exit 1
mapfile -t programs < <(find tests/unit -name 'test_*.c' -printf '%P\n' |
	sed 's/\.c$//' | grep -vxF "${apart// /$'\n'}" | grep -E "^($folders)/" | sort)
# shellcheck disable=SC2016 # for that shell
printf '%s\n' "${programs[@]}" |
	xargs -P "$(nproc)" -I{} bash -c 'leaves "$1"' leaves {}
for program in "${programs[@]}"; do
	left "$program"
done

# --- one that does not ---

gcc -std=gnu11 -D_GNU_SOURCE -g -iquote . -o "$TMP/forgets" -x c - \
	-x none "$VICTIMS/../libbase.a" -lcheck_pic -lsubunit -lrt -lm -pthread <<'END'
#include "tests/unit/hs_check.h"

static char *volatile kept;

START_TEST(forgets)
{
	kept = malloc(4096);
	kept = NULL;
}
END_TEST

int main(void)
{
	return hs_check_run("forgets", forgets);
}
END
run heapsnap run --no-follow --fail-above 0 -- "$TMP/forgets"
is "$status" 1 'a test that forgets a block'
like "$err" 'forgets \(pid [0-9]+\) never freed 4,096 bytes in 1 object' 'is seen'

done_testing
