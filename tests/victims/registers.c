/*
 * Threads that keep known values in every register, the flags and the red zone
 * of their stack, over a loop or over one system call, and find each that is
 *not what it was. Their signal mask, alternate stack and errno count as well.
 *
 *	report	"KIND tid=N rounds=N level=LEVEL" for each, then "end"; LEVEL is
 *		what vector registers this CPU has: sse, avx or avx512
 *
 * A wait that ends with EINTR is counted, and all the rest checked.
 */
#include <cpuid.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <sys/timerfd.h>
#include <time.h>
#include <unistd.h>

#include "tests/victims/victim.h"

enum { SPINS = 1000000, WAIT_MS = 10, STACK_SIZE = 1 << 16 };
enum { LEVEL_SSE, LEVEL_AVX, LEVEL_AVX512 };

struct values {
	uint64_t general[15];
	uint64_t flags;
	uint64_t red_zone[16];
	uint64_t x87_control, x87_status, mxcsr;
	unsigned char x87[8][16];
	uint64_t mask[8];
	unsigned char vector[32][64];
};

static const char *const general_names[] = {
	"rax", "rbx", "rcx", "rdx", "rsi", "rdi", "rbp", "r8",
	"r9",  "r10", "r11", "r12", "r13", "r14", "r15",
};

struct trip {
	uint64_t level;
	uint64_t usual_mxcsr;
	struct values in, out;
};

/* What registers_trip.S takes them to be. */
_Static_assert(offsetof(struct trip, in) == 16, "IN");
_Static_assert(offsetof(struct trip, out) == 2536, "OUT");
_Static_assert(offsetof(struct values, flags) == 120, "FLAGS");
_Static_assert(offsetof(struct values, red_zone) == 128, "RED");
_Static_assert(offsetof(struct values, x87_control) == 256, "CONTROL");
_Static_assert(offsetof(struct values, x87_status) == 264, "STATUS");
_Static_assert(offsetof(struct values, mxcsr) == 272, "MXCSR");
_Static_assert(offsetof(struct values, x87) == 280, "X87");
_Static_assert(offsetof(struct values, mask) == 408, "MASK");
_Static_assert(offsetof(struct values, vector) == 472, "VECTOR");

/* Load all from in, spend their time in a loop or a system call, and store all
 * to out: registers_trip.S. */
void trip_spin(struct trip *t);
void trip_call(struct trip *t);

struct kind {
	const char *name;
	int64_t number; /* of its call; -1: it spins */
	pid_t tid;
	uint64_t rounds, eintr;
	struct trip trip;
	struct values usual; /* out of a round that nobody disturbed */
	char stack[STACK_SIZE];
};

static struct kind kinds[] = {
	{ .name = "spin", .number = -1 },
	{ .name = "read", .number = SYS_read },
	{ .name = "nanosleep", .number = SYS_nanosleep },
	{ .name = "select", .number = SYS_select },
	{ .name = "epoll", .number = SYS_epoll_wait },
};

enum { KINDS = sizeof(kinds) / sizeof(kinds[0]) };

static uint64_t level;
static struct timespec pause_span = { .tv_nsec = WAIT_MS * 1000000 };
static struct timeval select_span;
static struct epoll_event epoll_event;
static uint64_t expirations;
static int epoll_fd, timer_fd;

/* XCR0 (xgetbv) says what the kernel lets a program use. */
static uint64_t find_level(void)
{
	uint32_t a, b, c, d, low, high;

	if (!__get_cpuid(1, &a, &b, &c, &d) || !(c & bit_OSXSAVE))
		return LEVEL_SSE;
	__asm__("xgetbv" : "=a"(low), "=d"(high) : "c"(0));
	if (!(c & bit_AVX) || (low & 6) != 6)
		return LEVEL_SSE;
	if (!__get_cpuid_count(7, 0, &a, &b, &c, &d) || !(b & bit_AVX512F) ||
	    !(b & bit_AVX512BW) || (low & 0xe6) != 0xe6)
		return LEVEL_AVX;
	return LEVEL_AVX512;
}

/* The arguments of the system call of @k, in the registers that take them. */
static void set_arguments(struct kind *k)
{
	enum { RAX, RBX, RCX, RDX, RSI, RDI, RBP, R8, R9, R10 };
	uint64_t *g = k->trip.in.general;

	g[RAX] = (uint64_t)k->number;
	switch (k->number) {
	case -1:
		g[RAX] = 0x5555aaaa5555aaaa;
		g[RCX] = SPINS;
		break;
	case SYS_read:
		g[RDI] = (uint64_t)timer_fd;
		g[RSI] = (uintptr_t)&expirations;
		g[RDX] = sizeof(expirations);
		break;
	case SYS_nanosleep:
		g[RDI] = (uintptr_t)&pause_span;
		g[RSI] = 0;
		break;
	case SYS_select:
		select_span = (struct timeval){ .tv_usec = WAIT_MS * 1000 };
		g[RDI] = g[RSI] = g[RDX] = g[R10] = 0;
		g[R8] = (uintptr_t)&select_span;
		break;
	case SYS_epoll_wait:
		g[RDI] = (uint64_t)epoll_fd;
		g[RSI] = (uintptr_t)&epoll_event;
		g[RDX] = 1;
		g[R10] = WAIT_MS;
		break;
	}
}

