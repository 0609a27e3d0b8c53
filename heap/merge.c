#include "heap/merge.h"

#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "base/cleanup.h"
#include "base/str.h"
#include "heap/diff.h"
#include "heap/format/builder.h"
#include "heap/inherited.h"
#include "heap/memory_part.h"
#include "heap/remarks.h"

enum { RANGE_SHIFT = 40 }; /* each module gets a TiB of addresses */

static const uint64_t range_size = UINT64_C(1) << RANGE_SHIFT;

/* A module of the merged profile. Its addresses begin at range_size times its
 * number, which counts from 1; those below are of code without a usable
 * module. */
struct merged_module {
	const struct heap_module *first; /* the first that was found */
	uint64_t low, high;		 /* file offsets of its locations */
};

struct merger {
	struct heap_profile *profile;
	struct heap_builder builder;
	struct merged_module *modules; /* owned */
	size_t n_modules, modules_cap;
	uint64_t n_unmapped;  /* addresses without a module so far */
	uint64_t **addresses; /* owned, each; of the profiles' locations */
	size_t n_profiles;
};

static void merger_release(struct merger *m)
{
	size_t i;

	for (i = 0; m->addresses && i < m->n_profiles; i++)
		free(m->addresses[i]);
	free(m->addresses);
	free(m->modules);
	heap_builder_release(&m->builder);
}

static bool same_module(const struct heap_module *a,
			const struct heap_module *b)
{
	if (a->build_id && b->build_id)
		return !strcmp(a->build_id, b->build_id);
	return !strcmp(a->path, b->path);
}

/* A search is enough: there are few modules. */
static struct hs_error *
find_module(struct merger *m, const struct heap_module *module, size_t *ret)
{
	size_t i;

	for (i = 0; i < m->n_modules; i++) {
		if (!same_module(m->modules[i].first, module))
			continue;
		if (!m->modules[i].first->build_id)
			m->modules[i].first = module;
		*ret = i;
		return NULL;
	}
	if (!ARRAY_GROW(m->modules, m->modules_cap, m->n_modules + 1))
		return hs_error_nomem();
	m->modules[m->n_modules] =
		(struct merged_module){ module, UINT64_MAX, 0 };
	*ret = m->n_modules++;
	return NULL;
}

static struct hs_error *find_address(struct merger *m,
				     const struct heap_profile *p,
				     const struct heap_location *loc,
				     uint64_t *ret)
{
	struct hs_error *err;
	struct merged_module *module;
	size_t i = 0;

	/* Code in no file has an identity only within its process. */
	if (loc->module == HEAP_NO_MODULE || loc->offset >= range_size ||
	    !heap_module_has_identity(&p->modules[loc->module])) {
		*ret = ++m->n_unmapped;
		return NULL;
	}
	err = find_module(m, &p->modules[loc->module], &i);
	if (err)
		return err;
	module = &m->modules[i];
	if (loc->offset < module->low)
		module->low = loc->offset;
	if (loc->offset > module->high)
		module->high = loc->offset;
	*ret = (i + 1) * range_size + loc->offset;
	return NULL;
}

static struct hs_error *find_addresses(struct merger *m, size_t k,
				       const struct heap_profile *p)
{
	uint64_t *addresses = calloc(p->n_locations + 1, sizeof(*addresses));
	struct hs_error *err = NULL;
	size_t i;

	m->addresses[k] = addresses;
	if (!addresses)
		return hs_error_nomem();
	for (i = 0; !err && i < p->n_locations; i++)
		err = find_address(m, p, &p->locations[i], &addresses[i]);
	return err;
}

static struct hs_error *add_stacks(struct merger *m, size_t k,
				   const struct heap_profile *p)
{
	const struct heap_counts none = { 0 };
	struct hs_error *err = NULL;
	size_t i, j;

	for (i = 0; !err && i < p->n_stacks; i++) {
		const struct heap_stack *stack = &p->stacks[i];

		for (j = 0; !err && j < stack->depth; j++)
			err = heap_builder_add_frame(
				&m->builder,
				m->addresses[k][p->frames[stack->first + j]],
				0);
		if (!err)
			err = heap_builder_close_stack(
				&m->builder, &stack->inuse,
				p->allocated ? &p->allocated[i] : &none);
	}
	return err;
}

