#include "attach/candidates.h"

#include <stdlib.h>
#include <string.h>

#include "attach/arch.h"
#include "attach/fault.h"
#include "attach/stack.h"
#include "proc/memory.h"
#include "proc/status.h"

enum {
	HOST_ANEW_REST_US = 500000,
	HOST_PEEK = 1024, /* bytes of stack that a wait for a lock shows on */
	HOST_REASONS = 4, /* threads told in the error */
};

void search_reject(struct search *s, pid_t tid, const char *why,
		   const char *what)
{
	if (s->n_rejected++ < HOST_REASONS)
		strbuf_addf(&s->reasons, "%sthread %d %s%s",
			    s->reasons.len ? "; " : "", (int)tid, why, what);
}

static bool is_let_be(const struct search *s, pid_t tid)
{
	size_t i;

	for (i = 0; i < s->n_anew; i++) {
		if (s->anew[i].tid == tid)
			return clock_us() < s->anew[i].until;
	}
	return false;
}

void search_let_be(struct search *s, pid_t tid)
{
	size_t i = 0;

	while (i < s->n_anew && s->anew[i].tid != tid)
		i++;
	if (i == HOST_ANEW)
		return;
	s->anew[i].tid = tid;
	s->anew[i].until = clock_us() + HOST_ANEW_REST_US;
	if (i == s->n_anew)
		s->n_anew++;
}

/* The main thread's stack is known without a stop: elsewhere it is a fiber, or
 * a handler on a stack of its own. */
static bool off_its_stack(const struct search *s, pid_t tid,
			  const struct task_syscall *where)
{
	const struct mapping *m;

	if (tid != s->pid || where->activity == TASK_RUNNING)
		return false;
	m = maps_find(&s->maps, where->sp);
	return !m || strcmp(m->path, "[stack]");
}

bool search_rank_thread(struct search *s, struct candidate *c)
{
	struct task_syscall where;
	struct hs_error *err;
	struct status status;
	bool timed;

	if ((fault_host() && fault_host() != c->tid) || is_let_be(s, c->tid))
		return false;
	err = status_read_thread(s->pid, c->tid, &status);
	if (!err)
		err = task_syscall_read(s->pid, c->tid, &where);
	if (err) {
		hs_error_free(err);
		return false;
	}
	/* State D: an interrupt would not be answered (a parent in vfork). */
	if ((status.state != 'R' && status.state != 'S') || status.tracer)
		return false;
	if (off_its_stack(s, c->tid, &where)) {
		search_reject(s, c->tid, "is not on its own stack", "");
		return false;
	}
	/* Strict mode: it may read, write, exit and return from a signal. */
	if (status.seccomp == 1)
		return false;
	c->filtered = status.seccomp != 0;
	c->blocked = where.activity == TASK_IN_SYSCALL;
	if (!c->blocked) {
		c->rank = 3;
		return s->use == HOST_FOR_GUEST;
	}
	c->sp = where.sp;
	c->for_lock = arch_wait_is_lock(where.number);
	switch (arch_wait_class(where.number, where.args, &timed)) {
	case ARCH_WAIT_EXACT:
		c->rank = timed ? 1 : 0;
		return true;
	case ARCH_WAIT_ANEW:
		c->rank = timed ? 4 : 2;
		return true;
	case ARCH_WAIT_UNKNOWN:
		break;
	}
	return false;
}

struct hs_error *search_rank(struct search *s, const struct task_list *tasks,
			     struct candidate **ret, size_t *n_ret)
{
	struct candidate *list = calloc(tasks->n ? tasks->n : 1, sizeof(*list));
	size_t i, j, n = 0;

	if (!list)
		return hs_error_nomem();
	for (i = 0; i < tasks->n; i++) {
		struct candidate c = { .tid = tasks->tids[i] };

		if (!search_rank_thread(s, &c))
			continue;
		for (j = n++; j > 0 && list[j - 1].rank > c.rank; j--)
			list[j] = list[j - 1];
		list[j] = c;
	}
	*ret = list;
	*n_ret = n;
	return NULL;
}

bool search_waits_inside(const struct search *s, const struct candidate *c,
			 struct scan_hit *hit)
{
	unsigned char bytes[HOST_PEEK];
	struct stack_copy top = { .sp = c->sp,
				  .bytes = bytes,
				  .len = sizeof(bytes) };
	struct hs_error *err;

	if (!c->for_lock)
		return false;
	err = memory_read(c->tid, c->sp, bytes, sizeof(bytes));
	if (!err)
		return !scan_stack(&top, &s->code->unsafe, true, hit);
	hs_error_free(err);
	return false;
}

struct hs_error *search_no_safe_moment(const struct search *s)
{
	struct hs_error *err;

	if (s->use == HOST_BORROWED && s->cancelled)
		return hs_error_new(HS_ERROR_UNSAFE,
				    "no thread can be borrowed: the process "
				    "uses pthread_cancel(), and a thread with "
				    "a pending cancellation would end in the "
				    "call");
	if (!s->n_rejected)
		err = hs_error_new(HS_ERROR_UNSAFE,
				   "no safe moment was found: no thread is in "
				   "a state in which it could be stopped");
	else if (s->n_rejected <= HOST_REASONS)
		err = hs_error_new(HS_ERROR_UNSAFE,
				   "no safe moment was found: %s",
				   strbuf_str(&s->reasons));
	else
		err = hs_error_new(HS_ERROR_UNSAFE,
				   "no safe moment was found: %s; and %zu more",
				   strbuf_str(&s->reasons),
				   s->n_rejected - HOST_REASONS);
	return hs_error_hint(err, "a longer --timeout gives it more tries; the "
				  "process was not changed");
}
