#include "snap/when.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "base/parse.h"
#include "base/str.h"

static const char *const names[] = {
	[WHEN_RSS] = "rss:",
	[WHEN_LIMIT] = "limit:",
	[WHEN_GROWTH] = "growth:",
};

static bool parse_percent(const char *s, uint64_t *ret)
{
	const size_t len = strlen(s);

	return len && s[len - 1] == '%' && parse_u64(s, len - 1, ret) &&
	       *ret >= 1 && *ret <= 100;
}

struct hs_error *when_parse(const char *text, struct when *ret)
{
	size_t i;

	*ret = (struct when){ .text = text };
	for (i = 0; i < ARRAY_SIZE(names); i++) {
		const char *amount = text + strlen(names[i]);
		bool right;

		if (!str_starts_with(text, names[i]))
			continue;
		ret->kind = (enum when_kind)i;
		right = ret->kind == WHEN_LIMIT
				? parse_percent(amount, &ret->amount)
				: parse_size(amount, &ret->amount) &&
					  ret->amount;
		if (right)
			return NULL;
	}
	return hs_error_new(HS_ERROR_USAGE,
			    "invalid --when '%s': want rss:SIZE, "
			    "limit:PERCENT%% or growth:SIZE, such as rss:6G, "
			    "limit:90%% or growth:500M",
			    text);
}

static uint64_t missing(uint64_t has, uint64_t wanted)
{
	return has < wanted ? wanted - has : 0;
}

/* No product of a limit by a percentage, which could overflow. */
static uint64_t part(uint64_t limit, uint64_t percent)
{
	return limit / 100 * percent + limit % 100 * percent / 100;
}

uint64_t when_missing(const struct when *w, const struct memory_reading *now,
		      uint64_t rss)
{
	switch (w->kind) {
	case WHEN_LIMIT:
		return now->limited
			       ? missing(now->used, part(now->limit, w->amount))
			       : UINT64_MAX;
	case WHEN_GROWTH:
		return missing(now->rss, rss + w->amount);
	case WHEN_RSS:
		break;
	}
	return missing(now->rss, w->amount);
}

unsigned when_percent(const struct when *w)
{
	return w->kind == WHEN_LIMIT ? (unsigned)w->amount : 0;
}

/* Notes what is missing, but for what a process at rest goes up and down by.
 * Whether it has come no nearer for a while. */
static bool rests(struct when_pace *p, uint64_t missing, int64_t now_us)
{
	if (!p->at_us || missing < p->least - p->least / 256) {
		p->least = missing;
		p->least_us = now_us;
	}
	return now_us - p->least_us >= WHEN_RESTS_US;
}

/* Most of what a look costs is to wake up, so there are fewer where hardly
 * anything can be missed. */
static int64_t longest(uint64_t missing, bool rests)
{
	const int64_t least = rests ? WHEN_RESTING_US : WHEN_LONGEST_US;
	const uint64_t us = missing / (WHEN_FASTEST / 1000000);

	if (us < (uint64_t)least)
		return least;
	return us > WHEN_FAR_US ? WHEN_FAR_US : (int64_t)us;
}

int64_t when_pace(struct when_pace *p, uint64_t missing, int64_t now_us)
{
	const double passed = (double)(now_us - p->at_us);
	const int64_t most = longest(missing, rests(p, missing, now_us));
	double rate = 0, left;

	if (p->at_us && passed > 0 && missing < p->missing)
		rate = (double)(p->missing - missing) / passed;
	/* Not asked of libm for a process that rests: its code is out of the
	 * caches after a second's sleep. */
	if (p->rate > 0)
		rate = fmax(rate, p->rate * exp2(-passed / 1e6));
	p->at_us = now_us;
	p->missing = missing;
	p->rate = rate;
	if (!(rate > 0))
		return most;
	left = (double)missing / rate / 4;
	if (left > (double)most)
		return most;
	return left < WHEN_SHORTEST_US ? WHEN_SHORTEST_US : (int64_t)left;
}
