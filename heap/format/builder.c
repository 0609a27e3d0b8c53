#include "heap/format/builder.h"

#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "base/cleanup.h"
#include "base/hash.h"
#include "base/intern.h"
#include "heap/format/maps_line.h"
#include "heap/unbias.h"

enum {
	/* Return addresses of a process: the largest programs have some 100,000
	 * in their profiles. A report takes 150 bytes for each. */
	LOCATIONS_MAX = 4 << 20,
};

void heap_builder_init(struct heap_builder *b, struct heap_profile *p)
{
	*b = (struct heap_builder){ .profile = p };
}

void heap_builder_release(struct heap_builder *b)
{
	free(b->addresses);
	free(b->memo);
	hash_index_release(&b->by_address);
	hash_index_release(&b->by_frames);
	hash_index_release(&b->by_uid);
	free(b->ends);
	free(b->symbols);
	free(b->named);
	hash_index_release(&b->named_index);
}

static struct hs_error *heap_builder_add_address(struct heap_builder *b,
						 uint64_t hash,
						 uint64_t address)
{
	if (b->n_addresses >= LOCATIONS_MAX)
		return hs_error_new(HS_ERROR_INPUT,
				    "more than %d addresses of code",
				    LOCATIONS_MAX);
	if (!ARRAY_GROW(b->addresses, b->addresses_cap, b->n_addresses + 1))
		return hs_error_nomem();
	b->addresses[b->n_addresses] = address;
	return hash_index_add(&b->by_address, hash, (uint32_t)b->n_addresses++);
}

/* Finds or adds @address. */
static struct hs_error *heap_builder_find_address(struct heap_builder *b,
						  uint64_t address,
						  uint32_t *ret)
{
	const uint64_t hash =
		hash_mix(hash_index_begin(&b->by_address), address).value;
	struct hash_index_walk walk = { 0 };

	while (hash_index_next(&b->by_address, hash, &walk)) {
		if (b->addresses[walk.value] == address) {
			*ret = walk.value;
			return NULL;
		}
	}
	*ret = (uint32_t)b->n_addresses;
	return heap_builder_add_address(b, hash, address);
}

static struct hs_error *heap_builder_grow(struct heap_builder *b, size_t n,
					  size_t depth)
{
	struct heap_profile *p = b->profile;

	if (p->n_frames + n >= UINT32_MAX)
		return hs_error_new(HS_ERROR_INPUT, "too many frames");
	if (!ARRAY_GROW(p->frames, p->frames_cap, p->n_frames + n) ||
	    !ARRAY_GROW(b->ends, b->ends_cap, depth + n))
		return hs_error_nomem();
	return NULL;
}

/* Grows the arrays for @n more frames of the open stack. */
static inline struct hs_error *heap_builder_reserve(struct heap_builder *b,
						    size_t n)
{
	const struct heap_profile *p = b->profile;
	const size_t depth = p->n_frames - b->first;

	if (p->n_frames + n <= p->frames_cap && depth + n <= b->ends_cap &&
	    p->n_frames + n < UINT32_MAX)
		return NULL;
	return heap_builder_grow(b, n, depth);
}

struct hs_error *heap_builder_add_frame(struct heap_builder *b,
					uint64_t address, size_t end)
{
	struct heap_profile *p = b->profile;
	struct hs_error *err;
	uint32_t index = 0;

	err = heap_builder_reserve(b, 1);
	if (!err)
		err = heap_builder_find_address(b, address, &index);
	if (err)
		return err;
	b->ends[p->n_frames - b->first] = (uint32_t)end;
	p->frames[p->n_frames++] = index;
	return NULL;
}

