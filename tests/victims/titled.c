/*
 * A service that shows its state to ps(1) as sendmail did it first: its title
 *is written over its arguments, and over variables behind them.
 *
 *	--over N	so many bytes of its variables are written over
 */
#include <string.h>

#include "tests/victims/alloc.h"
#include "tests/victims/victim.h"

static uint64_t over;

static bool option(const char *name, const char *value)
{
	if (strcmp(name, "--over"))
		return false;
	over = victim_number(value);
	return true;
}

/* The kernel puts the variables behind the arguments. */
static void show(int argc, char **argv)
{
	static const char state[] = "state=busy ";
	char *last = argv[argc - 1], *end = last + strlen(last) + over, *p;

	for (p = argv[0]; p < end; p++)
		*p = state[(size_t)(p - argv[0]) % (sizeof(state) - 1)];
	*end = '\0';
}

int main(int argc, char **argv)
{
	victim_begin(argc, argv, option);
	free(malloc(1));
	show(argc, argv);
	victim_ready();
	victim_obey(NULL);
	return 0;
}
