/* What the fuzzer found worth keeping, once more: its target must neither abort
 * nor hang (tests/fuzz/fuzz_split.c says what it checks). */
#include "tests/fuzz/fuzz_split.c"

#include "symbol/symbolizer.h"
#include "tests/unit/fuzz_mutate.h"
#include "tests/unit/fuzz_replay.h"

START_TEST(corpus)
{
	fuzz_replay_all("tests/fuzz/corpus/split/*");
}
END_TEST

int main(void)
{
	return hs_check_run("fuzz/split", corpus);
}
