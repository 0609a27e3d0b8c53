/* Threads: the list of a process, the states of system calls, and how long they
 * waited for a CPU. */
#include "proc/task.h"

#include <limits.h>
#include <pthread.h>
#include <sched.h>
#include <string.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include "base/deadline.h"
#include "tests/unit/hs_check.h"

static struct hs_error *parse(const char *text, struct task_syscall *ret)
{
	return task_syscall_parse(text, strlen(text), "syscall", ret);
}

START_TEST(running)
{
	struct task_syscall task;

	hs_ck_ok(parse("running\n", &task));
	ck_assert_int_eq(task.activity, TASK_RUNNING);
}
END_TEST

START_TEST(in_a_system_call)
{
	struct task_syscall task;
	size_t i;

	hs_ck_ok(parse("232 0x1 0x2 0x3 0x4 0x5 0xffffffffffffffff "
		       "0x7ffd8 0x7f3db69\n",
		       &task));
	ck_assert_int_eq(task.activity, TASK_IN_SYSCALL);
	ck_assert_int_eq(task.number, 232);
	for (i = 0; i < 5; i++)
		ck_assert_uint_eq(task.args[i], i + 1);
	ck_assert_uint_eq(task.args[5], UINT64_MAX);
	ck_assert_uint_eq(task.sp, 0x7ffd8);
	ck_assert_uint_eq(task.pc, 0x7f3db69);
}
END_TEST

START_TEST(in_a_page_fault)
{
	struct task_syscall task;

	hs_ck_ok(parse("-1 0x7ffd8 0x7f3db69\n", &task));
	ck_assert_int_eq(task.activity, TASK_IN_FAULT);
	ck_assert_int_eq(task.number, -1);
	ck_assert_uint_eq(task.sp, 0x7ffd8);
	ck_assert_uint_eq(task.pc, 0x7f3db69);
}
END_TEST

static const char *const bad[] = {
	"",
	"\n",
	"running",
	"runningx\n",
	"1\n",
	"-1 0x1\n",
	"-1 0x1 0x2 0x3\n",
	"-1  0x1 0x2\n",
	"- 0x1 0x2\n",
	"-1 1 2\n",
	"-1 0x 0x2\n",
	"1 0x1 0x2 0x3 0x4 0x5 0x6 0x7\n",
	"1 0x1 0x2 0x3 0x4 0x5 0x6 0x7 0x8 0x9\n",
	"1 0x1 0x2 0x3 0x4 0x5 0x6 0x7 0x10000000000000000\n",
	"2147483648 0x1 0x2 0x3 0x4 0x5 0x6 0x7 0x8\n",
};

START_TEST(damage_is_told)
{
	struct task_syscall task;

	hs_ck_err(parse(bad[_i], &task), HS_ERROR_INPUT,
		  "syscall:1: not a system call's state");
}
END_TEST

static void *wait_on_pipe(void *arg)
{
	int *fds = arg;
	pid_t tid = (pid_t)syscall(SYS_gettid);
	char c;

	if (write(fds[3], &tid, sizeof(tid)) != sizeof(tid))
		return arg;
	return read(fds[0], &c, 1) == 0 ? NULL : arg;
}

/* A thread that waits in read(2) is listed, and its system call is reported
 * with its arguments, once the thread has entered it. */
START_TEST(own_threads)
{
	int fds[4];
	struct task_list list;
	struct task_syscall task;
	pthread_t thread;
	void *result;
	pid_t tid;

	ck_assert_int_eq(pipe(fds) | pipe(fds + 2), 0);
	pthread_create(&thread, NULL, wait_on_pipe, fds);
	ck_assert_int_eq(read(fds[2], &tid, sizeof(tid)), sizeof(tid));
	hs_ck_ok(task_list_read(getpid(), &list));
	ck_assert_uint_eq(list.n, 2);
	ck_assert_int_eq(list.tids[0], getpid());
	ck_assert_int_eq(list.tids[1], tid);
	ck_assert(task_list_has(&list, tid));
	ck_assert(!task_list_has(&list, 1));
	task_list_release(&list);
	ck_assert(!task_list_has(&list, tid));

	do
		hs_ck_ok(task_syscall_read(getpid(), tid, &task));
	while (task.activity != TASK_IN_SYSCALL || task.number != SYS_read);
	ck_assert_uint_eq(task.args[0], (uint64_t)fds[0]);
	ck_assert_uint_eq(task.args[2], 1);

	close(fds[1]);
	pthread_join(thread, &result);
	ck_assert_ptr_null(result);
}
END_TEST

