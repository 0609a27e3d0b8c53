#include "heap/format/pprof_code.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "base/cleanup.h"
#include "base/hash_index.h"
#include "base/str.h"
#include "base/strbuf.h"
#include "heap/format/pprof_drop.h"
#include "heap/format/pprof_ids.h"
#include "heap/format/read_maps.h"
#include "heap/remarks.h"

#define RANGE (UINT64_C(1) << 40) /* of a file's own addresses */

/* A location of ours: an address with its names. */
struct place {
	uint64_t address;
	size_t first, n; /* of names */
};

struct pprof_code {
	const struct pprof_message *message; /* borrowed */
	struct heap_profile *profile;	     /* borrowed */
	struct pprof_ids mappings, functions, locations;
	uint32_t *place_of;   /* owned; of each location of theirs */
	struct place *places; /* owned */
	size_t n_places, places_cap;
	struct heap_name *names; /* owned; of all places */
	size_t n_names, names_cap;
	struct hash_index by_address; /* of places with an address */
	struct hash_index by_names;   /* of the others */
	struct intern builds;	      /* "BUILD-ID PATH" */
	const char **build_ids;	      /* owned; one of each of those */
	size_t build_ids_cap;
	uint64_t invented;	 /* addresses so far */
	struct pprof_drop *drop; /* owned; NULL: every function is wanted */
	/* Owned; of each location of theirs: stacks begin behind it, or with
	 * what is left of it. */
	enum dropped { DROPPED_NONE, DROPPED_WHOLE, DROPPED_PART } * dropped;
};

void pprof_code_destroy(struct pprof_code *c)
{
	if (!c)
		return;
	pprof_ids_release(&c->mappings);
	pprof_ids_release(&c->functions);
	pprof_ids_release(&c->locations);
	free(c->place_of);
	free(c->places);
	free(c->names);
	hash_index_release(&c->by_address);
	hash_index_release(&c->by_names);
	intern_release(&c->builds);
	free(c->build_ids);
	pprof_drop_destroy(c->drop);
	free(c->dropped);
	free(c);
}

static void cleanup_code(struct pprof_code **c)
{
	pprof_code_destroy(*c);
}

/* --- mappings -------------------------------------------------------------- */

/* Lower-case hex, or NULL: Go's own build ids are none of ELF's. */
static struct hs_error *build_id_of(struct heap_profile *p, const char *text,
				    const char **ret)
{
	static const char digits[] = "0123456789abcdefABCDEF";
	_cleanup_strbuf_ struct strbuf sb = { 0 };
	struct hs_error *err;
	const char *s;

	*ret = NULL;
	if (!text[0] || text[strspn(text, digits)])
		return NULL;
	for (s = text; *s; s++)
		strbuf_addc(&sb,
			    (char)(*s >= 'A' && *s <= 'F' ? *s | 0x20 : *s));
	err = strbuf_check(&sb);
	return err ? err : intern_text(&p->strings, strbuf_str(&sb), ret);
}

/* Numbers the builds of files: two of one path are two modules. */
static struct hs_error *find_build(struct pprof_code *c, const char *path,
				   const char *build_id, uint32_t *ret)
{
	_cleanup_strbuf_ struct strbuf sb = { 0 };
	struct hs_error *err;

	strbuf_addf(&sb, "%s %s", build_id ? build_id : "-", path);
	err = strbuf_check(&sb);
	if (!err)
		err = intern_number(&c->builds, strbuf_str(&sb), sb.len, ret);
	if (err)
		return err;
	if (!ARRAY_GROW(c->build_ids, c->build_ids_cap, c->builds.n))
		return hs_error_nomem();
	c->build_ids[*ret] = build_id;
	return NULL;
}

static struct hs_error *path_of(struct heap_profile *p, const char *text,
				struct mapping *m)
{
	static const char mark[] = " (deleted)";
	size_t len = strlen(text);

