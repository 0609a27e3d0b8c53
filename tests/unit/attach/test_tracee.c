/*
 * Threads that end at the worst moment. Proves: one that has ended before it is
 * traced is reported as gone; one that ends between two polls of a wait
 * disappears from its process, too, and does not stay there as a zombie with us
 * as its tracer. And a number that is another process's thread's by now is none
 * of ours.
 */
#include "attach/tracee.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/deadline.h"
#include "proc/status.h"
#include "tests/unit/hs_check.h"

enum { LATER_US = 50000, PATIENCE_US = 10000000 };

/* Shared with the child. */
static struct shared {
	volatile pid_t tid; /* of its second thread */
	volatile int end;   /* that thread ends */
} * shared;

static pid_t child;

static void *live_until_told(void *unused)
{
	(void)unused;
	shared->tid = gettid();
	while (!shared->end)
		usleep(100);
	return NULL;
}

/* A process of two threads. @leader_ends: its first one does at once. */
static void start_child(bool leader_ends)
{
	pthread_t id;

	shared = mmap(NULL, sizeof(*shared), PROT_READ | PROT_WRITE,
		      MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	ck_assert_ptr_ne(shared, MAP_FAILED);
	child = fork();
	ck_assert_int_ge(child, 0);
	if (!child) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		if (pthread_create(&id, NULL, live_until_told, NULL))
			_exit(2);
		if (leader_ends)
			pthread_exit(NULL);
		for (;;)
			pause();
	}
	while (!shared->tid)
		usleep(100);
}

static void end_child(void)
{
	kill(child, SIGKILL);
	waitpid(child, NULL, 0);
}

static bool is_zombie(pid_t tid)
{
	struct hs_error *err;
	struct status st;

	err = status_read_thread(child, tid, &st);
	if (!err)
		return st.state == 'Z';
	hs_error_free(err);
	return false;
}

START_TEST(one_that_has_ended_is_gone)
{
	struct hs_error *err;
	struct tracee t;

	start_child(true);
	while (!is_zombie(child))
		usleep(100);
	err = tracee_seize(&t, child, child);
	ck_assert_ptr_nonnull(err);
	ck_assert_int_eq(hs_error_code(err), HS_ERROR_GONE);
	hs_error_free(err);
	end_child();
}
END_TEST

/* The signal comes while the wait sleeps: at its next poll the thread is
 * dead. */
static void end_thread(int unused)
{
	(void)unused;
	shared->end = 1;
	while (!is_zombie(shared->tid))
		usleep(100);
}

START_TEST(one_that_ends_meanwhile_is_reaped)
{
	struct itimerval later = { .it_value = { .tv_usec = LATER_US } };
	struct sigaction action = { .sa_handler = end_thread };
	struct deadline d = deadline_in(PATIENCE_US, NULL);
	struct tracer tracer;
	struct tracee t;
	char path[64];

	start_child(false);
	hs_ck_ok(tracer_begin(&tracer));
	hs_ck_ok(tracee_seize(&t, child, shared->tid));
	ck_assert_int_eq(sigaction(SIGALRM, &action, NULL), 0);
	ck_assert_int_eq(setitimer(ITIMER_REAL, &later, NULL), 0);
	hs_ck_ok(tracee_wait(&t, &d));
	ck_assert_int_eq(t.state, TRACEE_GONE);
	snprintf(path, sizeof(path), "/proc/%d/task/%d", (int)child,
		 (int)t.tid);
	ck_assert_int_ne(access(path, F_OK), 0);
	tracer_end(&tracer);
	end_child();
}
END_TEST

/* As when the number that was read of a process is used again. */
START_TEST(one_of_another_process_is_let_go)
{
	struct tracee t;
	struct status st;
	char want[64];

	start_child(false);
	snprintf(want, sizeof(want), "thread %d of process %d ended",
		 (int)shared->tid, (int)getpid());
	hs_ck_err(tracee_seize(&t, getpid(), shared->tid), HS_ERROR_GONE, want);
	hs_ck_ok(status_read_thread(child, shared->tid, &st));
	ck_assert_int_eq(st.tracer, 0);
	hs_ck_ok(tracee_seize(&t, child, shared->tid));
	hs_ck_ok(tracee_detach(&t));
	end_child();
}
END_TEST

int main(void)
{
	return hs_check_run("attach/tracee", one_that_has_ended_is_gone,
			    one_that_ends_meanwhile_is_reaped,
			    one_of_another_process_is_let_go);
}