struct hs_error *heap_builder_repeat(struct heap_builder *b, size_t len,
				     size_t *end)
{
	struct heap_profile *p = b->profile;
	struct hs_error *err;
	size_t n = b->n_ends;

	while (n && b->ends[n - 1] >= len)
		n--;
	*end = n ? b->ends[n - 1] : 0;
	b->repeated = n;
	if (!n)
		return NULL;
	err = heap_builder_reserve(b, n);
	if (err)
		return err;
	memcpy(p->frames + p->n_frames, p->frames + p->stacks[b->last].first,
	       n * sizeof(*p->frames));
	p->n_frames += n;
	return NULL;
}

static struct hs_error *heap_builder_find_thread(struct heap_builder *b,
						 uint64_t uid, uint32_t *ret)
{
	struct heap_profile *p = b->profile;
	const uint64_t hash = hash_mix(hash_index_begin(&b->by_uid), uid).value;
	struct hash_index_walk walk = { 0 };

	while (hash_index_next(&b->by_uid, hash, &walk)) {
		if (p->threads[walk.value].uid == uid) {
			*ret = walk.value;
			return NULL;
		}
	}
	if (p->n_threads >= UINT32_MAX - 1)
		return hs_error_new(HS_ERROR_INPUT, "too many threads");
	if (!ARRAY_GROW(p->threads, p->threads_cap, p->n_threads + 1))
		return hs_error_nomem();
	*ret = (uint32_t)p->n_threads++;
	p->threads[*ret] = (struct heap_thread){ .uid = uid };
	return hash_index_add(&b->by_uid, hash, *ret);
}

struct hs_error *heap_builder_add_thread(struct heap_builder *b, uint64_t uid,
					 const char *name, size_t len)
{
	struct hs_error *err;
	uint32_t index = 0;

	err = heap_builder_find_thread(b, uid, &index);
	/* A valid name has no NUL. */
	if (err || !len || memchr(name, '\0', len))
		return err;
	return intern_string(&b->profile->strings, name, len,
			     &b->profile->threads[index].name);
}

struct hs_error *heap_builder_add_part(struct heap_builder *b, uint64_t uid,
				       const struct heap_counts *inuse,
				       const struct heap_counts *allocated)
{
	struct heap_profile *p = b->profile;
	struct heap_part part = { .inuse = *inuse, .allocated = *allocated };
	struct hs_error *err;

	err = heap_builder_find_thread(b, uid, &part.thread);
	if (err)
		return err;
	if (!ARRAY_GROW(p->parts, p->parts_cap, p->n_parts + 1))
		return hs_error_nomem();
	p->parts[p->n_parts++] = part;
	return NULL;
}

/* From the first stack with such a number on, all have one. */
static struct hs_error *
heap_builder_add_allocated(struct heap_builder *b, size_t stack,
			   const struct heap_counts *allocated)
{
	struct heap_profile *p = b->profile;

	if (b->live_only || (!p->allocated && !allocated->samples))
		return NULL;
	if (!ARRAY_GROW(p->allocated, p->allocated_cap, p->n_stacks))
		return hs_error_nomem();
	memset(p->allocated + b->n_allocated, 0,
	       (p->n_stacks - b->n_allocated) * sizeof(*p->allocated));
	b->n_allocated = p->n_stacks;
	heap_counts_add(&p->allocated[stack], allocated);
	return NULL;
}

/* The order of frames that jemalloc uses: it compares the bytes of their
 * addresses in memory (prof_gctx_comp()), where the first byte is the least
 * significant on all supported machines. Any order would do that keeps
 * different frames apart. */
static uint64_t sort_key(const struct heap_builder *b, size_t frame,
			 bool caller)
{
	/* A caller's lookup address is one less than its address in the
	 * dump. */
	return __builtin_bswap64(b->addresses[b->profile->frames[frame]] +
				 caller);
}

/* The open stack follows the last one in jemalloc's order. */
static bool heap_builder_ascends(const struct heap_builder *b)
{
	const struct heap_profile *p = b->profile;
	const size_t depth = p->n_frames - b->first;
	const struct heap_stack *last;
	size_t i = b->repeated;

	if (!p->n_stacks)
		return true;
	last = &p->stacks[b->last];
	while (i < depth && i < last->depth &&
	       p->frames[last->first + i] == p->frames[b->first + i])
		i++;
	if (i == depth || i == last->depth)
		return depth > last->depth;
	return sort_key(b, last->first + i, i > 0) <
	       sort_key(b, b->first + i, i > 0);
}