	m->deleted = str_ends_with(text, mark);
	if (m->deleted)
		len -= sizeof(mark) - 1;
	return intern_string(&p->strings, text, len, &m->path);
}

/* Of all addresses. With a file it is recent jemalloc_pprof's, whose addresses
 * are the files' own; without one it is Go's, which could not read its maps. */
static bool is_whole(const Pprof__Mapping *m)
{
	return !m->memory_start && m->memory_limit >= UINT64_C(1) << 63;
}

/* Where the own addresses of file @i go. */
static uint64_t range_of(size_t i)
{
	return HEAP_INVENTED_ADDRESSES + RANGE * ((uint64_t)i + 1);
}

/* Some writers know the file but not where it was: such a mapping has no
 * addresses. */
static struct hs_error *add_mapping(struct pprof_code *c, size_t i)
{
	const Pprof__Mapping *from = c->message->profile->mapping[i];
	struct heap_profile *p = c->profile;
	struct mapping m = {
		.start = from->memory_start,
		.end = from->memory_limit,
		.offset = from->file_offset,
		.read = true,
		.exec = true,
	};
	const char *path = NULL, *text = NULL, *build_id = NULL;
	struct hs_error *err;

	err = pprof_message_string(c->message, from->filename, "mapping",
				   from->id, &path);
	if (!err)
		err = pprof_message_string(c->message, from->build_id,
					   "mapping", from->id, &text);
	if (!err)
		err = path_of(p, path, &m);
	if (!err)
		err = build_id_of(p, text, &build_id);
	if (!err)
		err = find_build(c, m.path, build_id, &m.dev_minor);
	if (!err && is_whole(from) && !m.path[0])
		return NULL;
	if (is_whole(from)) {
		m.start = range_of(i);
		m.end = m.start + RANGE;
		m.offset = 0;
	}
	if (err || m.end <= m.start)
		return err;
	if (!ARRAY_GROW(p->maps.items, p->maps.cap, p->maps.n + 1))
		return hs_error_nomem();
	p->maps.items[p->maps.n++] = m;
	return NULL;
}

static struct hs_error *add_mappings(struct pprof_code *c)
{
	const Pprof__Profile *p = c->message->profile;
	struct hs_error *err = NULL;
	size_t i;

	/* More than there are ranges for. */
	if (p->n_mapping >= HEAP_INVENTED_ADDRESSES / RANGE - 1)
		return pprof_damaged("it has %zu mappings", p->n_mapping);
	for (i = 0; !err && i < p->n_mapping; i++)
		err = add_mapping(c, i);
	return err ? err : heap_maps_sort(c->profile, c->profile->meta.file);
}

/* --- names ----------------------------------------------------------------- */

/* "libc.so.6+0x29d90", "0x7f2a": what heapsnap writes, and others, for code
 * that has no name. */
static bool is_no_name(const char *name, const char *path)
{
	const char *base = str_base_name(path);
	const size_t len = strlen(base);

	if (len && !strncmp(name, base, len) && name[len] == '+')
		name += len + 1;
	if (!str_starts_with(name, "0x") || !name[2])
		return false;
	return !name[2 + strspn(name + 2, "0123456789abcdef")];
}

/* The linkage name, which is demangled later, is the better one. */
static struct hs_error *function_name(struct pprof_code *c,
				      const Pprof__Function *f,
				      const char *path, struct heap_name *ret)
{
	const char *name = NULL, *system = NULL, *file = NULL;
	struct intern *strings = &c->profile->strings;
	struct hs_error *err;

	err = pprof_message_string(c->message, f->name, "function", f->id,
				   &name);
	if (!err)
		err = pprof_message_string(c->message, f->system_name,
					   "function", f->id, &system);
	if (!err)
		err = pprof_message_string(c->message, f->filename, "function",
					   f->id, &file);
	if (err)
		return err;
	if (system[0])
		name = system;
	else if (is_no_name(name, path))
		name = "";
	err = intern_text(strings, name[0] ? name : NULL, &ret->function);
	return err ? err
		   : intern_text(strings, file[0] ? file : NULL, &ret->file);
}

