#include "mallctl/standing.h"

#include "proc/lock.h"
#include "proc/status.h"

enum {
	/* A sleep is renewed when it is older: it lasts HELPER_REST_S, and we
	 * may be late where the CPUs are busy. */
	RENEW_US = 500000,
	END_US = 1000000,
};

struct hs_error *standing_open(struct standing *st, const struct identity *id,
			       const struct session_options *options,
			       const struct deadline *d)
{
	struct hs_error *err = NULL;

	st->woken = false;
	if (st->state == STANDING_RESTS) {
		st->state = STANDING_NONE;
		err = session_wake(&st->session, d, &st->woken);
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
	struct hs_error *err;
	bool resting;

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
		st->state = STANDING_NONE;
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
	hs_error_free(err);
	st->state = STANDING_NONE;
}
