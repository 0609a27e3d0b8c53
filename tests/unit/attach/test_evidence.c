/*
 * What is believed of a thread, and what ends the belief. Proves: a clean scan
 * is enough only below what the thread's frames had, without a signal handler,
 * and for a moment; frames that are not complete, or a handler's, take away
 * what was known; a place is known again by what its frames follow from.
 */
#include "attach/evidence.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "tests/unit/hs_check.h"

enum { TID = 4242, OTHER = 4243, SP = 0x7000, ROOT = 0x7f00, FRAMES = 3 };

static uint64_t stack[64];
static struct evidence evidence;

/* A copy of a thread whose stack pointer is @sp. */
static struct thread_copy copy_at(uint64_t sp)
{
	return (struct thread_copy){
		.regs = { .pc = 0x400000, .sp = sp },
		.bytes = (unsigned char *)stack,
		.len = sizeof(stack),
	};
}

/* Frames whose return addresses are up to ROOT. */
static const struct unwind *frames(bool complete, bool interrupted)
{
	static struct unwind u;

	u = (struct unwind){
		.n = FRAMES,
		.complete = complete,
		.interrupted = interrupted,
		.inputs = { .regs = copy_at(SP).regs, .n = 2, .whole = true },
	};
	u.inputs.words[0].address = SP + 8;
	u.inputs.words[1].address = ROOT;
	return &u;
}

static void setup(void)
{
	memset(stack, 0, sizeof(stack));
	evidence = (struct evidence){ 0 };
	evidence_learn(&evidence, TID, frames(true, false), true);
}

static void teardown(void)
{
	evidence_release(&evidence);
}

START_TEST(one_that_was_followed)
{
	ck_assert(evidence_is_followed(&evidence, TID));
	ck_assert(evidence_knows(&evidence, TID));
	ck_assert(!evidence_is_followed(&evidence, OTHER));
	ck_assert(!evidence_knows(&evidence, OTHER));
}
END_TEST

START_TEST(what_cannot_be_followed_is_forgotten)
{
	evidence_learn(&evidence, TID, frames(false, false), false);
	ck_assert(!evidence_is_followed(&evidence, TID));
	evidence_learn(&evidence, TID, frames(true, false), false);
	ck_assert(evidence_is_followed(&evidence, TID));
	evidence_learn(&evidence, TID, frames(true, true), false);
	ck_assert(!evidence_is_followed(&evidence, TID));
}
END_TEST

START_TEST(only_for_a_moment)
{
	while (evidence_is_followed(&evidence, TID))
		usleep(1000);
	/* Its place, for longer. */
	ck_assert(evidence_knows(&evidence, TID));
}
END_TEST

START_TEST(a_place_is_known_again)
{
	struct thread_copy copy = copy_at(SP);

	/* Both words are 0 there. */
	stack[1] = 1;
	ck_assert(!evidence_has_frames(&evidence, TID, &copy));
	stack[1] = 0;
	copy.len = ROOT + 8 - SP;
	copy.bytes = calloc(1, copy.len);
	ck_assert(evidence_has_frames(&evidence, TID, &copy));
	ck_assert(!evidence_has_frames(&evidence, OTHER, &copy));
	copy.regs.sp -= 8;
	ck_assert(!evidence_has_frames(&evidence, TID, &copy));
	free(copy.bytes);
}
END_TEST

/* One that is learnt again and again leaves room for others. */
START_TEST(a_place_is_noted_once)
{
	size_t i;

	for (i = 0; i < 3 * EVIDENCE_PLACES; i++)
		evidence_learn(&evidence, TID, frames(true, false), true);
	ck_assert_uint_eq(evidence.n_places, 1);
	for (i = 0; i < 3 * EVIDENCE_THREADS; i++)
		evidence_learn(&evidence, OTHER + (pid_t)i, frames(true, false),
			       true);
	ck_assert_uint_eq(evidence.n_places, EVIDENCE_PLACES);
	ck_assert_uint_eq(evidence.n_followed, EVIDENCE_THREADS);
	ck_assert(evidence_knows(&evidence, OTHER + 3 * EVIDENCE_THREADS - 1));
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("attach/evidence");
	TCase *tcase = tcase_create("attach/evidence");

	tcase_add_checked_fixture(tcase, setup, teardown);
	tcase_add_test(tcase, one_that_was_followed);
	tcase_add_test(tcase, what_cannot_be_followed_is_forgotten);
	tcase_add_test(tcase, only_for_a_moment);
	tcase_add_test(tcase, a_place_is_known_again);
	tcase_add_test(tcase, a_place_is_noted_once);
	suite_add_tcase(suite, tcase);
	return hs_check_main(suite);
}