static uint64_t stack_hash(const struct heap_builder *b, size_t first,
			   size_t depth)
{
	struct hash h = hash_index_begin(&b->by_frames);
	const uint32_t *frames;
	size_t i;

	if (!depth) /* there may be no frames at all */
		return h.value;
	frames = b->profile->frames + first;
	for (i = 0; i + 1 < depth; i += 2)
		h = hash_mix_two(h, frames[i], frames[i + 1]);
	if (i < depth)
		h = hash_mix(h, frames[i]);
	return h.value;
}

static struct hs_error *heap_builder_index_stacks(struct heap_builder *b)
{
	const struct heap_profile *p = b->profile;
	struct hs_error *err = NULL;
	uint32_t i;

	for (i = 0; !err && i < p->n_stacks; i++)
		err = hash_index_add(&b->by_frames,
				     stack_hash(b, p->stacks[i].first,
						p->stacks[i].depth),
				     i);
	return err;
}

static bool same_frames(const struct heap_profile *p, size_t a, size_t b,
			size_t depth)
{
	return !depth || !memcmp(p->frames + a, p->frames + b,
				 depth * sizeof(*p->frames));
}

/* Finds a stack with the frames of the open one. */
static bool heap_builder_find_stack(const struct heap_builder *b, uint64_t hash,
				    uint32_t *ret)
{
	const struct heap_profile *p = b->profile;
	const size_t depth = p->n_frames - b->first;
	struct hash_index_walk walk = { 0 };

	while (hash_index_next(&b->by_frames, hash, &walk)) {
		const struct heap_stack *stack = &p->stacks[walk.value];

		*ret = walk.value;
		if (stack->depth == depth &&
		    same_frames(p, stack->first, b->first, depth))
			return true;
	}
	return false;
}

static struct hs_error *heap_builder_add_stack(struct heap_builder *b,
					       uint32_t *ret)
{
	struct heap_profile *p = b->profile;

	if (p->n_stacks >= UINT32_MAX - 1)
		return hs_error_new(HS_ERROR_INPUT, "too many stacks");
	if (!ARRAY_GROW(p->stacks, p->stacks_cap, p->n_stacks + 1))
		return hs_error_nomem();
	*ret = (uint32_t)p->n_stacks++;
	p->stacks[*ret] = (struct heap_stack){
		.first = (uint32_t)b->first,
		.depth = (uint32_t)(p->n_frames - b->first),
	};
	b->first = p->n_frames;
	return NULL;
}

void heap_builder_complete_stack(struct heap_builder *b)
{
	if (!b->unsorted)
		return;
	b->hash = stack_hash(b, b->first, b->profile->n_frames - b->first);
	b->complete = true;
	hash_index_prefetch(&b->by_frames, b->hash);
}

/* The open stack, or an earlier one with the same frames. As long as stacks
 * come sorted there is no earlier one, and no search. */
static struct hs_error *heap_builder_place_stack(struct heap_builder *b,
						 uint32_t *ret)
{
	struct heap_profile *p = b->profile;
	struct hs_error *err;

	if (!b->unsorted && heap_builder_ascends(b))
		return heap_builder_add_stack(b, ret);
	if (!b->unsorted) {
		err = heap_builder_index_stacks(b);
		if (err)
			return err;
		b->unsorted = true;
	}
	if (!b->complete)
		heap_builder_complete_stack(b);
	b->complete = false;
	if (heap_builder_find_stack(b, b->hash, ret)) {
		p->n_frames = b->first;
		return NULL;
	}
	err = heap_builder_add_stack(b, ret);
	return err ? err : hash_index_add(&b->by_frames, b->hash, *ret);
}

