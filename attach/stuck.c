#include "attach/stuck.h"

#include <stdlib.h>

#include "attach/arch.h"
#include "base/cleanup.h"
#include "base/deadline.h"
#include "base/judge.h"
#include "base/strbuf.h"
#include "base/thread_copy.h"
#include "proc/memory.h"
#include "proc/task.h"

/* Adds the unsafe code that the call is inside of. */
static void add_inside(struct strbuf *sb, const struct stuck_call *c,
		       uint64_t sp)
{
	struct thread_copy copy = { .regs.sp = sp, .len = c->saved_sp - sp };
	enum { MOST = 256 << 10 };
	struct verdict v;
	struct hs_error *err;

	if (!c->judge || sp >= c->saved_sp || copy.len > MOST)
		return;
	copy.bytes = malloc(copy.len);
	if (!copy.bytes)
		return;
	err = memory_read(c->tracee->tid, sp, copy.bytes, copy.len);
	if (!err) {
		v = c->judge->scan(c->judge->arg, &copy, true);
		if (v.is == VERDICT_INSIDE)
			strbuf_addf(sb, ", inside %s", v.what);
	}
	hs_error_free(err);
	thread_copy_release(&copy);
}

/* "in futex, inside jemalloc" */
static void add_place(struct strbuf *sb, const struct stuck_call *c)
{
	const struct tracee *t = c->tracee;
	struct task_syscall where;
	struct hs_error *err;
	const char *name;

	err = task_syscall_read(t->pid, t->tid, &where);
	if (err || where.activity != TASK_IN_SYSCALL) {
		strbuf_adds(sb, "running");
		hs_error_free(err);
		return;
	}
	name = arch_syscall_name(where.number);
	if (name)
		strbuf_addf(sb, "in %s", name);
	else
		strbuf_addf(sb, "in system call %lld", (long long)where.number);
	add_inside(sb, c, where.sp);
}

static struct hs_error *in_helper(const struct stuck_call *c, const char *place,
				  struct hs_error *cause)
{
	const bool late = hs_error_code(cause) == HS_ERROR_TIMEOUT;

	return hs_error_hint(cause,
			     "thread %d, which heapsnap made for it, is still "
			     "at it, %s: it ends when it gets on%s",
			     (int)c->tracee->tid, place,
			     late ? "; a longer --timeout gives it more time"
				  : "");
}

static struct hs_error *in_borrowed(const struct stuck_call *c,
				    const char *place, struct hs_error *cause)
{
	double seconds = (double)(clock_us() - c->since) / 1e6;
	int tid = (int)c->tracee->tid;

	if (hs_error_code(cause) == HS_ERROR_TIMEOUT) {
		hs_error_free(cause);
		cause = hs_error_new(HS_ERROR_TIMEOUT,
				     "the call does not come back: thread %d "
				     "has stood still in it for %.1f s, %s",
				     tid, seconds, place);
	} else {
		cause = hs_error_wrap(cause,
				      "thread %d is still in the call, %s", tid,
				      place);
	}
	return hs_error_hint(
		cause,
		"it goes on when it gets what it waits for, and never if that "
		"is a lock that it holds itself: then only a restart of the "
		"process helps; 'gdb -p %d' shows where it is",
		(int)c->tracee->pid);
}

struct hs_error *stuck_error(const struct stuck_call *c, struct hs_error *cause)
{
	_cleanup_strbuf_ struct strbuf place = { 0 };

	add_place(&place, c);
	if (place.failed)
		return hs_error_join(cause, hs_error_nomem());
	return c->ours ? in_helper(c, strbuf_str(&place), cause)
		       : in_borrowed(c, strbuf_str(&place), cause);
}
