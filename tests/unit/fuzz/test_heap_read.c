/* What the fuzzer found worth keeping, and real dumps, once more: its target
 * must not abort (tests/fuzz/fuzz_heap_read.c says what it checks). */
#include "tests/fuzz/fuzz_heap_read.c"

/* The Makefile links what is included here. */
#include "heap/format/read.h"
#include "tests/unit/fuzz_replay.h"

START_TEST(corpus)
{
	fuzz_replay_all("tests/fuzz/corpus/heap_read/*");
}
END_TEST

START_TEST(real_dumps)
{
	fuzz_replay_all("tests/data/*.heap");
}
END_TEST

int main(void)
{
	return hs_check_run("fuzz/heap_read", corpus, real_dumps);
}
