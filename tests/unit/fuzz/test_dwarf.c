/* What the fuzzer found worth keeping, once more: its target must neither abort
 * nor hang (tests/fuzz/fuzz_dwarf.c says what it checks). */
#include "tests/fuzz/fuzz_dwarf.c"

#include "symbol/elf.h"
#include "tests/unit/fuzz_mutate.h"
#include "tests/unit/fuzz_replay.h"

START_TEST(corpus)
{
	fuzz_replay_all("tests/fuzz/corpus/dwarf/*");
}
END_TEST

int main(void)
{
	return hs_check_run("fuzz/dwarf", corpus);
}
