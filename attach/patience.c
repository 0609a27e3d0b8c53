#include "attach/patience.h"

#include <inttypes.h>
#include <stddef.h>

enum {
	LONGEST_US = 60000000,
	LONGEST_TIMES = 10,
	SILENCE_US = 5000000,
	STOP_US = 1000000,     /* for all calls after a wish to stop */
	STOP_EACH_US = 100000, /* and each, so that what is left is put back */
	SLICE_US = 20000,
};

static int64_t later(int64_t a, int64_t b)
{
	return a > b ? a : b;
}

struct call_limits call_limits_of(const struct deadline *session)
{
	struct call_limits limits = { .stop = session->stop };

	if (__builtin_mul_overflow(session->us, LONGEST_TIMES,
				   &limits.longest_us))
		limits.longest_us = INT64_MAX;
	return limits;
}

struct patience patience_begin(struct call_limits *limits,
			       const struct deadline *d)
{
	const int64_t longest = later(LONGEST_US, limits->longest_us);
	struct patience p = {
		.limits = limits,
		.since = clock_us(),
		.end = deadline_in(longest, NULL).at,
		.until = d->at,
	};

	patience_renew(&p);
	return p;
}

void patience_renew(struct patience *p)
{
	p->silent_until = later(p->until, clock_us() + SILENCE_US);
}

struct deadline patience_slice(void)
{
	return deadline_in(SLICE_US, NULL);
}

static bool wants_stop(const struct patience *p, int64_t now)
{
	struct call_limits *limits = p->limits;

	if (!limits->stop || !*limits->stop) {
		limits->stopped_at = 0;
		return false;
	}
	if (!limits->stopped_at)
		limits->stopped_at = now;
	return now - limits->stopped_at >= STOP_US &&
	       now - p->since >= STOP_EACH_US;
}

struct hs_error *patience_check(const struct patience *p)
{
	const int64_t now = clock_us();

	if (wants_stop(p, now)) {
		struct deadline d = deadline_in(SLICE_US, p->limits->stop);

		return deadline_check(&d);
	}
	if (now >= p->end)
		return hs_error_new(HS_ERROR_TIMEOUT,
				    "it did not end in %" PRId64
				    " s, the longest for one call",
				    (p->end - p->since) / 1000000);
	if (now >= p->silent_until)
		return hs_error_new(HS_ERROR_TIMEOUT, "time is up");
	return NULL;
}