static struct hs_error *add_line(struct pprof_code *c,
				 const Pprof__Location *from, size_t i,
				 const char *path)
{
	const Pprof__Line *line = from->line[i];
	struct heap_name *name;
	struct hs_error *err;
	size_t at;

	if (!ARRAY_GROW(c->names, c->names_cap, c->n_names + 1))
		return hs_error_nomem();
	name = &c->names[c->n_names];
	*name = (struct heap_name){ .inlined = i + 1 < from->n_line };
	/* Some writers know the line alone. */
	if (line->function_id) {
		err = pprof_ids_find(&c->functions, line->function_id,
				     "location", from->id, &at);
		if (!err)
			err = function_name(c,
					    c->message->profile->function[at],
					    path, name);
		if (err)
			return err;
	}
	if (line->line > 0 && line->line <= UINT32_MAX)
		name->line = (uint32_t)line->line;
	c->n_names++;
	return NULL;
}

/* One of the names from @first on says something. */
static bool is_named(const struct pprof_code *c, size_t first)
{
	size_t i;

	for (i = first; i < c->n_names; i++)
		if (c->names[i].function || c->names[i].file)
			return true;
	return false;
}

/* *ret: so many lines of @from are to be left out, from the innermost one on:
 * up to the outermost whose function is unwanted. */
static struct hs_error *unwanted_lines(const struct pprof_code *c,
				       const Pprof__Location *from, size_t *ret)
{
	const struct pprof_message *m = c->message;
	struct hs_error *err = NULL;
	bool drop = false;

	*ret = c->drop ? from->n_line : 0;
	for (; !err && *ret; --*ret) {
		const uint64_t id = from->line[*ret - 1]->function_id;
		const char *name = NULL;
		size_t at;

		if (!id)
			continue;
		err = pprof_ids_find(&c->functions, id, "location", from->id,
				     &at);
		if (!err)
			err = pprof_message_string(
				m, m->profile->function[at]->name, "function",
				id, &name);
		if (!err && name[0])
			err = pprof_drop_matches(c->drop, name, &drop);
		if (drop)
			break;
	}
	return err;
}

/* The names of @from, behind all others, without the first @left_out lines.
 * @path: of its mapping. */
static struct hs_error *add_names(struct pprof_code *c,
				  const Pprof__Location *from, size_t left_out,
				  const char *path, size_t *n)
{
	const size_t first = c->n_names;
	struct hs_error *err = NULL;
	size_t i;

	for (i = left_out; !err && i < from->n_line; i++)
		err = add_line(c, from, i, path);
	if (!err && !is_named(c, first))
		c->n_names = first;
	*n = c->n_names - first;
	return err;
}

/* --- places ---------------------------------------------------------------- */

static bool same_names(const struct pprof_code *c, const struct place *a,
		       const struct place *b)
{
	return a->n && b->n &&
	       heap_names_equal(c->names + a->first, a->n, c->names + b->first,
				b->n);
}

static struct hs_error *add_place(struct pprof_code *c,
				  const struct place *place,
				  struct hash_index *index, uint64_t hash,
				  uint32_t *ret)
{
	if (!ARRAY_GROW(c->places, c->places_cap, c->n_places + 1))
		return hs_error_nomem();
	*ret = (uint32_t)c->n_places++;
	c->places[*ret] = *place;
	return hash_index_add(index, hash, *ret);
}

/* *found: there is a place at this address, or now there is, with these names
 * or none. */
static struct hs_error *place_by_address(struct pprof_code *c,
					 const struct place *place,
					 uint32_t *ret, bool *found)
{
	const uint64_t hash =
		hash_mix(hash_index_begin(&c->by_address), place->address).value;
	struct hash_index_walk walk = { 0 };

	*found = true;
	while (hash_index_next(&c->by_address, hash, &walk)) {
		struct place *known = &c->places[walk.value];

		if (known->address != place->address)
			continue;
		*ret = walk.value;
		if (!known->n)
			*known = *place;
		*found = !place->n || same_names(c, known, place);
		return NULL;
	}
	return add_place(c, place, &c->by_address, hash, ret);
}

