/*
 * Live children, and a fake judge whose answers the test sets. Proves: no
 * thread is held while the judge is asked, but for the scan of one that has
 * moved; a thread is taken only when all agree, and free again otherwise; the
 * error and the report say what the judge said.
 */
#include "attach/borrow.h"

#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "attach/tracee.h"
#include "proc/status.h"
#include "proc/task.h"
#include "tests/unit/hs_check.h"

enum {
	SHORT_US = 500000,
	PATIENCE_US = 20000000,
	RDX = 1, /* DWARF's number: the bytes that read(2) is asked for */
};

static pid_t child;
static bool child_runs;
static bool calls; /* from one system call to the next */

/* Shared with the child: the progress of one that runs. */
static volatile uint64_t *rounds;

/* Gives the verdicts that the test has set, and notes whether the thread was
 * held when it was asked. */
struct fake_judge {
	struct verdict scan, judge;
	bool complete;	/* the frames that judge() finds */
	bool of_others; /* they follow from what the thread never has in RDX */
	unsigned scanned, judged;
	unsigned held; /* calls of judge() for a held thread */
	unsigned free; /* calls of scan() for one that was not held */
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
	struct fake_judge *fake = (struct fake_judge *)(uintptr_t)arg;

	(void)waits;
	/* Nothing is copied where the PC tells enough. */
	ck_assert(copy->len || fake->complete);
	fake->scanned++;
	fake->free += !is_held();
	return fake->scan;
}

static struct verdict judge(const void *arg, const struct judge_case *c,
			    struct unwind *frames)
{
	struct fake_judge *fake = (struct fake_judge *)(uintptr_t)arg;

	ck_assert_int_eq(c->pid, child);
	fake->judged++;
	fake->held += is_held();
	/* The thread is free: one that runs makes progress meanwhile. (One that
	 * waits may seem to run, right after a stop: it enters its call again.)
	 */
	if (child_runs)
		await_progress();
	if (frames)
		*frames = (struct unwind){
			.pcs = { c->copy->regs.pc },
			.n = 1,
			.complete = fake->complete,
			.inputs = { .regs = c->copy->regs,
				    .used = 1u << RDX,
				    .whole = true },
		};
	if (frames && fake->of_others)
		frames->inputs.regs.numbered[RDX] = 0;
	return fake->judge;
}