/* As in proc(5), where a newline is written "\012". */
static void add_mapping(struct strbuf *sb, uint64_t start, uint64_t end,
			uint64_t offset, size_t inode, const char *path)
{
	strbuf_addf(sb, "%" PRIx64 "-%" PRIx64 " r-xp %08" PRIx64 " 00:00 %zu ",
		    start, end, offset, inode);
	for (; *path; path++) {
		if (*path == '\n')
			strbuf_adds(sb, "\\012");
		else
			strbuf_addc(sb, *path);
	}
	strbuf_addc(sb, '\n');
}

/* The inode is the module's number: two builds may share a path. */
static struct hs_error *make_maps(struct merger *m)
{
	_cleanup_strbuf_ struct strbuf sb = { 0 };
	const uint64_t page = 4096;
	struct hs_error *err;
	size_t i;

	for (i = 0; i < m->n_modules; i++) {
		const struct merged_module *module = &m->modules[i];
		const uint64_t low = module->low & ~(page - 1);
		const uint64_t base = (i + 1) * range_size;

		add_mapping(&sb, base + low,
			    base + (module->high & ~(page - 1)) + page, low,
			    i + 1, module->first->path);
	}
	err = strbuf_check(&sb);
	return err ? err
		   : maps_parse(strbuf_str(&sb), sb.len, "merged maps", 1,
				&m->profile->maps);
}

static struct hs_error *describe_modules(struct merger *m)
{
	struct heap_profile *p = m->profile;
	struct hs_error *err = NULL;
	size_t i;

	for (i = 0; !err && i < p->n_locations; i++) {
		const struct heap_location *loc = &p->locations[i];
		const struct heap_module *from;

		if (loc->module == HEAP_NO_MODULE ||
		    p->modules[loc->module].build_id)
			continue;
		from = m->modules[(loc->address >> RANGE_SHIFT) - 1].first;
		p->modules[loc->module].allocator = from->allocator;
		if (from->build_id || from->n_segments)
			err = heap_profile_set_module(p, loc->module,
						      from->build_id,
						      from->segments,
						      from->n_segments);
	}
	return err;
}

static struct hs_error *take_names(struct merger *m, size_t k,
				   const struct heap_profile *p)
{
	struct heap_profile *to = m->profile;
	const struct heap_location *loc;
	struct hs_error *err = NULL;
	size_t i;

	for (i = 0; !err && i < p->n_locations; i++) {
		if (!p->locations[i].n_names)
			continue;
		loc = heap_profile_location(to, m->addresses[k][i]);
		if (loc && !loc->n_names)
			err = heap_profile_set_names(
				to, (size_t)(loc - to->locations),
				&p->names[p->locations[i].names],
				p->locations[i].n_names);
	}
	return err;
}

static struct hs_error *common_text(struct heap_meta *o, const char **at,
				    const char *text, bool first)
{
	if (first)
		return intern_text(&o->strings, text, at);
	if (*at && (!text || strcmp(*at, text)))
		*at = NULL;
	return NULL;
}

/* Not known of one is not known of all. */
static void add_known(int64_t *sum, int64_t n, bool first)
{
	if (first)
		*sum = n;
	else if (*sum >= 0)
		*sum = n < 0 || n > HEAP_NUMBER_MAX - *sum ? -1 : *sum + n;
}

static void add_numbers(struct heap_meta *o, const struct heap_meta *from,
			bool first)
{
	const struct {
		int64_t *sum;
		int64_t n;
	} rows[] = {
		{ &o->allocated, from->allocated },
		{ &o->active, from->active },
		{ &o->metadata, from->metadata },
		{ &o->resident, from->resident },
		{ &o->mapped, from->mapped },
		{ &o->retained, from->retained },
		{ &o->rss, from->rss },
		{ &o->dirty, from->dirty },
		{ &o->muzzy, from->muzzy },
		{ &o->tcache, from->tcache },
		{ &o->owned, from->owned },
		{ &o->active_rss, from->active_rss },
		{ &o->dirty_rss, from->dirty_rss },
		{ &o->muzzy_rss, from->muzzy_rss },
		{ &o->retained_rss, from->retained_rss },
		{ &o->metadata_rss, from->metadata_rss },
		{ &o->large_allocated, from->large_allocated },
		{ &o->large_most, from->large_most },
		{ &o->large_least, from->large_least },
		{ &o->pss, from->pss },
		{ &o->processes, from->processes > 0 ? from->processes : 1 },
	};
	size_t i;

	for (i = 0; i < ARRAY_SIZE(rows); i++)
		add_known(rows[i].sum, rows[i].n, first);
}

