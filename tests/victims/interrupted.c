/*
 * A signal's handler obeys the commands. The signal came to the thread
 *
 *	--in lock	inside the allocator of shim.c, with its lock, at a call
 *			of libc's that has no frame of the allocator's above it
 *	--in libc	in libc, with no lock
 *	--in program	in its own code
 *
 * and is handled
 *
 *	--on own	on the thread's stack
 *	--on array	on an alternate one, which is an array in its main()
 *	--on static	on an alternate one, which is a static variable of a
 *			thread, and so in the mapping of that thread's stack
 *
 *	--returns bare	through code without unwind information, as musl's
 *
 *	thread		"thread TID", which obeys
 */
#include <cpuid.h>
#include <dlfcn.h>
#include <signal.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "tests/victims/victim.h"

enum { STACK = 1 << 16, RESTORER = 0x04000000 };

/* rt_sigreturn(2) */
__asm__(".text\n"
	"bare_return:\n"
	"	mov $15, %eax\n"
	"	syscall\n"
	"	hlt\n");
void bare_return(void);

/* As rt_sigaction(2) takes it. */
struct kernel_action {
	void (*handler)(int);
	unsigned long flags;
	void (*restorer)(void);
	unsigned long mask;
};

static const char *in = "lock", *on = "own";
static bool bare;
static void (**shim_inside)(void);
static __thread char own_static[STACK];

static bool option(const char *name, const char *value)
{
	if (!strcmp(name, "--in"))
		in = value;
	else if (!strcmp(name, "--on"))
		on = value;
	else if (!strcmp(name, "--returns"))
		bare = !strcmp(value, "bare");
	else
		return false;
	return true;
}

static bool command(const char *line)
{
	if (strcmp(line, "thread"))
		return false;
	victim_say("thread %d", (int)gettid());
	return true;
}

static void obey(int number)
{
	(void)number;
	victim_ready();
	victim_obey(command);
}

static void handle(void *stack)
{
	stack_t alternate = { .ss_sp = stack, .ss_size = STACK };
	struct sigaction action = { .sa_handler = obey,
				    .sa_flags = SA_ONSTACK };
	struct kernel_action own = { .handler = obey,
				     .flags = SA_ONSTACK | RESTORER,
				     .restorer = bare_return };

	if (stack && sigaltstack(&alternate, NULL))
		_exit(2);
	if (bare ? syscall(SYS_rt_sigaction, SIGUSR1, &own, NULL, sizeof(long))
		 : sigaction(SIGUSR1, &action, NULL))
		_exit(2);
}

/* kill(2) by an instruction of the program itself, which it returns to. */
static void kill_ourselves(void)
{
	long result;

	__asm__ volatile("syscall"
			 : "=a"(result)
			 : "a"(SYS_tgkill), "D"(getpid()), "S"(gettid()),
			   "d"(SIGUSR1)
			 : "rcx", "r11", "memory");
}

static void raise_once(void)
{
	*shim_inside = NULL;
	raise(SIGUSR1);
}

/* Old words there, of the start of the program, would decide. */
static __attribute__((noinline)) void clear_stack(void)
{
	char below[STACK];

	memset(below, 0, sizeof(below));
	__asm__ volatile("" ::"r"(below) : "memory");
}

/* Old words in vector registers would, too, which the kernel saves on the
 * stack: what libc has copied stays for long in those that only new processors
 * have. */
static void clear_vectors(void)
{
	enum { VECTORS = 0xe6 }; /* of SSE, AVX and AVX-512 */
	struct {
		uint32_t legacy[6], mxcsr, more[121];
		uint64_t header[8]; /* nothing is there: as after exec */
	} __attribute__((aligned(64))) state = { .mxcsr = 0x1f80 };
	unsigned int a, b, c, d;

	if (!__get_cpuid(1, &a, &b, &c, &d) || !(c & bit_OSXSAVE))
		return;
	__asm__ volatile("xrstor %0" ::"m"(state), "a"(VECTORS), "d"(0)
			 : "xmm0", "xmm1", "xmm2", "xmm3", "xmm4", "xmm5",
			   "xmm6", "xmm7", "xmm8", "xmm9", "xmm10", "xmm11",
			   "xmm12", "xmm13", "xmm14", "xmm15", "memory");
}

static void *interrupt(void *stack)
{
	void *volatile allocated;

	handle(stack);
	clear_stack();
	clear_vectors();
	if (!strcmp(in, "program")) {
		kill_ourselves();
	} else if (!strcmp(in, "libc")) {
		raise(SIGUSR1);
	} else {
		*shim_inside = raise_once;
		allocated = calloc(1, sizeof(int));
		free(allocated);
	}
	return NULL;
}

static void *interrupt_thread(void *arg)
{
	(void)arg;
	return interrupt(own_static);
}

int main(int argc, char **argv)
{
	char array[STACK];
	pthread_t id;

	memset(array, 0, sizeof(array));
	victim_begin(argc, argv, option);
	*(void **)&shim_inside = dlsym(RTLD_DEFAULT, "shim_inside");
	if (!strcmp(in, "lock") && !shim_inside)
		return 2;
	if (!strcmp(on, "static")) {
		if (pthread_create(&id, NULL, interrupt_thread, NULL))
			return 2;
		pthread_join(id, NULL);
	} else {
		interrupt(strcmp(on, "own") ? array : NULL);
	}
	return heartbeat->harmed[0] ? 3 : 0;
}
