/* A function of its own is named "free", which other files do not see, and is
 * where the program is all the time. */
#include "tests/victims/victim.h"

__attribute__((noinline, used)) static void be_free(void) __asm__("free");

static void be_free(void)
{
	victim_obey(NULL);
	__asm__ volatile("" ::: "memory");
}

int main(int argc, char **argv)
{
	victim_begin(argc, argv, NULL);
	victim_ready();
	be_free();
	return 0;
}
