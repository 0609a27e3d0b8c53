/* What is loaded and unloaded again and again: it allocates when it is loaded,
 * when it is called and when it goes, and has a variable for each thread. */
#include <stdlib.h>
#include <string.h>

unsigned plugin_sum(unsigned n);

static char *kept;
static __thread unsigned calls;

__attribute__((constructor)) static void begin(void)
{
	kept = strdup("what was allocated when it was loaded");
}

__attribute__((destructor)) static void end(void)
{
	free(kept);
}

unsigned plugin_sum(unsigned n)
{
	unsigned *p = malloc(sizeof(*p) * (n + 1)), i, sum = 0;

	for (i = 0; i <= n; i++)
		p[i] = i;
	for (i = 0; i <= n; i++)
		sum += p[i];
	free(p);
	calls++;
	return kept && calls ? sum : 0;
}
