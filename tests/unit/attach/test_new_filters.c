/* A thread that gets seccomp filters, or strict mode, after it was judged, and
 * stands where it stood: it is not taken. */
#include <linux/capability.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdatomic.h>
#include <stddef.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "attach/borrow.h"
#include "attach/tracee.h"
#include "proc/status.h"
#include "proc/task.h"
#include "tests/unit/hs_check.h"

enum { ROUND_US = 500000 };

/* Shared with the child: when it was judged, and when it has changed. */
static struct {
	atomic_bool judged, changed;
} * seen;

static pid_t child;
static int to_child[2];
static int64_t waits_in = -1; /* the call that it is in again then */

static bool is_held(void)
{
	struct status status;

	hs_ck_ok(status_read(child, &status));
	return status.tracer != 0;
}

static void await_call(int64_t number)
{
	struct task_syscall where = { 0 };

	do {
		hs_ck_ok(task_syscall_read(child, child, &where));
	} while (where.activity != TASK_IN_SYSCALL || where.number != number);
}

static struct verdict scan(const void *arg, const struct thread_copy *copy,
			   bool waits)
{
	(void)arg;
	(void)copy;
	(void)waits;
	return verdict_usable();
}

/* It is free: at the first time it changes now. */
static struct verdict judge(const void *arg, const struct judge_case *c,
			    struct unwind *frames)
{
	const char c0 = 'a';

	(void)arg;
	(void)c;
	if (frames)
		*frames = (struct unwind){ 0 };
	if (seen->judged)
		return verdict_usable();
	seen->judged = true;
	if (waits_in == SYS_read)
		ck_assert_int_eq(write(to_child[1], &c0, 1), 1);
	while (!seen->changed)
		sched_yield();
	if (waits_in >= 0)
		await_call(waits_in);
	return verdict_usable();
}

/* Creating a file ends the process. */
static void *filter_all(void *unused)
{
	struct sock_filter code[] = {
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS,
			 offsetof(struct seccomp_data, nr)),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_creat, 0, 1),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_KILL_PROCESS),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
	};
	const struct sock_fprog program = { sizeof(code) / sizeof(*code),
					    code };

	while (!seen->judged)
		sched_yield();
	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) ||
	    syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER,
		    SECCOMP_FILTER_FLAG_TSYNC, &program))
		_exit(2);
	seen->changed = true;
	for (;;)
		pause();
	return unused;
}

/* Waits while another thread of it gives both of them a filter. */
static void wait_for_filter(void)
{
	pthread_t thread;

	if (pthread_create(&thread, NULL, filter_all, NULL))
		_exit(2);
	for (;;)
		pause();
}

static void be_strict(void)
{
	if (prctl(PR_SET_SECCOMP, SECCOMP_MODE_STRICT))
		_exit(2);
	seen->changed = true;
}

static void read_again(void)
{
	char c;

	while (read(to_child[0], &c, 1) == 1)
		be_strict();
}

static void spin_on(void)
{
	while (!seen->judged)
		;
	be_strict();
	for (;;)
		;
}

static void start_child(void (*live)(void))
{
	seen = mmap(NULL, sizeof(*seen), PROT_READ | PROT_WRITE,
		    MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	ck_assert_ptr_ne(seen, MAP_FAILED);
	ck_assert_int_eq(pipe(to_child), 0);
	child = fork();
	ck_assert_int_ge(child, 0);
	if (!child) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		live();
		_exit(0);
	}
	if (waits_in >= 0)
		await_call(waits_in);
}

/* It changes once, and is refused then: @code, @why. */
static void check_refused(enum hs_error_code code, const char *why)
{
	static const struct code_map no_code;
	const struct judge j = { .scan = scan, .judge = judge };
	const struct deadline d = deadline_in(ROUND_US, NULL);
	const struct task_list main_thread = { .tids = &child, .n = 1 };
	const struct borrow_request request = {
		.pid = child,
		.code = &no_code,
		.judge = &j,
		.deadline = &d,
		.among = &main_thread,
	};
	struct held_thread held;
	struct tracer tracer;
	struct hs_error *err;

	hs_ck_ok(tracer_begin(&tracer));
	err = borrow_take(&request, &held);
	ck_assert(seen->changed);
	ck_assert_ptr_nonnull(err);
	ck_assert_int_eq(hs_error_code(err), code);
	ck_assert_msg(strstr(hs_error_message(err), why), "%s",
		      hs_error_message(err));
	hs_error_free(err);
	ck_assert(!is_held());
	tracer_end(&tracer);
	ck_assert_int_eq(kill(child, SIGKILL), 0);
	ck_assert_int_eq(waitpid(child, NULL, 0), child);
}

/* In a sandbox it would have filters from the start. */
static bool in_sandbox(bool *may_read_filters)
{
	struct status status;

	hs_ck_ok(status_read(getpid(), &status));
	*may_read_filters = status.cap_effective >> CAP_SYS_ADMIN & 1;
	return status.seccomp != 0;
}

START_TEST(a_filter_that_came_since_is_seen)
{
	bool may_read_filters;

	if (in_sandbox(&may_read_filters))
		return;
	waits_in = SYS_pause;
	start_child(wait_for_filter);
	check_refused(HS_ERROR_DENIED, may_read_filters
					       ? "its seccomp filter would "
						 "kill it for the system call "
						 "'creat'"
					       : "its seccomp filter cannot be "
						 "read");
}
END_TEST

static void give_up_admin(void)
{
	struct __user_cap_header_struct header = {
		.version = _LINUX_CAPABILITY_VERSION_3
	};
	struct __user_cap_data_struct sets[2];

	ck_assert_int_eq(syscall(SYS_capget, &header, sets), 0);
	sets[0].effective &= ~(1u << CAP_SYS_ADMIN);
	ck_assert_int_eq(syscall(SYS_capset, &header, sets), 0);
}

START_TEST(so_it_is_by_who_may_not_read_it)
{
	bool may_read_filters;

	if (in_sandbox(&may_read_filters))
		return;
	waits_in = SYS_pause;
	start_child(wait_for_filter);
	give_up_admin();
	check_refused(HS_ERROR_DENIED, "its seccomp filter cannot be read");
}
END_TEST

START_TEST(strict_mode_in_the_same_read_is_seen)
{
	bool may_read_filters;

	if (in_sandbox(&may_read_filters))
		return;
	waits_in = SYS_read;
	start_child(read_again);
	check_refused(HS_ERROR_UNSAFE, "is in seccomp's strict mode");
}
END_TEST

START_TEST(strict_mode_of_one_that_runs_is_seen)
{
	bool may_read_filters;

	if (in_sandbox(&may_read_filters))
		return;
	start_child(spin_on);
	check_refused(HS_ERROR_UNSAFE, "is in seccomp's strict mode");
}
END_TEST

int main(void)
{
	return hs_check_run("attach/final_checks: seccomp",
			    a_filter_that_came_since_is_seen,
			    so_it_is_by_who_may_not_read_it,
			    strict_mode_in_the_same_read_is_seen,
			    strict_mode_of_one_that_runs_is_seen);
}
