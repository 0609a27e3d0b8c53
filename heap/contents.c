#include "heap/contents.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/array.h"

const char *contents_kind_name(enum contents_kind kind)
{
	static const char *const names[CONTENTS_KINDS] = {
		[CONTENTS_CXX] = "c++",
		[CONTENTS_PYTHON] = "python",
		[CONTENTS_C] = "c",
		[CONTENTS_TEXT] = "text",
		[CONTENTS_ZEROS] = "zeros",
		[CONTENTS_POINTERS] = "pointers",
		[CONTENTS_NUMBERS] = "numbers",
		[CONTENTS_OTHER] = "other",
		[CONTENTS_ABSENT] = "absent",
	};

	return names[kind];
}

void heap_contents_init(struct heap_contents *c)
{
	*c = (struct heap_contents){ .interval_us = -1 };
	heap_meta_init(&c->meta);
}

void heap_contents_release(struct heap_contents *c)
{
	size_t i;

	for (i = 0; i < c->n_classes; i++)
		free(c->classes[i].types);
	free(c->classes);
	free(c->types);
	free(c->holders);
	heap_meta_release(&c->meta);
	intern_release(&c->strings);
	heap_contents_init(c);
}

/* How many regions of the class its types are of. */
static int64_t population(const struct heap_contents *c,
			  const struct contents_class *class)
{
	return c->interval_us < 0 ? class->live : class->came;
}

/*
 * A share of p in a sample of k without putting back, of N, has a variance of
 * p (1 - p) / k (N - k) / (N - 1). Where all, or none, of the sample are of the
 * type, p (1 - p) would be 0, which the rest need not agree with: so p is taken
 * to be (seen + 1) / (k + 2), Laplace's rule, for the variance alone.
 */
static double variance_of(int64_t seen, int64_t k, int64_t n)
{
	const double p = (double)(seen + 1) / (double)(k + 2);

	if (k >= n)
		return 0;
	return (double)n * (double)n * p * (1 - p) / (double)k *
	       (double)(n - k) / (double)(n - 1);
}

/* Bytes of @objects as those that were @seen have, of @bytes. */
static int64_t bytes_of(int64_t objects, int64_t bytes, int64_t seen)
{
	return seen ? llround((double)objects * ((double)bytes / (double)seen))
		    : 0;
}

/* Of bytes: that of the objects; and, where they differ in size, that of the
 * sizes in the sample. */
static double bytes_variance(const struct contents_type *t,
			     const struct contents_count *c, int64_t k,
			     int64_t n)
{
	const double seen = (double)c->seen;
	const double mean = (double)c->bytes / seen;
	const double within = fmax(c->squares / seen - mean * mean, 0);

	if (k >= n)
		return 0;
	return t->variance * mean * mean + (double)n * (double)(n - k) /
						   (double)k * seen /
						   (double)k * within;
}

static void estimate(struct contents_type *t, const struct contents_count *c,
		     const struct contents_class *of, int64_t n)
{
	const int64_t k = of->looked_at;

	t->objects = llround((double)n * (double)t->seen / (double)k);
	t->bytes = bytes_of(t->objects, c->bytes, c->seen);
	t->leaked = llround((double)n * (double)t->seen_leaked / (double)k);
	t->leaked_bytes = bytes_of(t->leaked, c->leaked_bytes, c->leaked);
	t->variance = variance_of(t->seen, k, n);
	t->bytes_variance = bytes_variance(t, c, k, n);
}

static int by_bytes(const void *a, const void *b)
{
	const struct contents_type *x = a, *y = b;

	if (x->bytes != y->bytes)
		return x->bytes < y->bytes ? 1 : -1;
	if (x->kind != y->kind)
		return x->kind < y->kind ? -1 : 1;
	return strcmp(x->name, y->name);
}

static void sort_types(struct contents_type *types, size_t n)
{
	if (n)
		qsort(types, n, sizeof(*types), by_bytes);
}

static int by_type(const void *a, const void *b)
{
	const struct contents_type *x = a, *y = b;

	if (x->kind != y->kind)
		return x->kind < y->kind ? -1 : 1;
	return strcmp(x->name, y->name);
}

/* Types of the same name and kind become one. Returns how many are left. */
static size_t merge_types(struct contents_type *types, size_t n)
{
	size_t i, to = 0;

	if (!n)
		return 0;
	qsort(types, n, sizeof(*types), by_type);
	for (i = 1; i < n; i++) {
		if (by_type(&types[to], &types[i])) {
			types[++to] = types[i];
			continue;
		}
		types[to].seen += types[i].seen;
		types[to].seen_leaked += types[i].seen_leaked;
		types[to].leaked += types[i].leaked;
		types[to].leaked_bytes += types[i].leaked_bytes;
		types[to].objects += types[i].objects;
		types[to].bytes += types[i].bytes;
		types[to].variance += types[i].variance;
		types[to].bytes_variance += types[i].bytes_variance;
	}
	return to + 1;
}

static struct hs_error *add_to_class(struct heap_contents *c,
				     const struct contents_count *count)
{
	struct contents_class *class = &c->classes[count->class];
	struct contents_type *t;

	if (!ARRAY_GROW(class->types, class->types_cap, class->n_types + 1))
		return hs_error_nomem();
	t = &class->types[class->n_types++];
	*t = (struct contents_type){
		.name = count->name,
		.kind = count->kind,
		.seen = count->seen,
		.seen_leaked = count->leaked,
	};
	estimate(t, count, class, population(c, class));
	return NULL;
}

struct hs_error *heap_contents_estimate(struct heap_contents *c,
					const struct contents_count *counts,
					size_t n)
{
	struct hs_error *err = NULL;
	size_t i, to = 0;

	c->types = calloc(n + 1, sizeof(*c->types));
	if (!c->types)
		return hs_error_nomem();
	for (i = 0; i < n && !err; i++)
		err = add_to_class(c, &counts[i]);
	if (err)
		return err;
	for (i = 0; i < c->n_classes; i++) {
		struct contents_class *class = &c->classes[i];

		sort_types(class->types, class->n_types);
		if (class->n_types)
			memcpy(c->types + to, class->types,
			       class->n_types * sizeof(*c->types));
		to += class->n_types;
	}
	c->n_types = merge_types(c->types, to);
	sort_types(c->types, c->n_types);
	return NULL;
}

struct contents_sum heap_contents_sum(const struct heap_contents *c)
{
	struct contents_sum sum = { 0 };
	size_t i;

	for (i = 0; i < c->n_classes; i++) {
		const struct contents_class *class = &c->classes[i];

		sum.objects += class->live;
		sum.bytes += class->live_bytes;
		sum.cached += class->cached;
		sum.cached_bytes += class->cached_bytes;
		sum.came += class->came;
		sum.came_bytes += class->came_bytes;
		sum.went += class->went;
		sum.went_bytes += class->went_bytes;
	}
	return sum;
}

static void add_reach(struct contents_reach *to, const struct contents_reach *r)
{
	to->held += r->held;
	to->direct += r->direct;
	to->indirect += r->indirect;
	to->moved += r->moved;
}

void heap_contents_reach(const struct heap_contents *c,
			 struct contents_reach *objects,
			 struct contents_reach *bytes)
{
	size_t i;

	*objects = *bytes = (struct contents_reach){ 0 };
	for (i = 0; i < c->n_classes; i++) {
		const struct contents_class *class = &c->classes[i];

		add_reach(objects, &class->reach);
		add_reach(bytes, &class->reach_bytes);
	}
}
