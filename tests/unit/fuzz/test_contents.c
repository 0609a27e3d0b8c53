/* What the fuzzer found worth keeping, once more: its target must neither abort
 * nor hang (tests/fuzz/fuzz_contents.c says what it checks). */
#include "tests/fuzz/fuzz_contents.c"

/* The Makefile links what is included here. */
#include "contents/classify.h"
#include "tests/unit/fuzz_replay.h"

START_TEST(corpus)
{
	fuzz_replay_all("tests/fuzz/corpus/contents/*");
}
END_TEST

int main(void)
{
	return hs_check_run("fuzz/contents", corpus);
}
