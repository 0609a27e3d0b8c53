/* A test that frees what it allocates. */
#include <stdlib.h>

int main(void)
{
	char *volatile kept = malloc(1000);

	free(kept);
	return 0;
}
