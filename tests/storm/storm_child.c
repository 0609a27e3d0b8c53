/* What the fork load executes: says by its exit status what it was born with.
 * 0 all is well, 10 a descriptor that nobody meant to give it, 11 signals that
 * are blocked, 12 no memory. */
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <unistd.h>

enum { WELL = 0, INHERITED = 10, BLOCKED = 11, NO_MEMORY = 12, LOOKED_AT = 64 };

int main(void)
{
	sigset_t mask;
	void *p;
	int i;

	for (i = STDERR_FILENO + 1; i < LOOKED_AT; i++) {
		if (fcntl(i, F_GETFD) >= 0)
			return INHERITED;
	}
	sigemptyset(&mask);
	sigprocmask(SIG_BLOCK, NULL, &mask);
	for (i = 1; i < SIGRTMIN; i++) {
		if (sigismember(&mask, i) == 1)
			return BLOCKED;
	}
	p = malloc(1000);
	if (!p)
		return NO_MEMORY;
	free(p);
	return WELL;
}
