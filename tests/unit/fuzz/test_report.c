/* What the fuzzer found worth keeping, once more: its target must neither abort
 * nor hang (tests/fuzz/fuzz_report.c says what it checks). */
#include "tests/fuzz/fuzz_report.c"

/* The Makefile links what is included here. */
#include "output/report.h"
#include "symbol/demangle.h"
#include "tests/unit/fuzz_replay.h"

START_TEST(corpus)
{
	fuzz_replay_all("tests/fuzz/corpus/report/*");
}
END_TEST

int main(void)
{
	return hs_check_run("fuzz/report", corpus);
}
