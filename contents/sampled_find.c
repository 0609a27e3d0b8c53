#include "contents/sampled_find.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/array.h"
#include "base/cleanup.h"
#include "contents/live_heap.h"
#include "contents/sampled_layout.h"
#include "contents/sampled_types.h"
#include "heap/samples.h"
#include "proc/proc_path.h"

enum {
	STEP_SHIFT = 30, /* addresses that are walked at once */
	/* In a thread's memory its cache is in the upper end, where what is
	 * thread-local is: behind the stack. */
	TAIL = 256 << 10,
	CACHED_MAX = 32 << 10, /* bytes; opt.tcache_max as it comes */
	RATE = 512 << 20,      /* bytes a second */
	END_US = 500000,
	NS_PER_US = 1000,
	NS_PER_MS = 1000000,
	TICK_NS = 10 * NS_PER_MS, /* of a coarse clock, at most */
};

/* Times since the epoch are above this, those since the machine started, below:
 * 18 years. */
#define EPOCH_NS (INT64_C(1) << 59)

struct finder {
	const struct sampled_options *options;
	const struct sampled_layout *layout;
	struct sampled_reader reader;
	struct heap_tree tree; /* reads by it */
	struct maps maps;
	struct passive_memory memory;
	struct sampled *found;
	uint64_t last; /* the record that was met last */
	struct hs_error *err;
};

static void finder_release(struct finder *f)
{
	passive_memory_close(&f->memory);
	maps_release(&f->maps);
}

/* --- the allocations ------------------------------------------------------- */

/* 1 stands for none, and below are no addresses either. */
static bool is_sampled(const struct finder *f, const struct heap_extent *e)
{
	return e->state == HEAP_EXTENT_ACTIVE && !e->slab &&
	       e->prof[f->layout->tctx] > 1 &&
	       e->prof[f->layout->tctx] % sizeof(uint64_t) == 0 &&
	       heap_class_size(e->szind);
}

static bool keep_sampled(void *arg, const struct heap_extent *e)
{
	struct finder *f = arg;
	struct sampled *to = f->found;

	if (e->edata == f->last || !is_sampled(f, e))
		return true;
	f->last = e->edata;
	/* What is at one address is there once. */
	if (to->n && to->items[to->n - 1].address >= e->start)
		return true;
	if (to->n == HEAP_SAMPLES_MAX)
		return false;
	if (!ARRAY_GROW(to->items, to->cap, to->n + 1)) {
		f->err = hs_error_nomem();
		return false;
	}
	to->items[to->n++] = (struct sampled_one){
		.address = e->start,
		.tctx = e->prof[f->layout->tctx],
		.age = f->layout->time == SAMPLED_NOWHERE
			       ? 0
			       : (int64_t)e->prof[f->layout->time],
		.szind = (uint16_t)e->szind,
	};
	return true;
}

static struct hs_error *walk_range(struct finder *f,
				   const struct heap_range *range)
{
	const uint64_t step = UINT64_C(1) << STEP_SHIFT;
	struct hs_error *err = NULL;
	struct heap_range now;

	for (now = *range; now.start < range->end && !err;
	     now.start = now.end) {
		struct heap_walk walk = {
			.left = HEAP_WALK_READS,
			.again = HEAP_WALK_AGAIN,
			.no_slabs = true,
		};

		if (sampled_reader_late(&f->reader) ||
		    f->found->n == HEAP_SAMPLES_MAX)
			break;
		now.end = now.start - now.start % step + step;
		if (now.end > range->end)
			now.end = range->end;
		err = heap_tree_walk(&f->tree, &now, keep_sampled, f, &walk);
		err = hs_error_join(f->err, err);
		f->err = NULL;
	}
	return err;
}

static struct hs_error *walk(struct finder *f)
{
	hs_cleanup(heap_ranges_release) struct heap_ranges heap = { 0 };
	struct hs_error *err = live_heap_memory(&f->maps, &heap);
	size_t i;

