#include "heap/diagnosis.h"

#include <stddef.h>

enum { WORTH_A_WORD = 256 << 10, WORTH_A_WORD_PER_MILLE = 5 };

static int64_t threshold(const struct heap_breakdown *l)
{
	int64_t share = l->rss / 1000 * WORTH_A_WORD_PER_MILLE;

	return share > WORTH_A_WORD ? share : WORTH_A_WORD;
}

static int slack_percent(const struct heap_breakdown *l)
{
	if (l->active <= 0)
		return -1;
	return (int)(l->parts[HEAP_BREAKDOWN_SLACK] * 100 / l->active);
}

static void find_growth(const struct heap_breakdown *before,
			const struct heap_breakdown *after,
			struct heap_diagnosis *d)
{
	int64_t either = after->parts[HEAP_BREAKDOWN_UNATTRIBUTED] -
			 before->parts[HEAP_BREAKDOWN_UNATTRIBUTED];
	unsigned i;

	for (i = 0; i < HEAP_BREAKDOWN_PARTS; i++) {
		int64_t change = after->parts[i] - before->parts[i];

		if (i == HEAP_BREAKDOWN_ABSENT ||
		    i == HEAP_BREAKDOWN_INHERITED ||
		    i == HEAP_BREAKDOWN_UNATTRIBUTED ||
		    change < threshold(after))
			continue;
		d->grown += change;
		if (change <= d->bytes)
			continue;
		d->bytes = change;
		d->part = (enum heap_breakdown_part)i;
	}
	/* Nobody knows what it is, so it is no answer while there is another. */
	if (!d->bytes && either >= threshold(after))
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
	int64_t slack = l->parts[HEAP_BREAKDOWN_SLACK];
	int64_t kept_pages = l->parts[HEAP_BREAKDOWN_KEPT];

	d->kind = HEAP_DIAGNOSIS_STEADY;
	if (d->slack_percent >= 25 && slack >= l->rss / 10)
		d->part = HEAP_BREAKDOWN_SLACK;
	else if (kept_pages >= l->rss / 4)
		d->part = HEAP_BREAKDOWN_KEPT;
	else
		return;
	d->kind = HEAP_DIAGNOSIS_HOLDS;
	d->bytes = l->parts[d->part];
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