/* Without an address something has to be shown; @place has the last names. */
static struct hs_error *complete_names(struct pprof_code *c,
				       struct place *place)
{
	const char *unknown = NULL;
	struct hs_error *err =
		intern_text(&c->profile->strings, "[unknown]", &unknown);
	size_t i;

	if (err)
		return err;
	if (!place->n) {
		if (!ARRAY_GROW(c->names, c->names_cap, c->n_names + 1))
			return hs_error_nomem();
		c->names[c->n_names++] = (struct heap_name){ 0 };
		place->n = 1;
	}
	for (i = place->first; i < c->n_names; i++)
		if (!c->names[i].function)
			c->names[i].function = unknown;
	return NULL;
}

static struct hs_error *place_by_names(struct pprof_code *c,
				       struct place *place, uint32_t *ret)
{
	struct hs_error *err = complete_names(c, place);
	struct hash_index_walk walk = { 0 };
	uint64_t hash;

	if (err)
		return err;
	hash = heap_names_hash(hash_index_begin(&c->by_names),
			       c->names + place->first, place->n)
		       .value;

	while (hash_index_next(&c->by_names, hash, &walk)) {
		*ret = walk.value;
		if (same_names(c, &c->places[walk.value], place))
			return NULL;
	}
	place->address = HEAP_INVENTED_ADDRESSES + c->invented++;
	return add_place(c, place, &c->by_names, hash, ret);
}

/* What its mapping says of @from: the path, and what its address means. */
static struct hs_error *mapping_of(struct pprof_code *c,
				   const Pprof__Location *from,
				   const char **path, uint64_t *address)
{
	const Pprof__Mapping *m;
	struct hs_error *err;
	size_t at = 0;

	if (!from->mapping_id)
		return NULL;
	err = pprof_ids_find(&c->mappings, from->mapping_id, "location",
			     from->id, &at);
	if (err)
		return err;
	m = c->message->profile->mapping[at];
	if (is_whole(m) && m->filename && *address)
		*address = *address < RANGE ? range_of(at) + *address : 0;
	return pprof_message_string(c->message, m->filename, "mapping", m->id,
				    path);
}

static struct hs_error *add_location(struct pprof_code *c, size_t i)
{
	const Pprof__Location *from = c->message->profile->location[i];
	uint32_t *ret = &c->place_of[i];
	size_t unwanted = 0;
	struct place place = { .address = from->address, .first = c->n_names };
	const char *path = "";
	struct hs_error *err;
	bool found = false;

	if (heap_address_is_invented(place.address))
		place.address = 0;
	err = mapping_of(c, from, &path, &place.address);
	if (!err)
		err = unwanted_lines(c, from, &unwanted);
	/* One that is wholly unwanted may remain where stacks end. */
	if (unwanted) {
		c->dropped[i] = unwanted == from->n_line ? DROPPED_WHOLE
							 : DROPPED_PART;
		unwanted %= from->n_line;
	}
	if (!err)
		err = add_names(c, from, unwanted, path, &place.n);
	if (!err && place.address)
		err = place_by_address(c, &place, ret, &found);
	return err || found ? err : place_by_names(c, &place, ret);
}

static struct hs_error *add_locations(struct pprof_code *c)
{
	const Pprof__Profile *p = c->message->profile;
	struct hs_error *err = NULL;
	size_t i;

	c->place_of = calloc(p->n_location + 1, sizeof(*c->place_of));
	c->dropped = calloc(p->n_location + 1, sizeof(*c->dropped));
	if (!c->place_of || !c->dropped)
		return hs_error_nomem();
	for (i = 0; !err && i < p->n_location; i++)
		err = add_location(c, i);
	return err;
}

/* --- all ------------------------------------------------------------------- */