	for (i = 0; i < heap.n && !err; i++)
		err = walk_range(f, &heap.items[i]);
	return err;
}

/* --- those that were freed ------------------------------------------------- */

static struct hs_error *find_tails(const struct maps *maps,
				   struct heap_ranges *ret)
{
	struct hs_error *err = NULL;
	size_t i;

	for (i = 0; i < maps->n && !err; i++) {
		const struct mapping *m = &maps->items[i];
		const uint64_t size = m->end - m->start;

		if (live_heap_may_be(m))
			err = heap_ranges_add(
				ret, size > TAIL ? m->end - TAIL : m->start,
				m->end);
	}
	return err;
}

/* Once it is freed, one that was small has the class of the smallest large ones
 * (arena_prof_demote()); so only these may be in a thread's cache. Their
 * records keep what they said until the next allocation there. */
static bool may_be_freed(const struct sampled_one *one)
{
	return one->szind >= HEAP_LARGE;
}

static struct hs_error *list_doubtful(const struct sampled *s,
				      struct heap_regions *ret)
{
	size_t i;

	for (i = 0; i < s->n; i++) {
		const struct sampled_one *one = &s->items[i];

		if (!may_be_freed(one))
			continue;
		if (!ARRAY_GROW(ret->slabs, ret->cap, ret->n + 1))
			return hs_error_nomem();
		ret->slabs[ret->n++] = (struct heap_slab){
			.address = one->address,
			.size = heap_class_size(one->szind),
			.szind = one->szind,
			.n = 1,
		};
	}
	return NULL;
}

static void drop_cached(struct sampled *s, const struct heap_regions *regions)
{
	size_t i, n = 0, at = 0;

	for (i = 0; i < s->n; i++) {
		const bool cached = may_be_freed(&s->items[i]) &&
				    regions->slabs[at++].free[0];

		if (!cached)
			s->items[n++] = s->items[i];
	}
	s->n = n;
}

/* The caches were not seen: what may be in one is. */
static void drop_doubtful(struct heap_regions *regions)
{
	size_t i;

	for (i = 0; i < regions->n; i++)
		if (regions->slabs[i].size <= CACHED_MAX)
			regions->slabs[i].free[0] = 1;
}

static struct hs_error *leave_out_cached(struct finder *f)
{
	hs_cleanup(heap_regions_release) struct heap_regions regions = { 0 };
	hs_cleanup(thread_caches_release) struct thread_caches caches = { 0 };
	hs_cleanup(heap_ranges_release) struct heap_ranges tails = { 0 };
	struct hs_error *err = list_doubtful(f->found, &regions);

	if (err || !regions.n)
		return err;
	err = find_tails(&f->maps, &tails);
	if (!err)
		err = thread_caches_take(&f->tree, &tails, &regions, &caches);
	if (err)
		return err;
	if (sampled_reader_late(&f->reader) || !caches.found)
		drop_doubtful(&regions);
	drop_cached(f->found, &regions);
	return NULL;
}

/* --- ages ------------------------------------------------------------------ */

/* CLOCK_MONOTONIC of a process in a time namespace of its own is another one
 * (time_namespaces(7)). Kernels without them have no such link. */
static bool has_our_clock(pid_t pid)
{
	char ours[64] = "", theirs[64] = "";

	if (readlink("/proc/self/ns/time", ours, sizeof(ours) - 1) < 0)
		return true;
	return readlink(proc_path(pid, "ns/time").text, theirs,
			sizeof(theirs) - 1) > 0 &&
	       !strcmp(ours, theirs);
}

/* False: it contradicts the clock. */
static bool find_age(struct sampled_one *one, int64_t monotonic, int64_t wall)
{
	const int64_t made = one->age; /* with prof_time_resolution:high since
					  the epoch */
	const int64_t age = (made < EPOCH_NS ? monotonic : wall) - made;

	one->age = age > 0 ? age / NS_PER_MS : 0;
	return made > 0 && age >= -TICK_NS;
}