static void set_values(struct kind *k)
{
	/* carry, parity, adjust, zero, sign, direction, overflow, id; bit 1 is
	 * always set, and so are interrupts */
	enum { FLAGS = 0x200000 | 0x202 | 0xcd5 | 0x10 };
	struct values *v = &k->trip.in;
	uint64_t seed = (uint64_t)k->number * 1000003 + 12345;
	unsigned char *p;
	size_t i;

	for (p = (unsigned char *)v; p < (unsigned char *)(v + 1); p++) {
		seed = seed * 6364136223846793005ull + 1442695040888963407ull;
		*p = (unsigned char)(seed >> 56);
	}
	v->flags = FLAGS;
	v->x87_control = 0x0e7f; /* round to zero, double precision */
	v->mxcsr = 0xffc0;	 /* the same, flush to zero, no exceptions */
	for (i = 0; i < 8; i++) {
		long double x = 1.5L + (long double)i;

		memcpy(v->x87[i], &x, 10);
	}
	k->trip.level = level;
	k->trip.usual_mxcsr = 0x1f80;
	set_arguments(k);
}

static void name_place(size_t at, char *buf, size_t size)
{
	if (at < offsetof(struct values, flags))
		snprintf(buf, size, "%s", general_names[at / 8]);
	else if (at < offsetof(struct values, red_zone))
		snprintf(buf, size, "the flags");
	else if (at < offsetof(struct values, x87_control))
		snprintf(buf, size, "the red zone");
	else if (at < offsetof(struct values, mask))
		snprintf(buf, size, "x87 or mxcsr, byte %zu",
			 at - offsetof(struct values, x87_control));
	else if (at < offsetof(struct values, vector))
		snprintf(buf, size, "k%zu",
			 (at - offsetof(struct values, mask)) / 8);
	else
		snprintf(buf, size, "vector register %zu, byte %zu",
			 (at - offsetof(struct values, vector)) / 64,
			 (at - offsetof(struct values, vector)) % 64);
}

static void go_round(struct kind *k)
{
	struct values *out = &k->trip.out;

	memset(out, 0, sizeof(*out));
	set_arguments(k);
	if (k->number < 0)
		trip_spin(&k->trip);
	else
		trip_call(&k->trip);
	if (k->number >= 0 && (int64_t)out->general[0] == -EINTR) {
		victim_interrupted();
		out->general[0] = k->usual.general[0];
	}
}

static void check_round(const struct kind *k, const sigset_t *mask)
{
	const unsigned char *got = (const unsigned char *)&k->trip.out;
	const unsigned char *want = (const unsigned char *)&k->usual;
	sigset_t now;
	stack_t stack;
	char place[64];
	size_t i = 0;

	if (errno != 77)
		victim_harmed("%s: errno became %d", k->name, errno);
	while (i < sizeof(struct values) && got[i] == want[i])
		i++;
	name_place(i, place, sizeof(place));
	if (i < sizeof(struct values))
		victim_harmed("%s: %s is %02x, was %02x", k->name, place,
			      got[i], want[i]);
	pthread_sigmask(SIG_SETMASK, NULL, &now);
	/* The kernel's size: glibc's type is larger, and the rest not set. */
	if (memcmp(&now, mask, _NSIG / 8) != 0)
		victim_harmed("%s: other signals are blocked", k->name);
	if (sigaltstack(NULL, &stack) || stack.ss_sp != k->stack ||
	    stack.ss_size != STACK_SIZE || stack.ss_flags)
		victim_harmed("%s: another alternate stack", k->name);
}

static void *go_round_for_ever(void *arg)
{
	struct kind *k = arg;
	stack_t stack = { .ss_sp = k->stack, .ss_size = STACK_SIZE };
	sigset_t mask;

	sigemptyset(&mask);
	sigaddset(&mask, SIGUSR2);
	pthread_sigmask(SIG_SETMASK, &mask, NULL);
	pthread_sigmask(SIG_SETMASK, NULL, &mask);
	sigaltstack(&stack, NULL);
	set_values(k);
	go_round(k);
	k->usual = k->trip.out;
	for (;;) {
		errno = 77;
		go_round(k);
		check_round(k, &mask);
		if (!k->rounds++)
			__atomic_store_n(&k->tid, gettid(), __ATOMIC_SEQ_CST);
	}
	return NULL;
}

static bool command(const char *line)
{
	static const char *const levels[] = { "sse", "avx", "avx512" };
	const struct kind *k;

	if (strcmp(line, "report") != 0)
		return false;
	for (k = kinds; k < kinds + KINDS; k++)
		victim_say("%s tid=%d rounds=%llu level=%s", k->name,
			   (int)k->tid, (unsigned long long)k->rounds,
			   levels[level]);
	victim_say("end");
	return true;
}

int main(int argc, char **argv)
{
	struct itimerspec period = { .it_value = pause_span,
				     .it_interval = pause_span };
	struct kind *k;

	victim_begin(argc, argv, NULL);
	level = find_level();
	epoll_fd = epoll_create1(EPOLL_CLOEXEC);
	timer_fd = timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC);
	timerfd_settime(timer_fd, 0, &period, NULL);
	for (k = kinds; k < kinds + KINDS; k++) {
		victim_thread(go_round_for_ever, k);
		while (!__atomic_load_n(&k->tid, __ATOMIC_SEQ_CST))
			usleep(1000);
	}
	victim_ready();
	victim_obey(command);
	return 0;
}