struct hs_error *heap_builder_close_stack(struct heap_builder *b,
					  const struct heap_counts *inuse,
					  const struct heap_counts *allocated)
{
	struct heap_profile *p = b->profile;
	struct hs_error *err;
	uint32_t index = 0;

	b->n_ends = p->n_frames - b->first;
	err = heap_builder_place_stack(b, &index);
	if (err)
		return err;
	b->last = index;
	b->repeated = 0;
	heap_counts_add(&p->stacks[index].inuse, inuse);
	for (; b->first_part < p->n_parts; b->first_part++)
		p->parts[b->first_part].stack = index;
	return heap_builder_add_allocated(b, index, allocated);
}

struct hs_error *heap_builder_add_symbol(struct heap_builder *b,
					 uint64_t address, const char *names,
					 size_t len)
{
	if (!ARRAY_GROW(b->symbols, b->symbols_cap, b->n_symbols + 1))
		return hs_error_nomem();
	b->symbols[b->n_symbols].address = address;
	return intern_string(&b->profile->strings, names, len,
			     &b->symbols[b->n_symbols++].names);
}

static bool same_name(const struct heap_name *a, const struct heap_name *b)
{
	return a->function == b->function && a->file == b->file &&
	       a->line == b->line;
}

static struct hs_error *heap_builder_append_call(struct heap_builder *b,
						 const struct heap_call *call)
{
	if (b->n_named >= UINT32_MAX - 1)
		return hs_error_new(HS_ERROR_INPUT, "too many names");
	if (!ARRAY_GROW(b->named, b->named_cap, b->n_named + 1))
		return hs_error_nomem();
	b->named[b->n_named++] = *call;
	return NULL;
}

/* A function that calls itself has its address, and its name, twice in a row:
 * the name that begins the list of an address ends it, too. */
struct hs_error *heap_builder_add_call(struct heap_builder *b,
				       const struct heap_call *call)
{
	const uint64_t hash =
		hash_mix(hash_index_begin(&b->named_index), call->address).value;
	struct hash_index_walk walk = { 0 };
	struct hs_error *err;

	if (b->open && b->named[b->open - 1].address == call->address) {
		if (!same_name(&b->named[b->open - 1].name, &call->name))
			return heap_builder_append_call(b, call);
		b->open = 0;
	}
	while (hash_index_next(&b->named_index, hash, &walk)) {
		if (b->named[walk.value].address != call->address)
			continue;
		b->open = 0;
		return NULL;
	}
	err = heap_builder_append_call(b, call);
	if (err)
		return err;
	b->open = b->n_named;
	return hash_index_add(&b->named_index, hash, (uint32_t)b->n_named - 1);
}

struct sorted_address {
	uint64_t address;
	uint32_t index;
};

static int sorted_address_compare(const void *a, const void *b)
{
	const struct sorted_address *x = a, *y = b;

	return (x->address > y->address) - (x->address < y->address);
}

/* The addresses in ascending order, in which they are unique; *ret: free(3).
 * What found them so far is gone before as much again is in memory. */
static struct hs_error *heap_builder_sort(struct heap_builder *b,
					  struct sorted_address **ret)
{
	const size_t n = b->n_addresses;
	size_t i;

	hash_index_release(&b->by_address);
	hash_index_release(&b->by_frames);
	*ret = reallocarray(NULL, n + 1, sizeof(**ret));
	if (!*ret)
		return hs_error_nomem();
	for (i = 0; i < n; i++)
		(*ret)[i] =
			(struct sorted_address){ b->addresses[i], (uint32_t)i };
	free(b->addresses);
	b->addresses = NULL;
	qsort(*ret, n, sizeof(**ret), sorted_address_compare);
	return NULL;
}