static uint64_t mapping_id(const Pprof__Profile *p, size_t i)
{
	return p->mapping[i]->id;
}

static uint64_t function_id(const Pprof__Profile *p, size_t i)
{
	return p->function[i]->id;
}

static uint64_t location_id(const Pprof__Profile *p, size_t i)
{
	return p->location[i]->id;
}

struct hs_error *pprof_code_create(const struct pprof_message *m,
				   struct heap_profile *p,
				   struct pprof_code **ret)
{
	hs_cleanup(cleanup_code) struct pprof_code *c = calloc(1, sizeof(*c));
	const Pprof__Profile *from = m->profile;
	struct hs_error *err;
	bool readable;

	if (!c)
		return hs_error_nomem();
	c->message = m;
	c->profile = p;
	err = pprof_ids_init(&c->mappings, from, "mapping", from->n_mapping,
			     mapping_id);
	if (!err)
		err = pprof_ids_init(&c->functions, from, "function",
				     from->n_function, function_id);
	if (!err)
		err = pprof_ids_init(&c->locations, from, "location",
				     from->n_location, location_id);
	if (!err)
		err = pprof_drop_create(m, &c->drop, &readable);
	if (!err && !readable)
		err = heap_remark_add(p, NULL,
				      "%s: its drop_frames are no regular "
				      "expression that can be followed: no "
				      "function is left out",
				      p->meta.file);
	if (!err)
		err = add_mappings(c);
	if (!err)
		err = add_locations(c);
	if (!err)
		*ret = take_ptr(c);
	return err;
}

struct hs_error *pprof_code_first(const struct pprof_code *c,
				  const Pprof__Sample *sample, size_t index,
				  size_t *ret)
{
	struct hs_error *err;
	size_t i, at = 0;
	bool wanted = false;

	*ret = 0;
	if (!c->drop)
		return NULL;
	for (i = sample->n_location_id; i--;) {
		err = pprof_ids_find(&c->locations, sample->location_id[i],
				     "sample", index + 1, &at);
		if (err)
			return err;
		if (wanted && c->dropped[at]) {
			*ret = c->dropped[at] == DROPPED_WHOLE ? i + 1 : i;
			return NULL;
		}
		wanted |= !c->dropped[at];
	}
	return NULL;
}

struct hs_error *pprof_code_address(const struct pprof_code *c, uint64_t id,
				    size_t sample, uint64_t *ret)
{
	struct hs_error *err;
	size_t at = 0;

	err = pprof_ids_find(&c->locations, id, "sample", sample, &at);
	if (!err)
		*ret = c->places[c->place_of[at]].address;
	return err;
}

/* Modules are numbered by their mappings, each of which knows its build. */
static struct hs_error *set_modules(struct pprof_code *c)
{
	struct heap_profile *p = c->profile;
	struct hs_error *err = NULL;
	size_t i;

	for (i = 0; !err && i < p->n_locations; i++) {
		const struct heap_location *loc = &p->locations[i];
		const struct mapping *m;

		if (loc->module == HEAP_NO_MODULE)
			continue;
		if (heap_address_is_invented(loc->address))
			p->modules[loc->module].own_addresses = true;
		if (p->modules[loc->module].build_id)
			continue;
		m = maps_find(&p->maps, loc->address);
		if (m && c->build_ids[m->dev_minor])
			err = heap_profile_set_module(
				p, loc->module, c->build_ids[m->dev_minor],
				NULL, 0);
	}
	return err;
}

struct hs_error *pprof_code_finish(struct pprof_code *c)
{
	struct heap_profile *p = c->profile;
	struct hs_error *err = set_modules(c);
	size_t i;

	for (i = 0; !err && i < c->n_places; i++) {
		const struct place *place = &c->places[i];
		const struct heap_location *loc =
			heap_profile_location(p, place->address);

		if (loc && place->n)
			err = heap_profile_set_names(
				p, (size_t)(loc - p->locations),
				c->names + place->first, place->n);
	}
	return err;
}
