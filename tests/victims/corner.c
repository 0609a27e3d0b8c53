/*
 * A program whose main thread is in an unusual place, from which it obeys its
 * commands all the same.
 *
 *	--place PLACE	altstack: in a signal handler, on an alternate stack
 *			fiber: on a stack of makecontext(3)
 *			vfork: in vfork(2); its child obeys
 *			locked: nowhere, but all memory is locked, also that to
 *			come, mlockall(2)
 *			future: the same, only what is to come; without the
 *			right to exceed the limit, but root
 *			region: one MiB is locked, by mlock(2), by an ordinary
 *			user
 *	--jail DIR	chroot(2) there, as an ordinary user
 *	--small N	threads that wait on stacks of PTHREAD_STACK_MIN
 *	--fibers N	threads that wait on stacks of makecontext(3)
 *
 *	small		"small TID" of one of the threads with small stacks
 *	fiber		"fiber TID" of one of those on fibers
 *	lock		what --place future does; "locked"
 */
#include <limits.h>
#include <linux/capability.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <ucontext.h>
#include <unistd.h>

#include "tests/victims/victim.h"

enum { STACK = 1 << 18, CANARY = 0x5eed, NOBODY = 65534 };

static const char *place = "nowhere", *jail;
static uint64_t n_small, n_fibers;
static volatile pid_t small_tid, fiber_tid;

static bool option(const char *name, const char *value)
{
	if (!strcmp(name, "--place"))
		place = value;
	else if (!strcmp(name, "--jail"))
		jail = value;
	else if (!strcmp(name, "--small"))
		n_small = victim_number(value);
	else if (!strcmp(name, "--fibers"))
		n_fibers = victim_number(value);
	else
		return false;
	return true;
}

static void *new_stack(void)
{
	void *p = mmap(NULL, STACK, PROT_READ | PROT_WRITE,
		       MAP_PRIVATE | MAP_ANONYMOUS | MAP_STACK, -1, 0);

	if (p == MAP_FAILED)
		_exit(2);
	return p;
}

static void give_up_capabilities(void)
{
	struct __user_cap_header_struct header = {
		.version = _LINUX_CAPABILITY_VERSION_3,
	};
	struct __user_cap_data_struct none[2] = { { 0 } };

	if (syscall(SYS_capset, &header, none))
		_exit(2);
}

/* Without the right to exceed the limit. */
static void lock_what_comes(void)
{
	if (mlockall(MCL_FUTURE) || !new_stack())
		_exit(2);
	give_up_capabilities();
}

static bool command(const char *line)
{
	if (!strcmp(line, "small")) {
		victim_say("small %d", (int)small_tid);
	} else if (!strcmp(line, "fiber")) {
		victim_say("fiber %d", (int)fiber_tid);
	} else if (!strcmp(line, "lock")) {
		lock_what_comes();
		victim_say("locked");
	} else {
		return false;
	}
	return true;
}

static void obey(void)
{
	volatile int canary = CANARY;

	victim_ready();
	victim_obey(command);
	if (canary != CANARY)
		victim_harmed("the stack was overwritten");
}

static void on_signal(int number)
{
	(void)number;
	obey();
}

static void obey_in_handler(void)
{
	struct sigaction action = { .sa_handler = on_signal,
				    .sa_flags = SA_ONSTACK };
	stack_t stack = { .ss_sp = new_stack(), .ss_size = STACK }, now;

	sigaltstack(&stack, NULL);
	sigaction(SIGUSR1, &action, NULL);
	raise(SIGUSR1);
	if (sigaltstack(NULL, &now) || now.ss_sp != stack.ss_sp ||
	    now.ss_size != STACK || now.ss_flags)
		victim_harmed("the alternate stack is another one");
}

static void run_fiber(void (*fn)(void))
{
	ucontext_t back, fiber;

	getcontext(&fiber);
	fiber.uc_stack.ss_sp = new_stack();
	fiber.uc_stack.ss_size = STACK;
	fiber.uc_link = &back;
	makecontext(&fiber, fn, 0);
	swapcontext(&back, &fiber);
}

/* The child has our memory, and ends before we go on. */
static void obey_in_child(void)
{
	int status = 0;
	pid_t child = vfork();

	if (!child) {
		victim_say("ready %d", (int)getppid());
		victim_obey(command);
		_exit(0);
	}
	if (child < 0 || waitpid(child, &status, 0) != child || status)
		victim_harmed("the child ended with %d", status);
}

static void wait_for_ever(void)
{
	int fds[2];
	char byte;

	if (pipe(fds))
		_exit(2);
	if (read(fds[0], &byte, 1) < 0)
		victim_interrupted();
	victim_harmed("a wait without end has ended");
}

static void *small_thread(void *arg)
{
	(void)arg;
	small_tid = gettid();
	wait_for_ever();
	return NULL;
}

static void *fiber_thread(void *arg)
{
	(void)arg;
	fiber_tid = gettid();
	run_fiber(wait_for_ever);
	return NULL;
}

static void start_threads(void)
{
	pthread_attr_t attr;
	pthread_t id;
	uint64_t i;

	pthread_attr_init(&attr);
	pthread_attr_setstacksize(&attr, (size_t)PTHREAD_STACK_MIN);
	for (i = 0; i < n_small; i++) {
		if (pthread_create(&id, &attr, small_thread, NULL))
			_exit(2);
	}
	for (i = 0; i < n_fibers; i++)
		victim_thread(fiber_thread, NULL);
	while ((n_small && !small_tid) || (n_fibers && !fiber_tid))
		usleep(1000);
}

static void lock_memory(void)
{
	static char region[1 << 20];

	if (!strcmp(place, "locked") && mlockall(MCL_CURRENT | MCL_FUTURE))
		_exit(2);
	if (!strcmp(place, "region") && mlock(region, sizeof(region)))
		_exit(2);
	if (!strcmp(place, "region") && setuid(NOBODY))
		_exit(2);
	if (!strcmp(place, "future"))
		lock_what_comes();
}

int main(int argc, char **argv)
{
	victim_begin(argc, argv, option);
	start_threads();
	lock_memory();
	if (jail && (chroot(jail) || chdir("/") || setuid(NOBODY)))
		return 2;
	if (!strcmp(place, "altstack"))
		obey_in_handler();
	else if (!strcmp(place, "fiber"))
		run_fiber(obey);
	else if (!strcmp(place, "vfork"))
		obey_in_child();
	else
		obey();
	return heartbeat->harmed[0] ? 3 : 0;
}
