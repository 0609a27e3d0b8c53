/*
 * In a build with sanitizers nothing is given up: AddressSanitizer maps more
 * than a limit on memory allows, and LeakSanitizer traces the program that it
 * is in.
 */
#include "proc/confine.h"

struct hs_error *confine(const struct confine_rules *rules)
{
	(void)rules;
	return NULL;
}
