/* What the fuzzer found worth keeping, once more: its target must neither abort
 * nor hang (tests/fuzz/fuzz_graph.c says what it checks). */
#include "tests/fuzz/fuzz_graph.c"

/* The Makefile links what is included here. */
#include "contents/graph_leaks.h"
#include "tests/unit/fuzz_replay.h"

START_TEST(corpus)
{
	fuzz_replay_all("tests/fuzz/corpus/graph/*");
}
END_TEST

int main(void)
{
	return hs_check_run("fuzz/graph", corpus);
}