static void *take_a_cpu(void *over)
{
	while (!__atomic_load_n((int *)over, __ATOMIC_SEQ_CST))
		;
	return NULL;
}

static int64_t cpu_us(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_THREAD_CPUTIME_ID, &ts);
	return (int64_t)ts.tv_sec * 1000000 + ts.tv_nsec / 1000;
}

/* Two threads on one CPU: what one has not run of the time that has passed, it
 * has waited. Sampled in its own turn, when the last wait is over. */
START_TEST(waiting_for_a_cpu)
{
	enum { LONG_US = 200000 };
	int64_t waited, ran, start, missed;
	pthread_t thread;
	int over = 0;
	cpu_set_t cpu;

	CPU_ZERO(&cpu);
	CPU_SET(sched_getcpu(), &cpu);
	ck_assert_int_eq(sched_setaffinity(0, sizeof(cpu), &cpu), 0);
	pthread_create(&thread, NULL, take_a_cpu, &over);
	waited = task_waited_us(getpid(), gettid());
	ran = cpu_us();
	start = clock_us();
	do
		missed = clock_us() - start - (cpu_us() - ran);
	while (missed < LONG_US);
	waited = task_waited_us(getpid(), gettid()) - waited;
	ck_assert_int_ge(waited, LONG_US / 2);
	ck_assert_int_le(waited, clock_us() - start);
	__atomic_store_n(&over, 1, __ATOMIC_SEQ_CST);
	pthread_join(thread, NULL);
	ck_assert_int_eq(task_waited_us(INT_MAX, INT_MAX), 0);
}
END_TEST

struct apart {
	bool unshares;
	pthread_barrier_t reached;
	pid_t tid;
};

static void *be_apart(void *arg)
{
	struct apart *apart = arg;

	if (apart->unshares && unshare(CLONE_FILES))
		_exit(1);
	apart->tid = (pid_t)syscall(SYS_gettid);
	pthread_barrier_wait(&apart->reached);
	pthread_barrier_wait(&apart->reached);
	return NULL;
}

static bool shares_files(bool unshares)
{
	struct apart apart = { .unshares = unshares };
	pthread_t thread;
	bool shares;

	pthread_barrier_init(&apart.reached, NULL, 2);
	ck_assert_int_eq(pthread_create(&thread, NULL, be_apart, &apart), 0);
	pthread_barrier_wait(&apart.reached);
	shares = task_shares_files(getpid(), apart.tid);
	pthread_barrier_wait(&apart.reached);
	pthread_join(thread, NULL);
	return shares;
}

START_TEST(tables_of_descriptors)
{
	ck_assert(shares_files(false));
	ck_assert(!shares_files(true));
	ck_assert(!task_shares_files(getpid(), INT_MAX));
}
END_TEST

START_TEST(nobody)
{
	struct task_list list;

	hs_ck_err(task_list_read(999999999, &list), HS_ERROR_GONE,
		  "no process 999999999");
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("proc/task");
	TCase *tcase = tcase_create("proc/task");

	tcase_add_test(tcase, running);
	tcase_add_test(tcase, in_a_system_call);
	tcase_add_test(tcase, in_a_page_fault);
	tcase_add_loop_test(tcase, damage_is_told, 0,
			    (int)(sizeof(bad) / sizeof(bad[0])));
	tcase_add_test(tcase, own_threads);
	tcase_add_test(tcase, waiting_for_a_cpu);
	tcase_add_test(tcase, tables_of_descriptors);
	tcase_add_test(tcase, nobody);
	suite_add_tcase(suite, tcase);
	return hs_check_main(suite);
}
