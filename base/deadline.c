#include "base/deadline.h"

#include <time.h>

#include "base/stop_signals.h"

static int64_t read_clock(clockid_t clock)
{
	struct timespec ts;

	clock_gettime(clock, &ts);
	return (int64_t)ts.tv_sec * 1000000 + ts.tv_nsec / 1000;
}

int64_t clock_us(void)
{
	return read_clock(CLOCK_MONOTONIC);
}

int64_t clock_wall_us(void)
{
	return read_clock(CLOCK_REALTIME);
}

int64_t clock_thread_us(void)
{
	return read_clock(CLOCK_THREAD_CPUTIME_ID);
}

struct deadline deadline_in(int64_t us, const volatile sig_atomic_t *stop)
{
	struct deadline d = { .stop = stop, .us = us };

	/* "For ever" is a duration like any other. */
	if (__builtin_add_overflow(clock_us(), us, &d.at))
		d.at = INT64_MAX;
	return d;
}

struct deadline deadline_cap(const struct deadline *d, int64_t us)
{
	struct deadline capped = deadline_in(us, d->stop);

	if (capped.at > d->at)
		capped.at = d->at;
	return capped;
}

struct deadline deadline_later(const struct deadline *d, int64_t us)
{
	struct deadline later = deadline_in(us, d->stop);

	return later.at > d->at ? later : *d;
}

struct deadline deadline_extend(const struct deadline *d, int64_t us)
{
	struct deadline extended = deadline_in(us, NULL);

	if (d && d->at > extended.at)
		extended.at = d->at;
	return extended;
}

int64_t deadline_left(const struct deadline *d)
{
	int64_t left = d->at - clock_us();

	return left > 0 ? left : 0;
}

struct hs_error *deadline_check(const struct deadline *d)
{
	struct hs_error *err = stop_signals_check(d->stop);

	if (!err && !deadline_left(d))
		err = hs_error_new(HS_ERROR_TIMEOUT, "time is up");
	return err;
}
