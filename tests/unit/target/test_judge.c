/*
 * The copy of a child that waits, in frames that are known, with one word more
 * on its stack. Proves: a frame in unsafe code makes it unsafe; a stale word
 * does so, too, unless it stands at a call, not for a lock, and all of its
 * frames are known; without unwind information the scan decides when it may,
 * and only for one that waits; below a signal's frame frames excuse nothing.
 * Where a signal came counts, also where what its handler returns through
 * cannot be unwound; where an old one came does not.
 */
#include "target/judge.h"

#include <signal.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "attach/stack.h"
#include "attach/tracee.h"
#include "proc/maps.h"
#include "proc/task.h"
#include "target/signal_frame.h"
#include "tests/unit/hs_check.h"

static const uint64_t mark = 0x1122334455667788;

__attribute__((noinline)) static void wait_for_ever(void)
{
	volatile uint64_t left_behind = mark;

	while (left_behind == mark)
		pause();
}

__attribute__((noinline)) static void elsewhere(void)
{
	(void)!write(STDERR_FILENO, "", 0);
}

static struct code_range of(void (*fn)(void), const char *what)
{
	const uint64_t start = (uintptr_t)fn;

	return (struct code_range){ .start = start,
				    .end = start + 8,
				    .unsafe_when = CODE_ALWAYS,
				    .what = what };
}

static struct thread_copy copy;
static struct maps maps;
static struct code_range range;
static struct code_map code = { .unsafe = { .items = &range, .n = 1 } };
static struct judge_case question = { .copy = &copy, .maps = &maps };
static struct judge by_code;

static void wait_in_handler(int sig)
{
	(void)sig;
	wait_for_ever();
}

static void on_signal(int sig)
{
	(void)sig;
}

/* Over what the handler left, and never writes to it. */
__attribute__((noinline)) static void wait_over_old_frames(void)
{
	enum { MORE_THAN_A_FRAME = 65536 };
	char *array = __builtin_alloca(MORE_THAN_A_FRAME);

	__asm__ volatile("" ::"r"(array) : "memory");
	wait_for_ever();
}

enum child { WAITS, HANDLES, HAS_HANDLED };

static pid_t start_child(enum child child)
{
	struct task_syscall where = { 0 };
	pid_t pid = fork();

	ck_assert_int_ge(pid, 0);
	if (!pid) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		signal(SIGUSR1, child == HANDLES ? wait_in_handler : on_signal);
		if (child != WAITS)
			raise(SIGUSR1);
		if (child == HAS_HANDLED)
			wait_over_old_frames();
		wait_for_ever();
	}
	/* Before pause() it makes other system calls. */
	while (where.activity != TASK_IN_SYSCALL || where.number != SYS_pause)
		hs_ck_ok(task_syscall_read(pid, pid, &where));
	return pid;
}

static void copy_child(enum child child)
{
	struct deadline d = deadline_in(10000000, NULL);
	struct tracer tracer;
	struct arch_regs regs;
	struct tracee t;

	question.pid = start_child(child);
	by_code = target_judge(&code);
	hs_ck_ok(maps_read(question.pid, &maps));
	hs_ck_ok(tracer_begin(&tracer));
	hs_ck_ok(tracee_seize(&t, question.pid, question.pid));
	hs_ck_ok(tracee_interrupt(&t, &d));
	hs_ck_ok(stack_copy(&t, &maps, &regs, &copy));
	hs_ck_ok(tracee_detach(&t));
	tracer_end(&tracer);
}

static void setup(void)
{
	code.unsafe.n = 1;
	copy_child(WAITS);
}

static void teardown(void)
{
	thread_copy_release(&copy);
	maps_release(&maps);
	ck_assert_int_eq(kill(question.pid, SIGKILL), 0);
	ck_assert_int_eq(waitpid(question.pid, NULL, 0), question.pid);
}

/* Puts an address in elsewhere() where the mark is. */
static void leave_word(void)
{
	const uint64_t word = (uintptr_t)elsewhere + 4;
	size_t i;

	for (i = 0; i + sizeof(mark) <= copy.len; i += sizeof(mark)) {
		if (memcmp(copy.bytes + i, &mark, sizeof(mark)))
			continue;
		memcpy(copy.bytes + i, &word, sizeof(word));
		return;
	}
	ck_abort_msg("the mark is not on its stack");
}

