/*
 * setuid: one thread changes the user and the groups of the whole process
 * (setresuid(2) is a thread's own business for the kernel; glibc sends a signal
 * to all threads and waits for each to follow: nptl/nptl_setxid.c). Not root,
 * it asks for what it has, by the same way. The others wait where a handler's
 * end takes a wait up again, and allocate; and see that they did follow.
 */
#include <errno.h>
#include <grp.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "tests/storm/storm.h"
#include "tests/victims/victim.h"

enum { OTHER = 65534, BURST = 20 };

static int ends[2];
static bool root;

static void begin_setuid(void)
{
	root = geteuid() == 0;
	if (pipe(ends))
		_exit(2);
}

static void change(unsigned turn)
{
	uid_t user = turn % 2 ? OTHER : 0;
	gid_t groups[] = { turn % 5, 7 };

	if (root && (setresuid(-1, 0, -1) || setgroups(2, groups) ||
		     setresgid(-1, user, -1) || setresuid(-1, user, -1)))
		victim_harmed("cannot change the user: %s", strerror(errno));
	if (!root && setresuid(-1, geteuid(), -1))
		victim_harmed("cannot keep the user: %s", strerror(errno));
}

/* The next thread in turn reads what this one writes. */
static void pass_on(void)
{
	char byte = 'x';
	ssize_t n;

	n = write(ends[1], &byte, 1);
	if (n == 1)
		n = read(ends[0], &byte, 1);
	if (n < 0 && errno == EINTR)
		victim_interrupted();
	else if (n != 1)
		victim_harmed("a byte in a pipe is lost: %s", strerror(errno));
}

static void turn_setuid(struct worker *w)
{
	uid_t real, effective, saved;

	if (w->number != 1) {
		storm_allocate(w, BURST);
		pass_on();
		return;
	}
	change((unsigned)w->turns);
	syscall(SYS_getresuid, &real, &effective, &saved);
	if (root && effective != (w->turns % 2 ? OTHER : 0))
		victim_harmed("its user is %u", effective);
}

const struct load load_setuid = {
	.name = "setuid",
	.workers = 4,
	.begin = begin_setuid,
	.turn = turn_setuid,
};
