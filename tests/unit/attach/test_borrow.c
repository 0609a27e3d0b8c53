/*
 * Live children, and a judge that says what the test wants. Proves: no thread
 * is held while the judge is asked, but for the scan of one that has moved; a
 * thread is taken only when all agree, and free again otherwise; what the judge
 * said is what the error and the report say.
 */
#include "attach/borrow.h"

#include <signal.h>
#include <stdio.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "attach/tracee.h"
#include "proc/status.h"
#include "proc/task.h"
#include "tests/unit/hs_check.h"

enum { SHORT_US = 500000, PATIENCE_US = 20000000 };

static pid_t child;

/* Shared with the child: how far it has come, of one that runs. */
static volatile uint64_t *rounds;

/* Says what it is told to, and whether the thread was held when it was
 * asked. */
struct told_judge {
	struct verdict scan, judge;
	unsigned scanned, judged;
	unsigned held; /* how often judge() was asked of a held thread */
	unsigned free; /* and scan() of one that was not held */
};

static void await_progress(void)
{
	const uint64_t seen = *rounds;

	while (*rounds == seen)
		usleep(10);
}

static bool is_held(void)
{
	struct status status;

	hs_ck_ok(status_read(child, &status));
	return status.tracer != 0;
}

static struct verdict scan(const void *arg, const struct thread_copy *copy,
			   bool waits)
{
	struct told_judge *told = (struct told_judge *)(uintptr_t)arg;

	(void)waits;
	ck_assert_uint_gt(copy->len, 0);
	told->scanned++;
	told->free += !is_held();
	return told->scan;
}

static struct verdict judge(const void *arg, const struct judge_case *c,
			    struct unwind *frames)
{
	struct told_judge *told = (struct told_judge *)(uintptr_t)arg;

	ck_assert_int_eq(c->pid, child);
	told->judged++;
	told->held += is_held();
	/* As it is free, it gets on meanwhile. */
	if (!c->waits)
		await_progress();
	if (frames)
		*frames =
			(struct unwind){ .pcs = { c->copy->regs.pc }, .n = 1 };
	return told->judge;
}