static void find_ages(struct finder *f)
{
	const bool known = f->layout->time != SAMPLED_NOWHERE &&
			   has_our_clock(f->options->id->pid);
	const int64_t monotonic = clock_us() * NS_PER_US;
	const int64_t wall = clock_wall_us() * NS_PER_US;
	struct sampled *s = f->found;
	size_t i, n = 0;

	for (i = 0; i < s->n; i++) {
		if (!known)
			s->items[i].age = HEAP_AGE_UNKNOWN;
		else if (!find_age(&s->items[i], monotonic, wall))
			continue;
		s->items[n++] = s->items[i];
	}
	s->n = n;
}

/* --- stacks ---------------------------------------------------------------- */

static struct hs_error *find_traces(struct finder *f)
{
	struct sampled *s = f->found;
	struct hs_error *err = NULL;
	size_t i, n = 0;

	s->traces = (struct backtraces){
		.memory = { sampled_read, &f->reader },
		.gctx = f->layout->gctx,
	};
	for (i = 0; i < s->n && !err; i++) {
		struct sampled_one *one = &s->items[i];

		err = backtraces_find(&s->traces, one->tctx, &one->trace);
		if (!err && one->trace != BACKTRACE_NONE)
			s->items[n++] = *one;
	}
	s->n = n;
	return err;
}

static int by_trace(const void *a, const void *b)
{
	const struct sampled_one *x = a, *y = b;

	if (x->trace != y->trace)
		return x->trace < y->trace ? -1 : 1;
	if (x->age != y->age)
		return x->age < y->age ? -1 : 1;
	return x->address < y->address ? -1 : x->address > y->address;
}

/* --- all ------------------------------------------------------------------- */

/* What follows has until @percent of the time are over: each part leaves some
 * to those that make use of what it found. */
static void allow(struct finder *f, int percent)
{
	f->reader.until = f->reader.began + SAMPLED_US / 100 * percent;
}

static struct hs_error *look(struct finder *f)
{
	struct sampled *s = f->found;
	struct hs_error *err;

	allow(f, 40);
	err = walk(f);
	if (!err)
		find_ages(f);
	allow(f, 60);
	if (!err)
		err = leave_out_cached(f);
	allow(f, 75);
	if (!err)
		err = find_traces(f);
	if (err || !s->n)
		return err;
	allow(f, 100);
	qsort(s->items, s->n, sizeof(*s->items), by_trace);
	return f->options->no_types
		       ? NULL
		       : sampled_types_find(f->options->id,
					    f->options->demangle, &f->maps,
					    &f->reader, s);
}

static struct hs_error *open_and_look(struct finder *f)
{
	const pid_t pid = f->options->id->pid;
	struct hs_error *err = maps_read(pid, &f->maps);

	if (!err)
		err = passive_memory_open(pid, &f->maps, RATE, &f->memory);
	if (err)
		return err;
	f->reader.zeros = passive_memory_source(&f->memory);
	f->reader.present = passive_memory_present(&f->memory);
	return look(f);
}

struct hs_error *sampled_look(const struct sampled_options *options,
			      struct sampled *ret)
{
	hs_cleanup(finder_release) struct finder f = {
		.options = options,
		.reader = { .began = clock_thread_us(),
			    .end = deadline_in(END_US, options->stop) },
		.memory = { .pagemap = -1 },
		.found = ret,
	};
	struct hs_error *err;

	*ret = (struct sampled){ 0 };
	if (!options->tree->layout)
		return NULL;
	f.layout = sampled_layout_find(options->tree->layout, options->version);
	if (!f.layout)
		return NULL;
	f.tree = *options->tree;
	f.tree.memory = (struct memory_source){ sampled_read_zeros, &f.reader };
	err = open_and_look(&f);
	/* Its memory is read no more. */
	ret->traces.memory = (struct memory_source){ 0 };
	if (!err || hs_error_code(err) == HS_ERROR_NOMEM)
		return err;
	hs_error_free(err);
	ret->n = 0;
	return NULL;
}