/* Makes the locations, and gives the frames their indices. */
static struct hs_error *heap_builder_locate(struct heap_builder *b)
{
	struct heap_profile *p = b->profile;
	_cleanup_free_ struct sorted_address *order = NULL;
	_cleanup_free_ uint32_t *moved = NULL;
	const size_t n = b->n_addresses;
	struct hs_error *err = heap_builder_sort(b, &order);
	size_t i;

	if (err)
		return err;
	moved = reallocarray(NULL, n + 1, sizeof(*moved));
	if (!moved || !ARRAY_GROW(p->locations, p->locations_cap, n))
		return hs_error_nomem();
	for (i = 0; i < n; i++) {
		p->locations[i] = (struct heap_location){
			.address = order[i].address,
			.offset = order[i].address,
			.module = HEAP_NO_MODULE,
		};
		moved[order[i].index] = (uint32_t)i;
	}
	p->n_locations = n;
	for (i = 0; i < p->n_frames; i++)
		p->frames[i] = moved[p->frames[i]];
	return NULL;
}

/* Modules during the search: identified by more than the path. */
struct module_finder {
	struct heap_profile *profile;
	struct hash_index by_mapping;
	const struct mapping **mappings; /* owned; a mapping of each module */
	size_t mappings_cap;
};

static void module_finder_release(struct module_finder *f)
{
	hash_index_release(&f->by_mapping);
	free(f->mappings);
}

static bool mapping_same_module(const struct mapping *a,
				const struct mapping *b)
{
	return heap_maps_has_file(a) ? mapping_same_file(a, b)
				     : !strcmp(a->path, b->path);
}

static struct hs_error *module_finder_add(struct module_finder *f,
					  uint64_t hash,
					  const struct mapping *m)
{
	struct heap_profile *p = f->profile;
	const char *path = m->path[0] ? m->path : "[anon]";
	struct heap_module module = { 0 };
	struct hs_error *err;

	err = intern_string(&p->strings, path, strlen(path), &module.path);
	if (err)
		return err;
	if (!ARRAY_GROW(p->modules, p->modules_cap, p->n_modules + 1) ||
	    !ARRAY_GROW(f->mappings, f->mappings_cap, p->n_modules + 1))
		return hs_error_nomem();
	f->mappings[p->n_modules] = m;
	p->modules[p->n_modules] = module;
	return hash_index_add(&f->by_mapping, hash, (uint32_t)p->n_modules++);
}

static uint64_t mapping_hash(const struct hash_index *index,
			     const struct mapping *m)
{
	struct hash h = hash_mix(hash_index_begin(index),
				 heap_maps_has_file(m) ? m->inode : 0);

	return hash_bytes(h, m->path, strlen(m->path)).value;
}

static struct hs_error *module_finder_find(struct module_finder *f,
					   const struct mapping *m,
					   uint32_t *ret)
{
	const uint64_t hash = mapping_hash(&f->by_mapping, m);
	struct hash_index_walk walk = { 0 };
	struct hs_error *err;

	while (hash_index_next(&f->by_mapping, hash, &walk)) {
		if (mapping_same_module(f->mappings[walk.value], m)) {
			*ret = walk.value;
			return NULL;
		}
	}
	err = module_finder_add(f, hash, m);
	if (!err)
		*ret = (uint32_t)f->profile->n_modules - 1;
	return err;
}

/* Memory without a file has an address only in this run and no useful offset:
 * the address is its own offset. The kernel's code counts as a file. */
static uint64_t mapping_offset(const struct mapping *m, uint64_t address)
{
	if (heap_maps_has_file(m) || !strcmp(m->path, "[vdso]") ||
	    !strcmp(m->path, "[vsyscall]"))
		return address - m->start + m->offset;
	return address;
}

static struct hs_error *module_finder_run(struct module_finder *f)
{
	struct heap_profile *p = f->profile;
	const struct mapping *m = NULL;
	uint32_t module = HEAP_NO_MODULE;
	size_t i;

