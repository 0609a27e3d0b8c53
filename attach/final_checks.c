#include "attach/final_checks.h"

#include <string.h>

#include "attach/rseq.h"
#include "attach/wait.h"
#include "base/array.h"
#include "proc/memory.h"

struct checked_thread {
	const struct borrow_request *request;
	const struct candidate *candidate;
	const struct sample *before, *now;
	const struct evidence *evidence;
	struct verdict verdict; /* when the check fails */
};

static bool has_other_filters(struct checked_thread *thread)
{
	return thread->before &&
	       !seccomp_filters_equal(&thread->before->filters,
				      &thread->now->filters);
}

/* It stands where a copy of it stood that was judged safe by its frames. In a
 * wait for a lock frames decide nothing. */
static bool has_safe_frames(const struct checked_thread *thread, bool at_call)
{
	const struct arch_wait wait = arch_wait_of(&thread->now->regs);

	return at_call && !arch_wait_is_lock(&wait) &&
	       evidence_has_frames(thread->evidence, thread->candidate->tid,
				   &thread->now->copy);
}

static bool is_inside(struct checked_thread *thread)
{
	const struct judge *judge = thread->request->judge;
	const pid_t tid = thread->candidate->tid;
	bool at_call;

	if (thread->before && sample_equal(thread->before, thread->now))
		return false;
	at_call = wait_stands_at_call(tid, &thread->now->regs);
	thread->verdict = judge->scan(judge->arg, &thread->now->copy, at_call);
	if (thread->verdict.is == VERDICT_USABLE) {
		if (thread->before)
			return false;
		thread->verdict = verdict_not_now("is not known yet", "");
	}
	return !has_safe_frames(thread, at_call);
}

static bool lacks_headroom(struct checked_thread *thread)
{
	return sample_lacks_headroom(thread->now, thread->request->use);
}

static bool does_not_wait(struct checked_thread *thread)
{
	return thread->request->use == BORROW_FOR_CALLS &&
	       !arch_waits(&thread->now->regs);
}

static bool has_new_filters(struct checked_thread *thread)
{
	return !thread->candidate->filtered &&
	       !seccomp_is_off(thread->request->pid, thread->candidate->tid,
			       &thread->now->regs);
}

/* execve(2) keeps the pid, and the thread id of the main thread: then none of
 * the addresses that we found is valid. */
static bool runs_another_program(struct checked_thread *thread)
{
	const struct code_fingerprint *prints =
		thread->request->code->fingerprints;
	unsigned char now[CODE_FINGERPRINTS][sizeof(prints->bytes)];
	struct memory_piece pieces[CODE_FINGERPRINTS];
	struct hs_error *err;
	size_t i, n = 0;

	for (i = 0; i < CODE_FINGERPRINTS; i++) {
		memcpy(now[i], prints[i].bytes, sizeof(now[i]));
		if (prints[i].address)
			pieces[n++] = (struct memory_piece){ prints[i].address,
							     now[i],
							     sizeof(now[i]) };
	}
	err = memory_read_pieces(thread->candidate->tid, pieces, n);
	if (err) {
		hs_error_free(err);
		return true;
	}
	for (i = 0; i < CODE_FINGERPRINTS; i++)
		if (memcmp(now[i], prints[i].bytes, sizeof(now[i])))
			return true;
	return false;
}

static bool in_rseq(struct checked_thread *thread)
{
	return rseq_is_inside(thread->candidate->tid, &thread->now->regs);
}

static const struct final_check {
	bool (*fails)(struct checked_thread *thread);
	const char *why;
} checks[] = {
	{ has_other_filters, "has got another seccomp filter" },
	{ is_inside, "is inside " },
	{ lacks_headroom, "has too little stack left" },
	{ does_not_wait, "does not wait in a system call" },
	{ has_new_filters, "has just got a seccomp filter" },
	{ runs_another_program, "runs another program now" },
	{ in_rseq, "is inside a restartable sequence" },
};

struct verdict final_checks(const struct borrow_request *request,
			    const struct candidate *c,
			    const struct sample *before,
			    const struct evidence *evidence,
			    const struct sample *now)
{
	struct checked_thread thread = { .request = request,
					 .candidate = c,
					 .before = before,
					 .now = now,
					 .evidence = evidence };
	size_t i;

	for (i = 0; i < ARRAY_SIZE(checks); i++) {
		thread.verdict = verdict_not_now(checks[i].why, "");
		if (checks[i].fails(&thread))
			return thread.verdict;
	}
	return verdict_usable();
}
