#include "heap/profile.h"

#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "base/cleanup.h"
#include "base/search.h"
#include "base/str.h"

void heap_profile_init(struct heap_profile *p)
{
	*p = (struct heap_profile){ 0 };
	heap_meta_init(&p->meta);
}

void heap_profile_release(struct heap_profile *p)
{
	size_t i;

	for (i = 0; i < p->n_modules; i++)
		free(p->modules[i].segments);
	free(p->modules);
	free(p->locations);
	free(p->frames);
	free(p->stacks);
	free(p->allocated);
	free(p->inherited);
	free(p->threads);
	free(p->parts);
	free(p->samples);
	free(p->names);
	free(p->remarks);
	heap_meta_release(&p->meta);
	maps_release(&p->maps);
	intern_release(&p->strings);
	heap_profile_init(p);
}

void heap_profile_drop_locations(struct heap_profile *p)
{
	free(p->locations);
	p->locations = NULL;
	p->n_locations = p->locations_cap = 0;
}

void heap_profile_drop_stacks(struct heap_profile *p, size_t end)
{
	if (end < p->n_stacks) {
		array_give_back(p->frames,
				p->stacks[end].first * sizeof(*p->frames));
		array_give_back(p->stacks, end * sizeof(*p->stacks));
		return;
	}
	free(p->frames);
	free(p->stacks);
	p->frames = NULL;
	p->stacks = NULL;
	p->n_frames = p->frames_cap = p->n_stacks = p->stacks_cap = 0;
}

static struct hash hash_text(struct hash h, const char *s)
{
	return s ? hash_bytes(h, s, strlen(s)) : hash_mix(h, UINT64_MAX);
}

struct hash heap_names_hash(struct hash h, const struct heap_name *names,
			    size_t n)
{
	size_t i;

	for (i = 0; i < n; i++) {
		h = hash_text(h, names[i].function);
		h = hash_text(h, names[i].file);
		h = hash_mix(h, names[i].line);
	}
	return h;
}

bool heap_names_equal(const struct heap_name *a, size_t n_a,
		      const struct heap_name *b, size_t n_b)
{
	size_t i;

	if (n_a != n_b)
		return false;
	for (i = 0; i < n_a; i++)
		if (!str_equal(a[i].function, b[i].function) ||
		    !str_equal(a[i].file, b[i].file) || a[i].line != b[i].line)
			return false;
	return true;
}

struct hs_error *heap_profile_set_names(struct heap_profile *p, size_t index,
					const struct heap_name *names, size_t n)
{
	struct heap_location *location = &p->locations[index];
	struct hs_error *err = NULL;
	size_t i, first = p->n_names;

	if (n >= UINT32_MAX - first)
		return hs_error_new(HS_ERROR_INPUT, "too many names");
	if (!ARRAY_GROW(p->names, p->names_cap, first + n))
		return hs_error_nomem();
	for (i = 0; !err && i < n; i++) {
		struct heap_name *name = &p->names[first + i];

		*name = names[i];
		err = intern_text(&p->strings, names[i].function,
				  &name->function);
		if (!err)
			err = intern_text(&p->strings, names[i].file,
					  &name->file);
	}
	if (err)
		return err;
	p->n_names += n;
	location->names = (uint32_t)first;
	location->n_names = (uint32_t)n;
	return NULL;
}

struct hs_error *heap_profile_set_module(struct heap_profile *p, size_t index,
					 const char *build_id,
					 const struct heap_segment *segments,
					 size_t n_segments)
{
	struct heap_module *module = &p->modules[index];
	_cleanup_free_ struct heap_segment *copy = NULL;
	struct hs_error *err;

	if (n_segments) {
		copy = reallocarray(NULL, n_segments, sizeof(*copy));
		if (!copy)
			return hs_error_nomem();
		memcpy(copy, segments, n_segments * sizeof(*copy));
	}
	err = intern_text(&p->strings, build_id, &module->build_id);
	if (err)
		return err;
	free(module->segments);
	module->segments = take_ptr(copy);
	module->n_segments = n_segments;
	return NULL;
}

static bool offset_of(const struct heap_module *m, uint64_t address,
		      uint64_t *ret)
{
	size_t i;

	for (i = 0; i < m->n_segments; i++) {
		const struct heap_segment *s = &m->segments[i];

		if (address < s->address || address - s->address >= s->size)
			continue;
		*ret = address - s->address + s->offset;
		return true;
	}
	return false;
}

bool heap_profile_place_module(struct heap_profile *p, uint32_t index)
{
	struct heap_module *module = &p->modules[index];
	uint64_t offset;
	size_t i;

	for (i = 0; i < p->n_locations; i++)
		if (p->locations[i].module == index &&
		    !offset_of(module, p->locations[i].offset, &offset))
			return false;
	for (i = 0; i < p->n_locations; i++)
		if (p->locations[i].module == index)
			(void)offset_of(module, p->locations[i].offset,
					&p->locations[i].offset);
	module->own_addresses = false;
	return true;
}

void heap_location_leave_module(struct heap_location *loc)
{
	loc->module = HEAP_NO_MODULE;
	loc->offset = loc->address;
}

bool heap_location_is_by_name(const struct heap_location *loc)
{
	return loc->module == HEAP_NO_MODULE && loc->n_names &&
	       heap_address_is_invented(loc->address);
}

const struct heap_location *heap_profile_location(const struct heap_profile *p,
						  uint64_t address)
{
	const size_t at = search_sorted(p->n_locations, i,
					p->locations[i].address < address);

	return at < p->n_locations && p->locations[at].address == address
		       ? &p->locations[at]
		       : NULL;
}

bool heap_module_elf_address(const struct heap_module *module, uint64_t offset,
			     uint64_t *ret)
{
	size_t i;

	*ret = offset;
	if (module->own_addresses)
		return true;
	for (i = 0; i < module->n_segments; i++) {
		const struct heap_segment *segment = &module->segments[i];

		if (offset < segment->offset ||
		    offset - segment->offset >= segment->size)
			continue;
		*ret = offset - segment->offset + segment->address;
		return true;
	}
	return false;
}

bool heap_location_elf_address(const struct heap_profile *p,
			       const struct heap_location *loc, uint64_t *ret)
{
	return loc->module != HEAP_NO_MODULE &&
	       heap_module_elf_address(&p->modules[loc->module], loc->offset,
				       ret);
}
