/*
 * Its only thread is inside jemalloc, and stays there: in what
 * malloc_stats_print(3) calls to write its statistics.
 */
#include <jemalloc/jemalloc.h>

#include "tests/victims/victim.h"

static void write_nothing(void *arg, const char *text)
{
	bool *obeyed = arg;

	(void)text;
	if (*obeyed)
		return;
	*obeyed = true;
	victim_ready();
	victim_obey(NULL);
}

int main(int argc, char **argv)
{
	bool obeyed = false;

	victim_begin(argc, argv, NULL);
	malloc_stats_print(write_nothing, &obeyed, NULL);
	return 0;
}