static struct verdict ask(bool waits, bool for_lock, bool scan_decides)
{
	question.waits = waits;
	question.at_call = waits;
	question.for_lock = for_lock;
	question.scan_decides = scan_decides;
	return by_code.judge(by_code.arg, &question, NULL);
}

static void check_inside(struct verdict v, const char *what)
{
	ck_assert_int_eq(v.is, VERDICT_INSIDE);
	ck_assert_str_eq(v.why, "is inside ");
	ck_assert_str_eq(v.what, what);
	ck_assert_uint_ge(v.inside, range.start);
	ck_assert_uint_le(v.inside, range.end);
}

START_TEST(what_its_frames_are_in)
{
	struct unwind frames;

	range = of(elsewhere, "elsewhere");
	ck_assert_int_eq(ask(true, false, false).is, VERDICT_USABLE);
	ck_assert_int_eq(ask(false, false, false).is, VERDICT_USABLE);
	range = of(wait_for_ever, "it");
	range.end += 500; /* all of it */
	check_inside(ask(true, false, true), "it");
	check_inside(ask(true, true, true), "it");
	check_inside(ask(false, false, true), "it");
	check_inside(by_code.scan(by_code.arg, &copy, true), "it");
	/* They are given for a report all the same. */
	check_inside(by_code.judge(by_code.arg, &question, &frames), "it");
	ck_assert(frames.complete);
	ck_assert_uint_gt(frames.n, 2);
	ck_assert_uint_eq(frames.pcs[0], copy.regs.pc);
}
END_TEST

START_TEST(what_was_left_behind)
{
	range = of(elsewhere, "elsewhere");
	leave_word();
	check_inside(by_code.scan(by_code.arg, &copy, true), "elsewhere");
	ck_assert_int_eq(ask(true, false, false).is, VERDICT_USABLE);
	check_inside(ask(true, true, false), "elsewhere");
	check_inside(ask(false, false, false), "elsewhere");
	/* It has just left the call. */
	question.at_call = true;
	ck_assert_int_eq(by_code.judge(by_code.arg, &question, NULL).is,
			 VERDICT_USABLE);
	question.for_lock = true;
	check_inside(by_code.judge(by_code.arg, &question, NULL), "elsewhere");
}
END_TEST

/* What its frames do not show, what the signal came into may hold. */
START_TEST(what_a_signal_came_into)
{
	struct unwind frames;

	teardown();
	copy_child(HANDLES);
	range = of(elsewhere, "elsewhere");
	ask(true, false, false);
	by_code.judge(by_code.arg, &question, &frames);
	ck_assert(frames.complete && frames.interrupted);
	leave_word();
	check_inside(ask(true, false, false), "elsewhere");
	check_inside(ask(true, false, true), "elsewhere");
}
END_TEST

static struct signal_frame find_signal_frame(void)
{
	struct signal_frame frame = { 0 };
	size_t offset = 0;

	ck_assert(signal_frame_next(&copy, &offset, &frame));
	/* As in libc, or not. */
	range = (struct code_range){ .start = frame.pc,
				     .end = frame.pc + 1,
				     .unsafe_when = CODE_RUNNING_PC,
				     .what = "it" };
	return frame;
}

static void check_signal(struct verdict v, enum verdict_is is, const char *why)
{
	ck_assert_int_eq(v.is, is);
	ck_assert_str_eq(v.why, why);
}

/* The PC of then decides as that of a thread that runs, with frames or without,
 * and also of one that was safe before. */
START_TEST(where_a_signal_came)
{
	static const char why[] = "was interrupted by a signal inside ";
	struct signal_frame frame;

	teardown();
	copy_child(HANDLES);
	frame = find_signal_frame();
	ck_assert(!frame.at_call);
	check_signal(by_code.scan(by_code.arg, &copy, true), VERDICT_INSIDE,
		     why);
	check_signal(ask(true, false, true), VERDICT_INSIDE, why);
	maps_release(&maps);
	check_signal(ask(true, false, true), VERDICT_INSIDE, why);
	code.unsafe.n = 0;
	ck_assert_int_eq(ask(true, false, true).is, VERDICT_USABLE);
	ck_assert_int_eq(by_code.scan(by_code.arg, &copy, true).is,
			 VERDICT_USABLE);
}
END_TEST