/* What is known when it is so in all of them. */
static void add_common(struct heap_meta *o, const struct heap_meta *from,
		       bool first)
{
	if (first || o->prof_active == from->prof_active)
		o->prof_active = from->prof_active;
	else
		o->prof_active = -1;
	if (first) {
		o->dirty_decay_ms = from->dirty_decay_ms;
		o->muzzy_decay_ms = from->muzzy_decay_ms;
	} else if (o->dirty_decay_ms != from->dirty_decay_ms ||
		   o->muzzy_decay_ms != from->muzzy_decay_ms) {
		o->dirty_decay_ms = o->muzzy_decay_ms = -1;
	}
}

static bool same_memory(const struct heap_memory *a,
			const struct heap_memory *b)
{
	return a->kind == b->kind && str_equal(a->path, b->path);
}

static struct hs_error *add_memory(struct heap_meta *o,
				   const struct heap_meta *from)
{
	struct hs_error *err = NULL;
	size_t i, k;

	for (i = 0; i < from->n_memory && !err; i++) {
		const struct heap_memory *m = &from->memory[i];

		for (k = 0; k < o->n_memory; k++) {
			if (same_memory(&o->memory[k], m))
				break;
		}
		if (k < o->n_memory)
			err = heap_meta_grow_memory(o, &o->memory[k], m);
		else
			err = heap_meta_add_memory(o, m);
	}
	return err;
}

static struct hs_error *add_meta(struct heap_profile *to,
				 const struct heap_profile *p, bool first)
{
	const struct heap_meta *from = &p->meta;
	struct heap_meta *o = &to->meta;
	const struct {
		const char **at;
		const char *text;
	} strings[] = {
		{ &o->command, from->command },
		{ &o->hostname, from->hostname },
		{ &o->jemalloc_version, from->jemalloc_version },
	};
	struct hs_error *err = NULL;
	size_t i;

	for (i = 0; !err && i < ARRAY_SIZE(strings); i++)
		err = common_text(o, strings[i].at, strings[i].text, first);
	add_numbers(o, from, first);
	add_common(o, from, first);
	o->sampled_small += from->sampled_small;
	o->sampled_small_bytes += from->sampled_small_bytes;
	if (!err)
		err = add_memory(o, from);
	if (!err && from->taken_at && from->taken_at_us > o->taken_at_us) {
		o->taken_at_us = from->taken_at_us;
		err = intern_text(&o->strings, from->taken_at, &o->taken_at);
	}
	if (!err && from->pause_us > o->pause_us) {
		o->pause_us = from->pause_us;
		err = intern_text(&o->strings, from->stopped_thread,
				  &o->stopped_thread);
	}
	to->sampling_unknown |= p->sampling_unknown;
	to->no_inuse |= p->no_inuse;
	to->no_objects |= p->no_objects;
	if (p->sample_period > to->sample_period)
		to->sample_period = p->sample_period;
	return err;
}

static struct hs_error *name_merged(struct heap_profile *p, size_t n)
{
	_cleanup_strbuf_ struct strbuf sb = { 0 };
	struct hs_error *err;

	strbuf_addf(&sb, "%zu processes", n);
	err = strbuf_check(&sb);
	return err ? err
		   : intern_text(&p->meta.strings, strbuf_str(&sb),
				 &p->meta.file);
}

/* What is merged is written as live objects. */
static struct hs_error *check_live(const struct heap_profile *p)
{
	if (p->kind == HEAP_LIVE)
		return NULL;
	return hs_error_new(HS_ERROR_INPUT,
			    "'%s' is not of live objects: it cannot be merged",
			    p->meta.file ? p->meta.file : "a profile");
}

