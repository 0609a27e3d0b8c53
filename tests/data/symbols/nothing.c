/* For programs in C alone. */
#include "chain.h"

int shapes_run(int n)
{
	return n;
}