/* As if the frames that it came to were not on this stack. */
START_TEST(a_signal_on_another_stack)
{
	static const char why[] = "handles a signal on another stack";

	teardown();
	copy_child(HANDLES);
	copy.bounds.high = find_signal_frame().sp - 8;
	code.unsafe.n = 0;
	check_signal(by_code.scan(by_code.arg, &copy, true), VERDICT_NOT_NOW,
		     why);
	check_signal(ask(true, false, true), VERDICT_NOT_NOW, why);
	maps_release(&maps);
	check_signal(ask(true, false, true), VERDICT_NOT_NOW, why);
}
END_TEST

START_TEST(where_an_old_signal_came)
{
	teardown();
	copy_child(HAS_HANDLED);
	find_signal_frame();
	ck_assert_int_eq(by_code.scan(by_code.arg, &copy, true).is,
			 VERDICT_INSIDE);
	ck_assert_int_eq(ask(true, false, false).is, VERDICT_USABLE);
	/* Without frames nobody knows that it is an old one. */
	maps_release(&maps);
	ck_assert_int_eq(ask(true, false, true).is, VERDICT_INSIDE);
}
END_TEST

/* What the frames follow from is told with them. */
START_TEST(what_was_read_for_its_frames)
{
	const uint64_t word = (uintptr_t)elsewhere + 4;
	struct unwind frames;
	size_t i;

	range = of(elsewhere, "elsewhere");
	ask(true, false, false);
	by_code.judge(by_code.arg, &question, &frames);
	ck_assert(frames.complete && !frames.interrupted);
	ck_assert(frames.inputs.whole);
	ck_assert_uint_ge(frames.inputs.n, frames.n - 1);
	ck_assert(thread_copy_unwinds_as(&copy, &frames.inputs));
	leave_word();
	ck_assert(thread_copy_unwinds_as(&copy, &frames.inputs));
	for (i = 0; i < frames.inputs.n; i++) {
		unsigned char *at = copy.bytes +
				    frames.inputs.words[i].address -
				    copy.regs.sp;
		uint64_t kept;

		memcpy(&kept, at, sizeof(kept));
		memcpy(at, &word, sizeof(word));
		ck_assert(!thread_copy_unwinds_as(&copy, &frames.inputs));
		memcpy(at, &kept, sizeof(kept));
	}
}
END_TEST

START_TEST(frames_that_are_not_known)
{
	struct verdict v;

	range = of(elsewhere, "elsewhere");
	maps_release(&maps);
	v = ask(true, false, false);
	ck_assert_int_eq(v.is, VERDICT_NOT_NOW);
	ck_assert_str_eq(v.why, "cannot be unwound: ");
	ck_assert_str_ne(v.what, "");
	ck_assert_int_eq(ask(true, false, true).is, VERDICT_USABLE);
	ck_assert_int_eq(ask(true, true, true).is, VERDICT_USABLE);
	ck_assert_int_eq(ask(false, false, true).is, VERDICT_NOT_NOW);
	/* They cannot excuse a word. */
	leave_word();
	check_inside(ask(true, false, true), "elsewhere");
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("target/judge");
	TCase *tcase = tcase_create("target/judge");

	tcase_add_checked_fixture(tcase, setup, teardown);
	tcase_add_test(tcase, what_its_frames_are_in);
	tcase_add_test(tcase, what_was_left_behind);
	tcase_add_test(tcase, what_a_signal_came_into);
	tcase_add_test(tcase, where_a_signal_came);
	tcase_add_test(tcase, a_signal_on_another_stack);
	tcase_add_test(tcase, where_an_old_signal_came);
	tcase_add_test(tcase, what_was_read_for_its_frames);
	tcase_add_test(tcase, frames_that_are_not_known);
	suite_add_tcase(suite, tcase);
	return hs_check_main(suite);
}