	for (i = 0; i < p->n_locations; i++) {
		struct heap_location *loc = &p->locations[i];
		struct hs_error *err = NULL;

		if (!m || loc->address >= m->end) {
			m = maps_find(&p->maps, loc->address);
			/* Memory that is not executable now was another mapping
			 * when the stack was recorded: a library since
			 * unloaded. Better no name than that of the new
			 * mapping. */
			if (m && !m->exec)
				m = NULL;
			if (m)
				err = module_finder_find(f, m, &module);
			if (err)
				return err;
		}
		if (!m)
			continue;
		loc->module = module;
		loc->offset = mapping_offset(m, loc->address);
	}
	return NULL;
}

/* The start of the last of @names[0..len), separated by "--". C++ has an
 * operator of that name. */
static size_t last_name(const char *names, size_t len)
{
	static const char op[] = "operator";
	const size_t n = sizeof(op) - 1;
	size_t i;

	for (i = len; i-- > 2;)
		if (names[i - 1] == '-' && names[i - 2] == '-' &&
		    (i - 2 < n || memcmp(names + i - 2 - n, op, n)))
			return i;
	return 0;
}

/* Innermost first, as a profile has them; "0x..." is what jeprof writes for
 * code without a name. */
static struct hs_error *heap_builder_name(struct heap_profile *p,
					  const struct heap_symbol *symbol)
{
	const struct heap_location *found =
		heap_profile_location(p, symbol->address);
	size_t len = strlen(symbol->names), start, stop;
	struct heap_location *location;
	struct heap_name name = { 0 };
	struct hs_error *err;

	if (!found || found->n_names || !strncmp(symbol->names, "0x", 2))
		return NULL;
	location = &p->locations[found - p->locations];
	location->names = (uint32_t)p->n_names;
	for (stop = len; stop; stop = start < 2 ? 0 : start - 2) {
		start = last_name(symbol->names, stop);
		if (p->n_names >= UINT32_MAX - 1)
			return hs_error_new(HS_ERROR_INPUT, "too many names");
		if (!ARRAY_GROW(p->names, p->names_cap, p->n_names + 1))
			return hs_error_nomem();
		err = intern_string(&p->strings, symbol->names + start,
				    stop - start, &name.function);
		if (err)
			return err;
		name.inlined = start > 0;
		p->names[p->n_names++] = name;
		location->n_names++;
	}
	return NULL;
}

/* The names of calls. */
static struct hs_error *heap_builder_name_calls(struct heap_builder *b)
{
	struct heap_profile *p = b->profile;
	const struct heap_location *found;
	struct heap_location *location;
	size_t i, n;

	for (i = 0; i < b->n_named; i += n) {
		for (n = 1; i + n < b->n_named &&
			    b->named[i + n].address == b->named[i].address;
		     n++)
			b->named[i + n - 1].name.inlined = true;
		found = heap_profile_location(p, b->named[i].address);
		if (!found || found->n_names)
			continue;
		if (p->n_names + n >= UINT32_MAX)
			return hs_error_new(HS_ERROR_INPUT, "too many names");
		if (!ARRAY_GROW(p->names, p->names_cap, p->n_names + n))
			return hs_error_nomem();
		location = &p->locations[found - p->locations];
		location->names = (uint32_t)p->n_names;
		while (location->n_names < n)
			p->names[p->n_names++] =
				b->named[i + location->n_names++].name;
	}
	return NULL;
}

struct hs_error *heap_builder_finish(struct heap_builder *b)
{
	struct heap_profile *p = b->profile;
	struct module_finder finder = { .profile = p };
	struct hs_error *err;
	size_t i;

	err = heap_builder_locate(b);
	if (!err)
		err = module_finder_run(&finder);
	module_finder_release(&finder);
	for (i = 0; !err && i < b->n_symbols; i++)
		err = heap_builder_name(p, &b->symbols[i]);
	if (!err)
		err = heap_builder_name_calls(b);
	for (i = 0; i < p->n_stacks; i++)
		heap_counts_add(&p->total, &p->stacks[i].inuse);
	return err;
}
