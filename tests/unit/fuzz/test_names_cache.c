/* What the fuzzer found worth keeping, once more: its target must neither abort
 * nor hang (tests/fuzz/fuzz_names_cache.c says what it checks). */
#include "tests/fuzz/fuzz_names_cache.c"

/* The Makefile links what is included here. */
#include "symbol/cache/kept_names.h"
#include "tests/unit/fuzz_replay.h"

START_TEST(corpus)
{
	fuzz_replay_all("tests/fuzz/corpus/names_cache/*");
}
END_TEST

int main(void)
{
	return hs_check_run("fuzz/names_cache", corpus);
}