static void start_child(bool runs)
{
	struct task_syscall where = { 0 };

	rounds = mmap(NULL, sizeof(*rounds), PROT_READ | PROT_WRITE,
		      MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	ck_assert_ptr_ne((void *)(uintptr_t)rounds, MAP_FAILED);
	child = fork();
	ck_assert_int_ge(child, 0);
	if (!child) {
		volatile uint64_t n = 0; /* its stack is never the same */

		prctl(PR_SET_PDEATHSIG, SIGKILL);
		while (runs)
			*rounds = n++;
		for (;;)
			pause();
	}
	while (runs && !*rounds)
		usleep(10);
	while (!runs && where.activity != TASK_IN_SYSCALL)
		hs_ck_ok(task_syscall_read(child, child, &where));
}

static void end_child(void)
{
	ck_assert_int_eq(kill(child, SIGKILL), 0);
	ck_assert_int_eq(waitpid(child, NULL, 0), child);
}

static const struct code_map no_code;

/* Borrows the child's thread, by what @told says. */
static struct hs_error *take(struct told_judge *told, int64_t us,
			     struct held_thread *held)
{
	const struct judge j = { .scan = scan, .judge = judge, .arg = told };
	const struct deadline d = deadline_in(us, NULL);
	const struct borrow_request request = {
		.pid = child, .code = &no_code, .judge = &j, .deadline = &d
	};

	return borrow_take(&request, held);
}

static void check_refused(struct told_judge *told, const char *why)
{
	struct tracer tracer;
	struct held_thread held;
	char want[256];

	hs_ck_ok(tracer_begin(&tracer));
	snprintf(want, sizeof(want), "no safe moment was found: thread %d %s",
		 (int)child, why);
	hs_ck_err(take(told, SHORT_US, &held), HS_ERROR_UNSAFE, want);
	ck_assert(!is_held());
	ck_assert_uint_eq(told->held, 0);
	tracer_end(&tracer);
}

static void check_taken(struct told_judge *told)
{
	struct tracer tracer;
	struct held_thread held;

	hs_ck_ok(tracer_begin(&tracer));
	hs_ck_ok(take(told, PATIENCE_US, &held));
	ck_assert(is_held());
	ck_assert_int_eq(held.tracee.tid, child);
	hs_ck_ok(borrow_release(&held, false));
	ck_assert(!is_held());
	ck_assert_int_gt(held_pause_us(&held), 0);
	ck_assert_uint_eq(told->held, 0);
	tracer_end(&tracer);
}

START_TEST(one_that_waits_is_judged_while_it_is_free)
{
	/* It is where it was: no scan is needed. */
	struct told_judge told = {
		.scan = { .is = VERDICT_INSIDE, .why = "moved ", .what = "?" },
	};

	start_child(false);
	check_taken(&told);
	ck_assert_uint_ge(told.judged, 1);
	ck_assert_uint_eq(told.scanned, 0);
	end_child();
}
END_TEST

START_TEST(one_that_has_moved_is_scanned_while_it_is_held)
{
	struct told_judge told = { 0 };

	start_child(true);
	check_taken(&told);
	ck_assert_uint_ge(told.judged, 1);
	ck_assert_uint_ge(told.scanned, 1);
	ck_assert_uint_eq(told.free, 0);
	end_child();
}
END_TEST

START_TEST(one_that_has_moved_to_unsafe_code_is_let_go)
{
	struct told_judge told = {
		.scan = { .is = VERDICT_INSIDE,
			  .why = "is inside ",
			  .what = "jemalloc" },
	};

	start_child(true);
	check_refused(&told, "is inside jemalloc");
	/* One that runs may be elsewhere at the next stop. */
	ck_assert_uint_gt(told.scanned, told.judged);
	ck_assert_uint_eq(told.free, 0);
	end_child();
}
END_TEST

START_TEST(one_that_is_not_safe_is_let_go)
{
	struct told_judge told = {
		.judge = verdict_not_now("cannot be unwound: ", "a reason"),
	};

	start_child(false);
	check_refused(&told, "cannot be unwound: a reason");
	ck_assert_uint_ge(told.judged, 1);
	ck_assert_uint_eq(told.scanned, 0);
	end_child();
}
END_TEST

START_TEST(a_judge_that_fails_ends_it)
{
	struct told_judge told = { 0 };
	struct tracer tracer;
	struct held_thread held;

	start_child(false);
	hs_ck_ok(tracer_begin(&tracer));
	told.judge = verdict_failed(hs_error_new(HS_ERROR_SYSTEM, "no idea"));
	hs_ck_err(take(&told, PATIENCE_US, &held), HS_ERROR_SYSTEM, "no idea");
	ck_assert_uint_eq(told.judged, 1);
	ck_assert(!is_held());
	tracer_end(&tracer);
	end_child();
}
END_TEST

START_TEST(an_opinion_is_the_verdict)
{
	struct told_judge told = {
		.judge = { .is = VERDICT_INSIDE,
			   .why = "is inside ",
			   .what = "fork",
			   .inside = 42 },
	};
	const struct judge j = { .scan = scan, .judge = judge, .arg = &told };
	struct borrow_request request = { .code = &no_code, .judge = &j };
	struct borrow_opinion opinion;

	start_child(false);
	request.pid = child;
	hs_ck_ok(borrow_examine(&request, child, &opinion));
	ck_assert(!opinion.safe && opinion.sampled);
	ck_assert_str_eq(opinion.why, "is inside fork");
	ck_assert_uint_eq(opinion.inside, 42);
	ck_assert_uint_eq(opinion.unwind.n, 1);
	told.judge = verdict_usable();
	hs_ck_ok(borrow_examine(&request, child, &opinion));
	ck_assert(opinion.safe && opinion.sampled);
	ck_assert_str_eq(opinion.why, "");
	ck_assert_uint_eq(opinion.inside, 0);
	ck_assert_uint_eq(told.held, 0);
	ck_assert(!is_held());
	end_child();
}
END_TEST

int main(void)
{
	return hs_check_run("attach/borrow",
			    one_that_waits_is_judged_while_it_is_free,
			    one_that_has_moved_is_scanned_while_it_is_held,
			    one_that_has_moved_to_unsafe_code_is_let_go,
			    one_that_is_not_safe_is_let_go,
			    a_judge_that_fails_ends_it,
			    an_opinion_is_the_verdict);
}
