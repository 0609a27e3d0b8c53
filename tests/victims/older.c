/*
 * A program with functions of jemalloc's names, and the version of one that is
 * too old for its records to be read.
 */
#include <stddef.h>

#include "tests/victims/no_mib.h"
#include "tests/victims/victim.h"

extern const char version[];

/* As jemalloc has it among its constants. */
const char version[] = "5.0.1-0-g896ed3a8b3f41998d4fb4d625d30ac63ef2d51fb";

int mallctl(const char *name, void *old, size_t *old_len, void *value,
	    size_t len)
{
	(void)name;
	(void)old_len;
	(void)value;
	(void)len;
	*(const char **)old = version;
	return 0;
}

int main(int argc, char **argv)
{
	victim_begin(argc, argv, NULL);
	victim_ready();
	victim_obey(NULL);
	return 0;
}
