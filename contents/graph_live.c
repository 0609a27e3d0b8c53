#include "contents/graph_live.h"

#include <stdlib.h>
#include <time.h>

#include "base/cleanup.h"
#include "target/heap_use.h"

enum { SLAB_SHARE = 4 }; /* of the memory, that slabs may take */

void graph_live_release(struct graph_live *l)
{
	leaks_release(&l->leaks);
	holders_release(&l->holders);
	graph_release(&l->graph);
	graph_index_release(&l->index);
	roots_release(&l->roots);
	thread_caches_release(&l->caches);
	heap_regions_release(&l->regions);
	heap_ranges_release(&l->ranges);
	passive_memory_close(&l->memory);
	usage_release(&l->usage);
	*l = (struct graph_live){ .memory.pagemap = -1 };
}

/* --- a look ---------------------------------------------------------------- */

/* A process whose root was found keeps it where it is. */
static struct hs_error *find_tree(const struct graph_live_options *o,
				  const struct heap_tree *known,
				  struct graph_live *l)
{
	hs_cleanup(heap_ranges_release) struct heap_ranges data = { 0 };
	const struct memory_source memory = passive_memory_source(&l->memory);
	struct hs_error *err;
	bool found;

	if (known) {
		l->tree = *known;
		l->tree.memory = memory;
		return NULL;
	}
	err = heap_use_data(&l->usage.smaps.maps, o->file->first, &data);
	if (!err)
		err = heap_tree_find(&memory, &data, &l->ranges, &l->tree,
				     &found);
	if (err || found)
		return err;
	return hs_error_new(HS_ERROR_NOT_FOUND,
			    "jemalloc's records of its heap were not found");
}

static struct hs_error *read_regions(const struct graph_live_options *o,
				     struct graph_live *l)
{
	const size_t most =
		(size_t)(o->most / SLAB_SHARE / sizeof(struct heap_slab));
	struct hs_error *err;
	bool whole;

	err = heap_regions_read(&l->tree, &l->ranges, most, &l->regions,
				&whole);
	if (err)
		return err;
	if (!whole)
		return hs_error_new(HS_ERROR_GREW,
				    "the heap has more than %zu slabs and "
				    "large allocations",
				    l->regions.n);
	return thread_caches_take(&l->tree, &l->ranges, &l->regions,
				  &l->caches);
}

static struct hs_error *find_roots(const struct graph_live_options *o,
				   struct graph_live *l)
{
	_cleanup_free_ struct root_thread *threads = NULL;
	struct roots_input in = {
		.usage = &l->usage,
		.tree = &l->tree,
		.regions = &l->regions,
		.allocator = o->shared ? o->file->first : NULL,
	};
	struct hs_error *err;

	err = roots_threads(o->pid, &threads, &in.n_threads);
	if (err)
		return err;
	in.threads = threads;
	l->threads = in.n_threads;
	err = kernel_words_read(o->pid, &l->roots.words);
	return err ? err : roots_find(&in, &l->roots);
}

static struct hs_error *make_graph(uint64_t most, struct graph_live *l)
{
	const struct memory_source memory = passive_memory_source(&l->memory);
	const struct graph_input in = {
		.memory = &memory,
		.index = &l->index,
		.roots = &l->roots,
		.silent = l->caches.stacks,
		.n_silent = l->caches.n_stacks,
		.most = most,
	};
	struct hs_error *err;

	err = graph_index_make(&l->regions, &l->ranges, &l->index);
	if (!err)
		err = graph_make(&in, &l->graph);
	return err ? err : holders_find(&l->graph, &l->holders);
}

/* Bytes, of those that are allowed. */
static uint64_t left_for_graph(const struct graph_live_options *o,
			       const struct unreached *u,
			       const struct graph_live *l)
{
	const uint64_t taken = u->index.bytes +
			       u->index.n_regions * sizeof(*u->contents) +
			       l->regions.n * sizeof(*l->regions.slabs);

	return taken < o->most ? o->most - taken : 0;
}

static struct hs_error *look(const struct graph_live_options *o,
			     const struct heap_tree *known,
			     const struct unreached *u, struct graph_live *l)
{
	struct hs_error *err = usage_read(o->pid, true, &l->usage);

	if (!err)
		err = roots_memory(&l->usage, &l->ranges);
	if (!err)
		err = passive_memory_open(o->pid, &l->usage.smaps.maps, o->rate,
					  &l->memory);
	if (!err)
		err = find_tree(o, known, l);
	if (!err)
		err = read_regions(o, l);
	if (!err)
		err = find_roots(o, l);
	if (!err && o->deadline)
		err = deadline_check(o->deadline);
	return err ? err : make_graph(left_for_graph(o, u, l), l);
}

/* --- several looks --------------------------------------------------------- */

static struct hs_error *wait_apart(const struct graph_live_options *o)
{
	const struct timespec t = { o->apart_us / 1000000,
				    o->apart_us % 1000000 * 1000 };

	(void)nanosleep(&t, NULL);
	return o->deadline ? deadline_check(o->deadline) : NULL;
}

/* A look of which is kept what it and those before it do not reach. */
static struct hs_error *look_before(const struct graph_live_options *o,
				    struct heap_tree *tree, unsigned number,
				    struct unreached *u, uint64_t *read)
{
	hs_cleanup(graph_live_release) struct graph_live l = {
		.memory.pagemap = -1,
	};
	struct unreached now = { 0 };
	struct hs_error *err = look(o, number ? tree : NULL, u, &l);

	*tree = l.tree;
	*read += l.memory.bytes;
	if (!err)
		err = unreached_take(&l.holders, &l.graph, &l.index,
				     number ? u : NULL, &now);
	unreached_release(u);
	*u = now;
	return err ? err : wait_apart(o);
}

struct hs_error *graph_live_look(const struct graph_live_options *options,
				 struct graph_live *ret)
{
	hs_cleanup(unreached_release) struct unreached u = { 0 };
	struct hs_error *err = NULL;
	struct heap_tree tree = { 0 };
	uint64_t first = 0, read = 0;
	unsigned i;

	*ret = (struct graph_live){ .memory.pagemap = -1 };
	for (i = 0; i + 1 < options->looks && !err; i++) {
		err = look_before(options, &tree, i, &u, &read);
		first = i ? first : u.n;
	}
	if (!err)
		err = look(options, &tree, &u, ret);
	ret->unreached_first = first;
	ret->read = read + ret->memory.bytes;
	return err ? err : leaks_find(&ret->holders, &u, &ret->leaks);
}
