#include "heap/diagnosis.h"

#include <stddef.h>

static int slack_percent(const struct heap_breakdown *l)
{
	const int64_t pads = l->sampling[HEAP_BREAKDOWN_SLACK];

	if (l->active <= pads)
		return -1;
	return (int)(heap_breakdown_net(l, HEAP_BREAKDOWN_SLACK) * 100 /
		     (l->active - pads));
}

static void find_growth(const struct heap_breakdown *before,
			const struct heap_breakdown *after,
			struct heap_diagnosis *d)
{
	const int64_t either = heap_breakdown_growth(
		before, after, HEAP_BREAKDOWN_UNATTRIBUTED);
	unsigned i;

	for (i = 0; i < HEAP_BREAKDOWN_PARTS; i++) {
		int64_t change = heap_breakdown_growth(
			before, after, (enum heap_breakdown_part)i);

		if (i == HEAP_BREAKDOWN_ABSENT ||
		    i == HEAP_BREAKDOWN_INHERITED ||
		    i == HEAP_BREAKDOWN_UNATTRIBUTED || !change)
			continue;
		d->grown += change;
		if (change <= d->bytes)
			continue;
		d->bytes = change;
		d->part = (enum heap_breakdown_part)i;
	}
	/* Nobody knows what it is, so it is no answer while there is another. */
	if (!d->bytes && either)
		*d = (struct heap_diagnosis){
			.part = HEAP_BREAKDOWN_UNATTRIBUTED,
			.bytes = either,
			.grown = either,
			.slack_percent = d->slack_percent,
		};
	if (d->bytes)
		d->kind = d->bytes >= d->grown / 2 ? HEAP_DIAGNOSIS_GREW
						   : HEAP_DIAGNOSIS_MIXED;
}

static void find_state(const struct heap_breakdown *l, struct heap_diagnosis *d)
{
	int64_t slack = heap_breakdown_net(l, HEAP_BREAKDOWN_SLACK);
	int64_t kept_pages = l->parts[HEAP_BREAKDOWN_KEPT];

	d->kind = HEAP_DIAGNOSIS_STEADY;
	if (d->slack_percent >= 25 && slack >= l->rss / 10)
		d->part = HEAP_BREAKDOWN_SLACK;
	else if (kept_pages >= l->rss / 4)
		d->part = HEAP_BREAKDOWN_KEPT;
	else
		return;
	d->kind = HEAP_DIAGNOSIS_HOLDS;
	d->bytes = heap_breakdown_net(l, d->part);
}

struct heap_diagnosis heap_diagnose(const struct heap_breakdown *before,
				    const struct heap_breakdown *after)
{
	struct heap_diagnosis d = { .slack_percent = slack_percent(after) };

	if (!after->known)
		return d;
	if (before && heap_breakdown_comparable(before, after))
		find_growth(before, after, &d);
	if (!d.bytes)
		find_state(after, &d);
	return d;
}
