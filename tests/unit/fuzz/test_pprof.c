/* What the fuzzer found worth keeping, once more: its target must not abort
 * (tests/fuzz/fuzz_pprof.c says what it checks). */
#include "tests/fuzz/fuzz_pprof.c"

/* The Makefile links what is included here. */
#include "heap/format/read_pprof.h"
#include "tests/unit/fuzz_replay.h"

START_TEST(corpus)
{
	fuzz_replay_all("tests/fuzz/corpus/pprof/*");
}
END_TEST

int main(void)
{
	return hs_check_run("fuzz/pprof", corpus);
}
