#include "output/breakdown_json.h"

#include "base/array.h"
#include "heap/memory_breakdown.h"
#include "heap/memory_part.h"

static json_t *memory_json(struct json_build *b, const struct heap_memory *m,
			   bool pss_known)
{
	json_t *j = json_object();

	json_set_text(b, j, "kind", heap_memory_kind_name(m->kind));
	json_set_text(b, j, "path", m->path);
	json_set_integer(b, j, "mappings", m->mappings);
	json_set_integer(b, j, "size", m->size);
	json_set_integer(b, j, "rss", m->rss);
	json_set_integer(b, j, "swap", m->swap);
	json_set(b, j, "pss", pss_known ? json_integer(m->pss) : json_null());
	return j;
}

static json_t *memories_json(struct json_build *b, const struct heap_meta *o)
{
	json_t *j = json_array();
	size_t i;

	for (i = 0; i < o->n_memory; i++)
		json_add(b, j, memory_json(b, &o->memory[i], o->pss >= 0));
	return j;
}

static json_t *parts_json(struct json_build *b, const struct heap_meta *o)
{
	struct heap_breakdown l;
	json_t *j;
	unsigned i;

	heap_breakdown_make(o, &l);
	if (!l.known)
		return json_null();
	j = json_object();
	for (i = 0; i < HEAP_BREAKDOWN_PARTS; i++)
		json_set_integer(
			b, j, heap_breakdown_name((enum heap_breakdown_part)i),
			l.parts[i]);
	return j;
}

/* What jemalloc's records say of its pages in memory. */
static json_t *states_json(struct json_build *b, const struct heap_meta *o)
{
	const struct {
		const char *key;
		int64_t value;
	} rows[] = {
		{ "active", o->active_rss },
		{ "dirty", o->dirty_rss },
		{ "muzzy", o->muzzy_rss },
		{ "retained", o->retained_rss },
		{ "metadata", o->metadata_rss },
	};
	json_t *j;
	size_t i;

	if (o->active_rss < 0)
		return json_null();
	j = json_object();
	for (i = 0; i < ARRAY_SIZE(rows); i++)
		json_set_known(b, j, rows[i].key, rows[i].value);
	return j;
}

static json_t *undecided_json(const struct heap_meta *o)
{
	struct heap_breakdown l;

	heap_breakdown_make(o, &l);
	return l.known ? json_integer(l.unsure) : json_null();
}

json_t *breakdown_json(struct json_build *b, const struct heap_meta *o)
{
	const struct {
		const char *key;
		int64_t value;
	} rows[] = {
		{ "allocated", o->allocated },
		{ "active", o->active },
		{ "metadata", o->metadata },
		{ "resident", o->resident },
		{ "mapped", o->mapped },
		{ "retained", o->retained },
		{ "dirty", o->dirty },
		{ "muzzy", o->muzzy },
		{ "tcache", o->tcache },
		{ "rss", o->rss },
		{ "pss", o->pss },
		{ "processes", o->processes },
	};
	json_t *j = json_object();
	size_t i;

	for (i = 0; i < ARRAY_SIZE(rows); i++)
		json_set_known(b, j, rows[i].key, rows[i].value);
	json_set(b, j, "resident_by_state", states_json(b, o));
	json_set(b, j, "parts", parts_json(b, o));
	json_set(b, j, "undecided", undecided_json(o));
	json_set(b, j, "memory", memories_json(b, o));
	return j;
}
