#include "mallctl/activate.h"

#include <sys/mman.h>

#include "mallctl/profiling_off.h"
#include "mallctl/recovery.h"
#include "mallctl/values.h"
#include "proc/task.h"

#define MARK "heapsnap-active"

bool activation_is_marked(const struct identity *id)
{
	struct task_list holders;
	struct hs_error *err = recovery_find(id, MARK, &holders);
	const bool marked = !err && holders.n > 0;

	hs_error_free(err);
	task_list_release(&holders);
	return marked;
}

static struct hs_error *make_mark(struct session *s)
{
	const uint64_t at = helper_scratch(&s->helper);
	const uint64_t args[6] = { at, MFD_CLOEXEC };
	struct hs_error *err;
	int64_t fd = -1;

	err = remote_write(helper_remote(&s->helper), at, MARK, sizeof(MARK));
	if (!err)
		err = helper_syscall(&s->helper, arch_syscalls.memfd_create,
				     args, &s->deadline, &fd);
	if (!err && fd < 0)
		err = hs_error_sys(HS_ERROR_SYSTEM, (int)-fd,
				   "the target cannot make a memfd, by which "
				   "what --activate does is marked");
	return err;
}

static struct hs_error *get_active(struct session *s, bool *ret)
{
	bool found;

	return mallctl_get_bool(s, "prof.active", ret, &found);
}

static struct hs_error *set_active(struct session *s, bool on)
{
	struct hs_error *err;
	int64_t result;
	bool now;

	err = mallctl_set(s, "prof.active", &on, sizeof(on), NULL, &result);
	if (!err)
		err = get_active(s, &now);
	if (!err && now != on)
		err = hs_error_new(HS_ERROR_SYSTEM,
				   "prof.active could not be switched %s",
				   on ? "on" : "off");
	return err;
}

/* The mark comes first: a run that is killed between the two leaves nothing
 * switched on without a mark. */
static struct hs_error *switch_on(struct session *s, enum activation *ret,
				  bool *begun)
{
	bool marked = activation_is_marked(s->id), active;
	struct hs_error *err, *off = NULL;

	err = profiling_off_why(s, NULL, &off);
	if (err || off)
		return hs_error_join(err, off);
	err = get_active(s, &active);
	if (err)
		return err;
	*begun = marked || !active;
	*ret = ACTIVATION_DONE;
	if (active)
		*ret = marked ? ACTIVATION_ADOPTED : ACTIVATION_WAS_ON;
	if (!marked && !active)
		err = make_mark(s);
	if (!err && !active)
		err = set_active(s, true);
	return err;
}

struct hs_error *activation_begin(const struct identity *id,
				  const struct session_options *options,
				  const struct deadline *d,
				  enum activation *ret, bool *begun)
{
	struct session session;
	struct hs_error *err;

	*begun = false;
	err = session_open(id, options, d, &session);
	if (!err) {
		err = switch_on(&session, ret, begun);
		err = hs_error_join(err, session_close(&session, NULL));
	}
	return hs_error_wrap(err,
			     "cannot switch on prof.active of process %d "
			     "('%s')",
			     (int)id->pid, id->command);
}

/* *closed: the marks closed in the descriptor table of the thread that it ran
 * on. */
static struct hs_error *switch_off(const struct identity *id,
				   const struct session_options *options,
				   const struct deadline *d, size_t *closed)
{
	struct session_options unhurried = *options;
	struct session session;
	struct hs_error *err;

	*closed = 0;
	/* What was changed is put back, also when that takes longer than the
	 * user allows. */
	unhurried.max_pause_us = 0;
	err = session_open(id, &unhurried, d, &session);
	if (err)
		return err;
	err = set_active(&session, false);
	if (!err)
		err = recovery_close(&session, MARK, closed);
	return hs_error_join(err, session_close(&session, NULL));
}

/* The mark is in the descriptor table of the thread that was borrowed when the
 * mark was made. The last session may have had another table: a thread may have
 * one of its own, and one that it got since then has a copy of the mark. */
static struct hs_error *remove_others(const struct identity *id,
				      const struct session_options *options,
				      const struct deadline *d)
{
	struct session_options there = *options;
	struct task_list holders;
	struct hs_error *err;
	size_t closed, left;

	there.among = &holders;
	do {
		closed = 0;
		err = recovery_find(id, MARK, &holders);
		left = holders.n;
		if (!err && left)
			err = deadline_check(d);
		if (!err && left)
			err = switch_off(id, &there, d, &closed);
		task_list_release(&holders);
	} while (!err && closed);
	if (!err && left)
		err = hs_error_new(HS_ERROR_SYSTEM, "it could not be closed");
	return err;
}

static struct hs_error *mark_stays(const struct identity *id,
				   const struct hs_error *why)
{
	struct hs_error *err;

	err = hs_error_new(hs_error_code(why),
			   "the mark of --activate stays in process %d "
			   "('%s'): %s",
			   (int)id->pid, id->command, hs_error_message(why));
	return hs_error_hint(err,
			     "'heapsnap -p %d -n 1 --activate' tries it "
			     "again",
			     (int)id->pid);
}

/* prof.active is off already, so a mark that stays only deserves a warning. */
static void remove_marks(const struct identity *id,
			 const struct session_options *options,
			 const struct deadline *d,
			 const struct monitor *monitor)
{
	enum { MARKS_US = 2 * 1000000 };
	const struct deadline soon = deadline_cap(d, MARKS_US);
	struct hs_error *err = remove_others(id, options, &soon);

	if (err && hs_error_code(err) != HS_ERROR_GONE)
		monitor_warn(monitor, mark_stays(id, err));
	hs_error_free(err);
}

/* Nobody would switch it off later, so retry: what failed once may work the
 * next time. */
struct hs_error *activation_end(const struct identity *id,
				const struct session_options *options,
				const struct deadline *d,
				const struct monitor *monitor)
{
	enum { TRIES = 3 };
	struct hs_error *err;
	size_t closed;
	int i;

	err = switch_off(id, options, d, &closed);
	for (i = 1; i < TRIES && err && hs_error_code(err) != HS_ERROR_GONE &&
		    deadline_left(d) > 0;
	     i++) {
		hs_error_free(err);
		err = switch_off(id, options, d, &closed);
	}
	if (!err)
		remove_marks(id, options, d, monitor);
	if (err && hs_error_code(err) == HS_ERROR_GONE) {
		hs_error_free(err);
		return NULL;
	}
	err = hs_error_wrap(err,
			    "prof.active of process %d ('%s') could not be "
			    "switched off again",
			    (int)id->pid, id->command);
	return hs_error_hint(err,
			     "'heapsnap -p %d -n 1 --activate' tries it "
			     "again",
			     (int)id->pid);
}
