#include "output/row_ages.h"

#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "base/search.h"

static const struct heap_samples *find_samples(const struct heap_profile *p,
					       uint32_t stack)
{
	const size_t at =
		search_sorted(p->n_samples, i, p->samples[i].stack < stack);

	return at < p->n_samples && p->samples[at].stack == stack
		       ? &p->samples[at]
		       : NULL;
}

struct hs_error *row_ages_add(struct row_ages *ages, uint32_t row,
			      const struct heap_profile *p, uint32_t stack)
{
	const struct heap_samples *samples = find_samples(p, stack);

	if (!samples)
		return NULL;
	if (!ARRAY_GROW(ages->items, ages->cap, ages->n + 1))
		return hs_error_nomem();
	ages->items[ages->n++] = (struct row_age){ row, *samples };
	return NULL;
}

/* Of a row, by its types. */
static int by_type(const void *a, const void *b)
{
	const struct row_age *x = a, *y = b;
	const char *s = x->samples.type, *t = y->samples.type;

	if (x->row != y->row)
		return x->row < y->row ? -1 : 1;
	if (s != t)
		return !s ? -1 : !t ? 1 : strcmp(s, t);
	return x->samples.stack < y->samples.stack ? -1 : 1;
}

static int by_age(const void *a, const void *b)
{
	const struct row_age *x = a, *y = b;

	if (x->samples.median_ms != y->samples.median_ms)
		return x->samples.median_ms < y->samples.median_ms ? -1 : 1;
	return x->samples.stack < y->samples.stack ? -1 : 1;
}

/* The type that most of @items[0..n) are of, which are sorted by it. */
static void find_type(const struct row_age *items, size_t n,
		      struct heap_samples *ret)
{
	uint32_t of_type = 0;
	size_t i;

	for (i = 0; i < n; i++) {
		const struct heap_samples *s = &items[i].samples;

		if (!i || s->type != items[i - 1].samples.type)
			of_type = 0;
		of_type += s->of_type;
		if (of_type > ret->of_type) {
			ret->of_type = of_type;
			ret->type = s->type;
		}
	}
}

/* That of the sample in the middle of @total, were all of a stack as old as its
 * median; @items[0..n) are sorted by it. */
static int64_t find_median(const struct row_age *items, size_t n,
			   uint32_t total)
{
	uint32_t before = 0;
	size_t i;

	for (i = 0; i + 1 < n; i++) {
		before += items[i].samples.n;
		if (before > total / 2)
			break;
	}
	return items[i].samples.median_ms;
}

/* Makes of the stacks @items[0..n) of a row one, the first; they are sorted by
 * their types. */
static void join(struct row_age *items, size_t n)
{
	struct heap_samples all = { .stack = items[0].samples.stack };
	size_t i;

	all.oldest_ms = HEAP_AGE_UNKNOWN;
	for (i = 0; i < n; i++) {
		const struct heap_samples *s = &items[i].samples;

		all.n += s->n;
		all.looked_at += s->looked_at;
		if (s->oldest_ms > all.oldest_ms)
			all.oldest_ms = s->oldest_ms;
	}
	find_type(items, n, &all);
	qsort(items, n, sizeof(*items), by_age);
	all.median_ms = find_median(items, n, all.n);
	items[0].samples = all;
}

void row_ages_finish(struct row_ages *ages)
{
	size_t i, end, n = 0;

	if (ages->n)
		qsort(ages->items, ages->n, sizeof(*ages->items), by_type);
	for (i = 0; i < ages->n; i = end) {
		for (end = i + 1; end < ages->n; end++)
			if (ages->items[end].row != ages->items[i].row)
				break;
		if (end - i > 1)
			join(&ages->items[i], end - i);
		ages->items[n++] = ages->items[i];
	}
	ages->n = n;
}

const struct heap_samples *row_ages_find(const struct row_ages *ages,
					 uint32_t row)
{
	const size_t at = search_sorted(ages->n, i, ages->items[i].row < row);

	return at < ages->n && ages->items[at].row == row
		       ? &ages->items[at].samples
		       : NULL;
}

void row_ages_release(struct row_ages *ages)
{
	free(ages->items);
	*ages = (struct row_ages){ 0 };
}