static void start_child(bool runs)
{
	struct task_syscall where = { 0 };

	rounds = mmap(NULL, sizeof(*rounds), PROT_READ | PROT_WRITE,
		      MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	ck_assert_ptr_ne((void *)(uintptr_t)rounds, MAP_FAILED);
	child_runs = runs;
	child = fork();
	ck_assert_int_ge(child, 0);
	if (!child) {
		volatile uint64_t n = 0; /* its stack is never the same */
		const int zeros = open("/dev/zero", O_RDONLY);
		char bytes[64];

		prctl(PR_SET_PDEATHSIG, SIGKILL);
		while (runs && !calls)
			*rounds = n++;
		while (runs && read(zeros, bytes, sizeof(bytes)) > 0)
			*rounds = n++;
		for (;;)
			pause();
	}
	while (runs && !*rounds)
		usleep(10);
	/* Before pause() it makes other system calls. */
	while (!runs &&
	       (where.activity != TASK_IN_SYSCALL || where.number != SYS_pause))
		hs_ck_ok(task_syscall_read(child, child, &where));
}

static void end_child(void)
{
	ck_assert_int_eq(kill(child, SIGKILL), 0);
	ck_assert_int_eq(waitpid(child, NULL, 0), child);
}

static const struct code_map no_code;

/* Borrows the child's thread, judged by @fake. */
static struct hs_error *take(struct fake_judge *fake, int64_t us,
			     struct held_thread *held)
{
	const struct judge j = { .scan = scan, .judge = judge, .arg = fake };
	const struct deadline d = deadline_in(us, NULL);
	const struct borrow_request request = {
		.pid = child, .code = &no_code, .judge = &j, .deadline = &d
	};

	return borrow_take(&request, held);
}

static void check_rejected(struct fake_judge *fake, const char *why)
{
	struct tracer tracer;
	struct held_thread held;
	struct hs_error *err;
	char want[256];

	hs_ck_ok(tracer_begin(&tracer));
	snprintf(want, sizeof(want), ": thread %d %s (100%%, ", (int)child,
		 why);
	err = take(fake, SHORT_US, &held);
	ck_assert_int_eq(hs_error_code(err), HS_ERROR_UNSAFE);
	ck_assert_ptr_nonnull(strstr(hs_error_message(err), want));
	hs_error_free(err);
	ck_assert(!is_held());
	ck_assert_uint_eq(fake->held, 0);
	tracer_end(&tracer);
}

static void check_taken(struct fake_judge *fake)
{
	struct tracer tracer;
	struct held_thread held;

	hs_ck_ok(tracer_begin(&tracer));
	hs_ck_ok(take(fake, PATIENCE_US, &held));
	ck_assert(is_held());
	ck_assert_int_eq(held.tracee.tid, child);
	hs_ck_ok(borrow_release(&held, false));
	ck_assert(!is_held());
	ck_assert_int_gt(held.longest.us, 0);
	ck_assert_uint_eq(fake->held, 0);
	tracer_end(&tracer);
}

START_TEST(one_that_waits_is_judged_while_it_is_free)
{
	/* It is where it was: no scan is needed. */
	struct fake_judge fake = {
		.scan = { .is = VERDICT_INSIDE, .why = "moved ", .what = "?" },
	};

	start_child(false);
	check_taken(&fake);
	ck_assert_uint_ge(fake.judged, 1);
	ck_assert_uint_eq(fake.scanned, 0);
	end_child();
}
END_TEST

START_TEST(one_that_has_moved_is_scanned_while_it_is_held)
{
	struct fake_judge fake = { 0 };

	start_child(true);
	check_taken(&fake);
	ck_assert_uint_ge(fake.judged, 1);
	ck_assert_uint_ge(fake.scanned, 1);
	ck_assert_uint_eq(fake.free, 0);
	end_child();
}
END_TEST

START_TEST(one_that_has_moved_to_unsafe_code_is_let_go)
{
	struct fake_judge fake = {
		.scan = { .is = VERDICT_INSIDE,
			  .why = "is inside ",
			  .what = "jemalloc" },
		.complete = true,
	};

	start_child(true);
	check_rejected(&fake, "is inside jemalloc");
	/* One that runs may be elsewhere at the next stop. */
	ck_assert_uint_ge(fake.scanned, fake.judged);
	ck_assert_uint_eq(fake.free, 0);
	end_child();
}
END_TEST

/* The scan sees a stale word, and its frames are those of a safe copy. */
START_TEST(one_that_stands_at_a_call_is_taken_by_its_frames)
{
	struct fake_judge fake = {
		.scan = { .is = VERDICT_INSIDE,
			  .why = "is inside ",
			  .what = "jemalloc" },
		.complete = true,
	};

	calls = true;
	start_child(true);
	check_taken(&fake);
	fake.of_others = true;
	fake.judged = 0;
	check_rejected(&fake, "is inside jemalloc");
	ck_assert_uint_ge(fake.judged, 1);
	end_child();
}
END_TEST

START_TEST(one_that_is_not_safe_is_let_go)
{
	struct fake_judge fake = {
		.judge = verdict_not_now("cannot be unwound: ", "a reason"),
	};

	start_child(false);
	check_rejected(&fake, "cannot be unwound: a reason");
	ck_assert_uint_ge(fake.judged, 1);
	ck_assert_uint_eq(fake.scanned, 0);
	end_child();
}
END_TEST

START_TEST(a_judge_that_fails_ends_it)
{
	struct fake_judge fake = { 0 };
	struct tracer tracer;
	struct held_thread held;

	start_child(false);
	hs_ck_ok(tracer_begin(&tracer));
	fake.judge = verdict_failed(hs_error_new(HS_ERROR_SYSTEM, "no idea"));
	hs_ck_err(take(&fake, PATIENCE_US, &held), HS_ERROR_SYSTEM, "no idea");
	ck_assert_uint_eq(fake.judged, 1);
	ck_assert(!is_held());
	tracer_end(&tracer);
	end_child();
}
END_TEST

START_TEST(an_opinion_is_the_verdict)
{
	struct fake_judge fake = {
		.judge = { .is = VERDICT_INSIDE,
			   .why = "is inside ",
			   .what = "fork",
			   .inside = 42 },
	};
	const struct judge j = { .scan = scan, .judge = judge, .arg = &fake };
	struct borrow_request request = { .code = &no_code, .judge = &j };
	struct borrow_opinion opinion;

	start_child(false);
	request.pid = child;
	hs_ck_ok(borrow_examine(&request, child, &opinion));
	ck_assert(!opinion.safe && opinion.sampled);
	ck_assert_str_eq(opinion.why, "is inside fork");
	ck_assert_uint_eq(opinion.inside, 42);
	ck_assert_uint_eq(opinion.unwind.n, 1);
	fake.judge = verdict_usable();
	hs_ck_ok(borrow_examine(&request, child, &opinion));
	ck_assert(opinion.safe && opinion.sampled);
	ck_assert_str_eq(opinion.why, "");
	ck_assert_uint_eq(opinion.inside, 0);
	ck_assert_uint_eq(fake.held, 0);
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
			    one_that_stands_at_a_call_is_taken_by_its_frames,
			    one_that_is_not_safe_is_let_go,
			    a_judge_that_fails_ends_it,
			    an_opinion_is_the_verdict);
}
