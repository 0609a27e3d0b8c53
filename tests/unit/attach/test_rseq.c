/* A thread inside a restartable sequence is told from one that is not, by a
 * kernel that says where its struct rseq is and by one that does not. */
#include "attach/rseq.h"

#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/linux.h"
#include "tests/unit/hs_check.h"
#include "tests/victims/refuse.h"

enum { SIGNATURE = 0x53053053, TRIES = 10000 };

struct own_rseq {
	uint32_t cpu_id_start, cpu_id;
	uint64_t section;
	uint32_t rest[4];
} __attribute__((aligned(32)));

struct own_section {
	uint32_t version, flags;
	uint64_t start, length, abort;
} __attribute__((aligned(32)));

/* It stays inside for ever: aborted, it begins anew. */
void sequence(struct own_rseq *rseq, const struct own_section *section);
extern const char sequence_start[], sequence_end[], sequence_abort[];
__asm__(".text\n"
	".globl sequence, sequence_start, sequence_end, sequence_abort\n"
	"sequence:\n"
	"	movq %rsi, 8(%rdi)\n"
	"sequence_start:\n"
	"	pause\n"
	"	jmp sequence_start\n"
	"sequence_end:\n"
	"	.long 0x53053053\n"
	"sequence_abort:\n"
	"	jmp sequence\n");

/* glibc's, since 2.35: from the thread pointer on, which pthread_self() is
 * (__builtin_thread_pointer() is not there in gcc 10). */
extern const ptrdiff_t __rseq_offset __attribute__((weak));
extern const unsigned __rseq_size __attribute__((weak));
static __thread struct own_rseq of_a_library;

/* The one that is registered for this thread. */
static struct own_rseq *registered(void)
{
	const ptrdiff_t *offset = &__rseq_offset;
	const unsigned *size = &__rseq_size;

	if (offset && size && *size)
		return (void *)((char *)pthread_self() + *offset);
	if (syscall(SYS_rseq, &of_a_library, sizeof(of_a_library), 0,
		    SIGNATURE))
		_exit(2);
	return &of_a_library;
}

static struct own_section section;

static void be_inside(void)
{
	sequence(registered(), &section);
}

/* The kernel clears the pointer later. */
static void have_been_inside(void)
{
	struct own_rseq *rseq = registered();

	for (;;)
		*(volatile uint64_t *)&rseq->section = (uintptr_t)&section;
}

static void be_elsewhere(void)
{
	registered();
	for (;;)
		__asm__ volatile("pause");
}

static pid_t start(void (*be)(void))
{
	pid_t pid;

	section = (struct own_section){
		.start = (uintptr_t)sequence_start,
		.length = (uintptr_t)(sequence_end - sequence_start),
		.abort = (uintptr_t)sequence_abort,
	};
	pid = fork();
	ck_assert_int_ge(pid, 0);
	if (pid == 0) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		be();
	}
	ck_assert_int_eq(ptrace(PTRACE_SEIZE, pid, 0, 0), 0);
	return pid;
}

static void end(pid_t pid)
{
	kill(pid, SIGKILL);
	ck_assert_int_eq(waitpid(pid, NULL, 0), pid);
}

static void stop(pid_t pid, struct arch_regs *regs)
{
	int status;

	ck_assert_int_eq(ptrace(PTRACE_INTERRUPT, pid, 0, 0), 0);
	ck_assert_int_eq(waitpid(pid, &status, 0), pid);
	ck_assert(WIFSTOPPED(status));
	hs_ck_ok(arch_regs_get(pid, regs));
}

static bool is_in_sequence(const struct arch_regs *regs)
{
	return arch_pc(regs) - section.start < section.length;
}

/* At the first stop, of TRIES, at which it is. */
static bool seen_inside(pid_t pid)
{
	struct arch_regs regs;
	int n;

	for (n = 0; n < TRIES; n++) {
		stop(pid, &regs);
		if (is_in_sequence(&regs))
			return rseq_is_inside(pid, &regs);
		ck_assert_int_eq(ptrace(PTRACE_CONT, pid, 0, 0), 0);
	}
	ck_abort_msg("it was never in its sequence");
}

static void check_all(void)
{
	struct arch_regs regs;
	pid_t pid = start(be_inside);

	ck_assert(seen_inside(pid));
	end(pid);
	pid = start(have_been_inside);
	stop(pid, &regs);
	ck_assert(!rseq_is_inside(pid, &regs));
	end(pid);
	pid = start(be_elsewhere);
	stop(pid, &regs);
	ck_assert(!rseq_is_inside(pid, &regs));
	end(pid);
}

START_TEST(the_kernel_says_where_it_is)
{
	check_all();
}
END_TEST

START_TEST(it_is_looked_for)
{
	ck_assert(refuse(SYS_ptrace, PTRACE_GET_RSEQ_CONFIGURATION, EIO));
	check_all();
}
END_TEST

int main(void)
{
	return hs_check_run("attach/rseq", the_kernel_says_where_it_is,
			    it_is_looked_for);
}
