#include "mallctl/standing.h"

#include "attach/preflight.h"
#include "proc/lock.h"
#include "proc/status.h"

enum {
	/* A sleep is renewed when it is older: it lasts HELPER_REST_S, and we
	 * may be late where the CPUs are busy. */
	RENEW_US = 500000,
	END_US = 1000000,
	LOOK_US = 10000,
};

/* The session is over. A thread that could not be woken may yet have to stop
 * for us: it would stay stopped for as long as we live, and setuid(2) and
 * execve(2) of the service wait for it. */
static void note_left(struct standing *st)
{
	struct tracee *t = &st->session.helper.tracee;

	st->state = STANDING_NONE;
	if (t->state == TRACEE_RUNNING || t->state == TRACEE_STOPPED)
		st->left = *t;
	t->state = TRACEE_FREE;
}

static struct hs_error *let_go(struct standing *st, int64_t us)
{
	struct hs_error *err = tracee_detach_within(&st->left, us);

	if (!err || hs_error_code(err) != HS_ERROR_GONE)
		return err;
	hs_error_free(err);
	st->left.state = TRACEE_GONE;
	return NULL;
}

/* Before others are borrowed; @id tells why it may not stop. */
static struct hs_error *let_go_first(struct standing *st,
				     const struct identity *id)
{
	struct hs_error *err = let_go(st, END_US), *cause;

	if (!err)
		return NULL;
	cause = preflight(id);
	if (!cause)
		return err;
	hs_error_free(err);
	return cause;
}

struct hs_error *standing_open(struct standing *st, const struct identity *id,
			       const struct session_options *options,
			       const struct deadline *d)
{
	struct hs_error *err = let_go_first(st, id);

	st->woken = false;
	if (!err && st->state == STANDING_RESTS) {
		err = session_wake(&st->session, d, &st->woken);
		if (!st->woken) {
			note_left(st);
			if (!err)
				err = let_go_first(st, id);
		}
	}
	if (!err && !st->woken)
		err = session_open(id, options, d, &st->session);
	if (!err)
		st->state = STANDING_AWAKE;
	return err;
}

struct hs_error *standing_end(struct standing *st, int64_t *pause_us)
{
	struct hs_error *err = session_close(&st->session, pause_us);

	st->state = STANDING_NONE;
	if (st->woken)
		*pause_us = 0;
	return err;
}

struct hs_error *standing_rest(struct standing *st, int64_t *pause_us)
{
	struct hs_error *err, *ended;
	bool resting;

	err = session_rest(&st->session, &resting);
	if (resting) {
		st->state = STANDING_RESTS;
		st->since_us = clock_us();
		*pause_us = st->woken ? 0
				      : helper_pause_us(&st->session.helper);
		return err;
	}
	/* The snapshot is taken: why the thread could not rest is no matter. */
	ended = standing_end(st, pause_us);
	if (ended)
		return hs_error_join(err, ended);
	hs_error_free(err);
	return NULL;
}

static bool main_thread_ended(const struct identity *id)
{
	struct status status;
	struct hs_error *err = status_read(id->pid, &status);

	if (!err)
		return status.state == 'Z' || status.state == 'X';
	hs_error_free(err);
	return true;
}

void standing_renew(struct standing *st)
{
	const struct deadline now = deadline_in(0, NULL);
	struct session *s = &st->session;
	struct hs_error *err = let_go(st, LOOK_US);
	bool resting;

	hs_error_free(err);
	if (st->state != STANDING_RESTS)
		return;
	if (main_thread_ended(s->id)) {
		standing_close(st);
		return;
	}
	if (clock_us() - st->since_us < RENEW_US)
		return;
	/* Another run that is at work must not meet us as a tracer. */
	err = process_lock(s->id, &now, &s->lock);
	if (err) {
		hs_error_free(err);
		return;
	}
	err = session_renew(s, &resting);
	hs_error_free(err);
	if (resting)
		st->since_us = clock_us();
	else
		note_left(st);
}

void standing_close(struct standing *st)
{
	const struct deadline soon = deadline_in(END_US, NULL);
	struct hs_error *err = NULL;
	bool awake = st->state == STANDING_AWAKE;

	if (st->state == STANDING_RESTS)
		err = session_wake_to_end(&st->session, &soon, &awake);
	if (awake)
		err = hs_error_join(err, session_close(&st->session, NULL));
	note_left(st);
	err = hs_error_join(err, let_go(st, END_US));
	hs_error_free(err);
}
