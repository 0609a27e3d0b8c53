/* A program that has no jemalloc: it can be looked at, not profiled. */
#include "tests/victims/victim.h"

int main(int argc, char **argv)
{
	victim_begin(argc, argv, NULL);
	victim_ready();
	victim_obey(NULL);
	return 0;
}
