#include "mallctl/large_sizes.h"

#include <inttypes.h>

#include "heap/large_sizes.h"
#include "mallctl/values.h"

/* The large objects of the classes of an arena so far. */
struct large_sum {
	uint64_t arena;
	int64_t total;	     /* bytes that all classes have, by their counter */
	int64_t page;	     /* bytes */
	int64_t most, least; /* bytes, at their largest and smallest sizes */
};

/* Adds class @i. *done: no larger class has an object, as the smallest would be
 * more than what is left of the total. */
static struct hs_error *add_class(struct session *s, int64_t i,
				  struct large_sum *sum, bool *done)
{
	struct hs_error *err;
	int64_t size, least, n = 0;

	err = mallctl_get_size(s, &size, "arenas.lextent.%" PRId64 ".size", i);
	*done = err || size <= 0;
	if (*done)
		return err;
	least = size - (int64_t)heap_large_sizes_gap((uint64_t)size,
						     (uint64_t)sum->page);
	*done = least > sum->total - sum->least;
	if (*done)
		return NULL;
	err = mallctl_get_size(s, &n,
			       "stats.arenas.%" PRIu64 ".lextents.%" PRId64
			       ".curlextents",
			       sum->arena, i);
	if (err || n <= 0)
		return err;
	/* Counted one after the other while others allocate: no sum of a
	 * process is near this. */
	if (n > (INT64_MAX - sum->most) / size)
		return NULL;
	sum->most += n * size;
	sum->least += n * least;
	return NULL;
}

struct hs_error *large_sizes_read(struct session *s, uint64_t arena,
				  struct heap_meta *o)
{
	struct large_sum sum = { .arena = arena, .page = o->page };
	struct hs_error *err;
	bool done = false;
	int64_t n, i;
	int disabled;

	err = mallctl_get_flag(s, "opt.disable_large_size_classes", &disabled);
	if (err || disabled < 0)
		return err;
	o->large_classes = !disabled;
	if (!disabled || o->page <= 0)
		return NULL;
	err = mallctl_get_size(s, &sum.total,
			       "stats.arenas.%" PRIu64 ".large.allocated",
			       arena);
	if (err || sum.total < 0)
		return err;
	err = mallctl_get_unsigned(s, &n, "arenas.nlextents");
	for (i = 0; i < n && !done && !err; i++)
		err = add_class(s, i, &sum, &done);
	if (err)
		return err;
	o->large_allocated = sum.total;
	o->large_most = sum.most;
	o->large_least = sum.least;
	return NULL;
}
