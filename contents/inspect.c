#include "contents/inspect.h"

#include <unistd.h>

#include "base/array.h"
#include "base/cleanup.h"
#include "base/deadline.h"
#include "contents/code_names.h"
#include "contents/holders_name.h"
#include "contents/live_heap.h"
#include "contents/sample.h"
#include "proc/meminfo.h"

enum {
	RATE = 512 << 20, /* bytes a second */
	/* Regions of a size class that are looked at: a share of a third is
	 * right within 0.8%, one standard error. */
	SAMPLE = 4000,
	/* What moves meanwhile is taken for leaked by none of them. */
	LOOKS = 3,
	APART_US = 200000,
};

/* Bytes that this process may still take. */
static uint64_t left_of(const struct inspect_options *options)
{
	const uint64_t own = meminfo_own();

	return own < options->most ? options->most - own : 0;
}

static struct hs_error *open_heap(const struct identity *id,
				  const struct inspect_options *options,
				  struct live_heap *ret)
{
	const struct deadline d =
		deadline_in(options->search_us, options->monitor.stop);

	return live_heap_open(id, RATE, &d, ret);
}

void inspect_past_release(struct inspect_past *past)
{
	heap_regions_release(&past->regions);
}

struct hs_error *inspect_begin(const struct identity *id,
			       const struct inspect_options *options,
			       struct inspect_past *ret)
{
	hs_cleanup(live_heap_close) struct live_heap heap;
	hs_cleanup(thread_caches_release) struct thread_caches caches = { 0 };
	struct hs_error *err;

	*ret = (struct inspect_past){ .at_us = clock_us() };
	err = open_heap(id, options, &heap);
	return err ? err
		   : live_heap_read(&heap, left_of(options), &ret->regions,
				    &caches);
}

static struct hs_error *describe(const struct live_heap *h,
				 struct heap_contents *c)
{
	struct heap_meta *o = &c->meta;
	char hostname[256] = "";
	const struct {
		const char *text;
		const char **to;
	} rows[] = {
		{ h->id->command, &o->command },
		{ h->id->command_line, &o->command_line },
		{ hostname, &o->hostname },
	};
	struct hs_error *err;
	size_t i;

	if (gethostname(hostname, sizeof(hostname) - 1))
		hostname[0] = '\0';
	o->pid = h->id->pid;
	o->start_time = h->id->start_time;
	c->layout = h->tree.layout->versions;
	err = heap_meta_set_time(o, clock_wall_us());
	for (i = 0; i < ARRAY_SIZE(rows) && !err; i++)
		if (rows[i].text[0])
			err = intern_text(&o->strings, rows[i].text,
					  rows[i].to);
	return err;
}

static struct graph_live_options
reach_options(const struct live_heap *h, const struct inspect_options *options,
	      const struct deadline *d)
{
	struct graph_live_options o = {
		.pid = h->id->pid,
		.file = h->file,
		.rate = RATE,
		.most = left_of(options),
		.looks = LOOKS,
		.apart_us = APART_US,
		.deadline = d,
	};
	size_t i;

	for (i = 0; i < h->jemallocs.n_all; i++)
		o.shared |= h->jemallocs.items[i].file == h->file &&
			    h->jemallocs.items[i].shared;
	return o;
}

/* It goes on without what takes too much memory. */
static struct hs_error *leave_out(struct hs_error *err, struct graph_live *live,
				  struct heap_contents *c)
{
	struct hs_error *failed;

	graph_live_release(live);
	failed = intern_text(&c->strings, hs_error_message(err),
			     &c->reach_left_out);
	hs_error_free(err);
	return failed;
}

static struct hs_error *find_reach(struct live_heap *h,
				   struct code_names *names,
				   const struct inspect_options *options,
				   struct graph_live *ret,
				   struct heap_contents *c)
{
	const struct deadline d = { INT64_MAX, options->monitor.stop, 0 };
	const struct graph_live_options o = reach_options(h, options, &d);
	struct hs_error *err = graph_live_look(&o, ret);

	c->read_bytes += (int64_t)ret->read;
	if (err && hs_error_code(err) == HS_ERROR_GREW)
		return leave_out(err, ret, c);
	if (err)
		return hs_error_wrap(err, "cannot follow its pointers");
	c->reach = true;
	c->threads = (int64_t)ret->threads;
	c->in_kernel = ret->roots.words.hidden;
	holders_count_reach(&ret->leaks, c);
	return holders_name(ret, names, options->demangle, c);
}

static struct hs_error *find_types(struct live_heap *h,
				   const struct heap_regions *before,
				   const struct heap_regions *now,
				   const struct inspect_options *options,
				   struct heap_contents *c)
{
	hs_cleanup(graph_live_release) struct graph_live reach = {
		.memory.pagemap = -1,
	};
	hs_cleanup(code_names_release) struct code_names names = { 0 };
	struct surroundings around = {
		.memory = passive_memory_present(&h->memory),
		.maps = &h->maps,
		.name = code_names_find,
		.arg = &names,
		.demangle = options->demangle,
	};
	struct sample_options sample = {
		.around = &around,
		.most = SAMPLE,
		.monitor = &options->monitor,
	};
	struct hs_error *err;

	err = code_names_open(&h->maps, &h->files, &around.memory, &names);
	around.constants = code_names_constants(&names);
	if (!err && options->reach)
		err = find_reach(h, &names, options, &reach, c);
	sample.reach = c->reach ? &reach : NULL;
	if (!err)
		err = sample_types(before, now, &sample, c);
	return !err && names.failed ? hs_error_nomem() : err;
}

static struct hs_error *look(struct live_heap *h,
			     const struct inspect_options *options,
			     const struct inspect_past *past,
			     struct heap_contents *c)
{
	const struct heap_regions *before = past ? &past->regions : NULL;
	hs_cleanup(heap_regions_release) struct heap_regions now = { 0 };
	hs_cleanup(thread_caches_release) struct thread_caches caches = { 0 };
	const int64_t at = clock_us();
	struct hs_error *err;

	c->no_types = options->no_types;
	if (past)
		c->interval_us = at - past->at_us;
	err = describe(h, c);
	if (!err)
		err = live_heap_read(h, left_of(options), &now, &caches);
	c->caches = (int64_t)caches.found;
	if (!err)
		err = sample_classes(before, &now, c);
	if (!err && !options->no_types)
		err = find_types(h, before, &now, options, c);
	c->read_us = clock_us() - at;
	c->read_bytes += (int64_t)h->memory.bytes;
	c->swapped = (int64_t)h->memory.swapped;
	c->memory_bytes = (int64_t)meminfo_own_peak();
	return identity_explain_end(h->id, err);
}

struct hs_error *inspect_take(const struct identity *id,
			      const struct inspect_options *options,
			      const struct inspect_past *past,
			      struct heap_contents *ret)
{
	hs_cleanup(live_heap_close) struct live_heap heap;
	struct hs_error *err;

	err = open_heap(id, options, &heap);
	if (!err && heap.others)
		monitor_note(
			&options->monitor,
			"it has %zu jemallocs: this is the heap of that in "
			"'%s'",
			heap.others + 1, heap.file->first->path);
	return err ? err : look(&heap, options, past, ret);
}
