#include "attach/candidates.h"

#include <stdlib.h>
#include <string.h>

#include "attach/arch.h"
#include "attach/fault.h"
#include "attach/helper_mark.h"
#include "attach/wait.h"
#include "proc/memory.h"
#include "proc/status.h"

enum {
	SEARCH_SKIP_US = 500000,
	SEARCH_SKIP_LEAST_US = 500,
	SEARCH_SKIP_DOUBLED = 10, /* times: then it is 500 ms at least, too */
	SEARCH_PEEK = 1024, /* bytes of stack to scan for a wait for a lock */
};

/* --- one thread ------------------------------------------------------------ */

/* @why NULL: it is no candidate at all. */
static struct verdict untouchable(const char *why)
{
	return (struct verdict){
		.is = VERDICT_UNTOUCHABLE,
		.why = why,
		.what = "",
	};
}

/* The main thread's stack is known without a stop: on another one it runs a
 * fiber, or a signal handler with its own stack. */
static bool off_its_stack(pid_t pid, pid_t tid, const struct maps *maps,
			  const struct task_syscall *where)
{
	const struct mapping *m;

	if (tid != pid || where->activity == TASK_RUNNING)
		return false;
	m = maps_find(maps, where->sp);
	return !m || strcmp(m->path, "[stack]");
}

/* Ranks the thread by the call in which it waits. */
static struct verdict rank_by_wait(enum borrow_use use, struct candidate *c)
{
	const struct task_syscall *where = &c->where;
	struct arch_wait wait;
	bool timed;

	c->blocked = where->activity == TASK_IN_SYSCALL;
	if (!c->blocked) {
		c->rank = 3;
		return use == BORROW_FOR_HELPER
			       ? verdict_usable()
			       : untouchable("does not wait in a system call");
	}
	wait = wait_at(c->tid, where);
	c->for_lock = arch_wait_is_lock(&wait);
	switch (arch_wait_class(&wait, &timed)) {
	case ARCH_WAIT_EXACT:
		c->rank = timed ? 1 : 0;
		return verdict_usable();
	case ARCH_WAIT_RESTARTED:
		c->rank = timed ? 4 : 2;
		return verdict_usable();
	case ARCH_WAIT_UNKNOWN:
		break;
	}
	return untouchable("is in a system call that is not known to go on "
			   "after a stop");
}

struct verdict candidate_rank(const struct borrow_request *request,
			      const struct maps *maps, struct candidate *c)
{
	const pid_t pid = request->pid;
	struct hs_error *err;
	struct status status;

	if (fault_thread() && fault_thread() != c->tid)
		return untouchable(NULL);
	if (request->among && !task_list_has(request->among, c->tid))
		return untouchable(NULL);
	err = status_read_thread(pid, c->tid, &status);
	if (!err)
		err = task_syscall_read(pid, c->tid, &c->where);
	if (err) {
		hs_error_free(err);
		return untouchable("has ended");
	}
	if (status.tracer)
		return untouchable("is traced by another program");
	/* State D: the thread would not react to an interrupt (a parent in
	 * vfork). */
	if (status.state != 'R' && status.state != 'S')
		return untouchable("waits in a way that cannot be interrupted");
	/* Of another run, which wakes it when it likes. */
	if (helper_mark_rests(&status))
		return untouchable(NULL);
	if (off_its_stack(pid, c->tid, maps, &c->where))
		return verdict_not_now("is not on its own stack", "");
	/* Strict mode: the thread may only read, write, exit and return from a
	 * signal. */
	if (status.seccomp == 1)
		return untouchable("is in seccomp's strict mode");
	c->filtered = status.seccomp != 0;
	return rank_by_wait(request->use, c);
}

struct verdict candidate_peek(const struct borrow_request *request,
			      const struct candidate *c)
{
	const struct judge *judge = request->judge;
	unsigned char bytes[SEARCH_PEEK];
	const struct thread_copy top = {
		.regs.sp = c->where.sp,
		.bounds.high = UINT64_MAX, /* it is not known */
		.bytes = bytes,
		.len = sizeof(bytes),
	};
	struct hs_error *err;

	if (!c->for_lock)
		return verdict_usable();
	err = memory_read(c->tid, c->where.sp, bytes, sizeof(bytes));
	if (!err)
		return judge->scan(judge->arg, &top, true);
	hs_error_free(err);
	return verdict_usable();
}

/* --- all threads ----------------------------------------------------------- */

/* What is known of thread @tid; memory->n_skipped: nothing. */
static size_t find_skipped(const struct search_memory *memory, pid_t tid)
{
	size_t i = 0;

	while (i < memory->n_skipped && memory->skipped[i].tid != tid)
		i++;
	return i;
}

static bool is_skipped(const struct search_memory *memory, pid_t pid, pid_t tid)
{
	const size_t i = find_skipped(memory, tid);
	const struct skipped *s = &memory->skipped[i];
	const int64_t now = clock_us();

	if (i == memory->n_skipped || now >= s->until)
		return false;
	/* Once more it ran because of us: into the wait again. */
	return now < s->at_least || task_turns(pid, tid) <= s->turns + 1;
}

void search_skip(struct search_memory *memory, pid_t pid, pid_t tid)
{
	const size_t i = find_skipped(memory, tid);
	struct skipped *s = &memory->skipped[i];
	const int64_t now = clock_us();

	if (i == SEARCH_SKIPPED_MAX)
		return;
	if (i == memory->n_skipped) {
		*s = (struct skipped){ .tid = tid };
		memory->n_skipped++;
	}
	s->turns = task_turns(pid, tid);
	s->until = now + SEARCH_SKIP_US;
	s->at_least = now + ((int64_t)SEARCH_SKIP_LEAST_US << s->times);
	if (s->times < SEARCH_SKIP_DOUBLED)
		s->times++;
}

struct hs_error *search_rank(const struct borrow_request *request,
			     struct search_memory *memory,
			     const struct task_list *tasks,
			     const struct search_round *round,
			     struct candidates *ret)
{
	struct candidate *candidates =
		calloc(tasks->n ? tasks->n : 1, sizeof(*candidates));
	size_t i, j, n = 0;

	if (!candidates)
		return hs_error_nomem();
	tally_begin_round(&memory->tally);
	for (i = 0; i < tasks->n; i++) {
		struct candidate c = { .tid = tasks->tids[i] };
		struct verdict v;

		if (is_skipped(memory, request->pid, c.tid))
			continue;
		v = candidate_rank(request, &round->maps, &c);
		tally_place(&memory->tally, c.tid, &c.where);
		if (v.is != VERDICT_USABLE) {
			tally_add(&memory->tally, c.tid, &v);
			continue;
		}
		for (j = n++; j > 0 && candidates[j - 1].rank > c.rank; j--)
			candidates[j] = candidates[j - 1];
		candidates[j] = c;
	}
	tally_end_round(&memory->tally);
	*ret = (struct candidates){ candidates, n };
	return NULL;
}