static struct hs_error *
merge(struct merger *m, const struct heap_profile *const *profiles, size_t n)
{
	struct hs_error *err = NULL;
	size_t k;

	for (k = 0; !err && k < n; k++)
		err = check_live(profiles[k]);
	for (k = 0; !err && k < n; k++)
		err = find_addresses(m, k, profiles[k]);
	for (k = 0; !err && k < n; k++)
		err = add_stacks(m, k, profiles[k]);
	if (!err)
		err = make_maps(m);
	if (!err)
		err = heap_builder_finish(&m->builder);
	if (!err)
		err = describe_modules(m);
	for (k = 0; !err && k < n; k++)
		err = take_names(m, k, profiles[k]);
	if (!err)
		err = heap_inherited_mark(m->profile, profiles, n,
					  m->addresses);
	for (k = 0; !err && k < n; k++)
		err = add_meta(m->profile, profiles[k], k == 0);
	/* Its sizes are right: they are not to be corrected when it is read
	 * again (heap/large_sizes.h). */
	m->profile->meta.large_classes = 1;
	/* Parts of some are no sum. */
	for (k = 0; k < n; k++) {
		if (!profiles[k]->meta.n_memory)
			m->profile->meta.n_memory = 0;
	}
	return err ? err : name_merged(m->profile, n);
}

struct hs_error *heap_merge(const struct heap_profile *const *profiles,
			    size_t n, struct heap_profile *ret)
{
	hs_cleanup(merger_release) struct merger m = {
		.profile = ret,
		.n_profiles = n,
		.addresses = calloc(n, sizeof(uint64_t *)),
	};
	struct hs_error *err;
	size_t i;

	heap_profile_init(ret);
	heap_builder_init(&m.builder, ret);
	if (!m.addresses)
		return hs_error_nomem();
	err = merge(&m, profiles, n);
	for (i = 0; !err && i < n; i++)
		err = heap_remarks_copy(ret, profiles[i]);
	if (err)
		heap_profile_release(ret);
	return err;
}

/* --- as a dump ------------------------------------------------------------- */

static uint64_t whole(double value)
{
	return value < 0x1p63 ? (uint64_t)llround(value) : INT64_MAX;
}

/* Numbers that the reader's correction makes these again, as jemalloc prepares
 * them (prof_data.c, prof_do_unbias()). */
static void add_counts(struct strbuf *sb, const struct heap_counts *c,
		       double period)
{
	double size, bytes;
	uint64_t n = 0, b = 0;

	if (c->bytes > 0) {
		/* What is left of a mapping is no object, but it is there. */
		size = c->bytes / (c->objects > 0 ? c->objects : 1);
		bytes = c->bytes * -expm1(-size / period);
		n = whole(bytes / size);
		if (!n)
			n = 1;
		b = whole(bytes);
		if (b < n)
			b = n;
	}
	strbuf_addf(sb, "%" PRIu64 ": %" PRIu64, n, b);
}

static void add_line(struct strbuf *sb, const char *thread,
		     const struct heap_counts *inuse,
		     const struct heap_counts *allocated, double period)
{
	const struct heap_counts none = { 0 };

	strbuf_addf(sb, "  %s: ", thread);
	add_counts(sb, inuse, period);
	strbuf_adds(sb, " [");
	add_counts(sb, allocated ? allocated : &none, period);
	strbuf_adds(sb, "]\n");
}

static void add_stack(struct strbuf *sb, const struct heap_profile *p,
		      size_t index)
{
	const struct heap_stack *stack = &p->stacks[index];
	const struct heap_counts *allocated =
		p->allocated ? &p->allocated[index] : NULL;
	const double period = (double)p->sample_period;
	size_t i;

	strbuf_addc(sb, '@');
	for (i = 0; i < stack->depth; i++)
		strbuf_addf(sb, " 0x%" PRIx64,
			    p->locations[p->frames[stack->first + i]].address +
				    (i > 0));
	strbuf_addc(sb, '\n');
	add_line(sb, "t*", &stack->inuse, allocated, period);
	add_line(sb, "t0", &stack->inuse, allocated, period);
}

void heap_merge_dump(struct strbuf *sb, const struct heap_profile *p)
{
	size_t i;

	strbuf_addf(sb, "heap_v2/%" PRIu64 "\n", p->sample_period);
	add_line(sb, "t*", &p->total, NULL, (double)p->sample_period);
	add_line(sb, "t0", &p->total, NULL, (double)p->sample_period);
	for (i = 0; i < p->n_stacks; i++)
		add_stack(sb, p, i);
	strbuf_adds(sb, "\nMAPPED_LIBRARIES:\n");
	for (i = 0; i < p->maps.n; i++) {
		const struct mapping *map = &p->maps.items[i];

		add_mapping(sb, map->start, map->end, map->offset, map->inode,
			    map->path);
	}
}
