#include "mallctl/large_sizes.h"

#include <inttypes.h>

#include "heap/large_sizes.h"
#include "mallctl/values.h"

/* The large objects of the classes so far. */
struct large_sum {
	int64_t most, least; /* bytes, at their largest and smallest sizes */
};

/* Adds class @i. *done: no larger class has an object, as the smallest would be
 * more than what is left of @total. */
static struct hs_error *add_class(struct session *s, uint64_t arena, int64_t i,
				  int64_t total, int64_t page,
				  struct large_sum *sum, bool *done)
{
	struct hs_error *err;
	int64_t size, least, n = 0;

	err = mallctl_get_size(s, &size, "arenas.lextent.%" PRId64 ".size", i);
	*done = err || size <= 0;
	if (*done)
		return err;
	least = size -
		(int64_t)heap_large_sizes_gap((uint64_t)size, (uint64_t)page);
	*done = least > total - sum->least;
	if (*done)
		return NULL;
	err = mallctl_get_size(s, &n,
			       "stats.arenas.%" PRIu64 ".lextents.%" PRId64
			       ".curlextents",
			       arena, i);
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
	struct large_sum sum = { 0 };
	struct hs_error *err;
	bool done = false;
	int64_t n, i, total;
	int disabled;

	err = mallctl_get_flag(s, "opt.disable_large_size_classes", &disabled);
	if (err || disabled < 0)
		return err;
	o->large_classes = !disabled;
	if (!disabled || o->page <= 0)
		return NULL;
	err = mallctl_get_size(
		s, &total, "stats.arenas.%" PRIu64 ".large.allocated", arena);
	if (err || total < 0)
		return err;
	err = mallctl_get_unsigned(s, &n, "arenas.nlextents");
	for (i = 0; i < n && !done && !err; i++)
		err = add_class(s, arena, i, total, o->page, &sum, &done);
	if (err)
		return err;
	o->large_allocated = total;
	o->large_most = sum.most;
	o->large_least = sum.least;
	return NULL;
}
