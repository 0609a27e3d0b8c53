/* A test that passes, but for what it leaves. */
#include <stdlib.h>

static void *volatile kept;

static __attribute__((noinline)) void forget(void)
{
	kept = malloc(1000);
}

int main(void)
{
	forget();
	forget();
	return 0;
}
