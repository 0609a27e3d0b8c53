#include "output/breakdown_json.h"

#include <string.h>

#include "base/array.h"
#include "base/escape.h"
#include "base/strbuf.h"
#include "heap/memory_breakdown.h"
#include "heap/memory_part.h"

/* -1: not known. json_object_set_new() takes NULL for the failure that it is. */
static json_t *known(int64_t n)
{
	return n < 0 ? json_null() : json_integer(n);
}

static bool set(json_t *object, const char *key, json_t *value)
{
	return json_object_set_new(object, key, value) == 0;
}

static json_t *path_json(const char *path)
{
	_cleanup_strbuf_ struct strbuf text = { 0 };

	if (!path)
		return json_null();
	escape_utf8(&text, path, strlen(path));
	return text.failed ? NULL : json_string(strbuf_str(&text));
}

static json_t *memory_json(const struct heap_memory *m)
{
	json_t *j = json_object();

	if (set(j, "kind", json_string(heap_memory_kind_name(m->kind))) &&
	    set(j, "path", path_json(m->path)) &&
	    set(j, "mappings", json_integer(m->mappings)) &&
	    set(j, "size", json_integer(m->size)) &&
	    set(j, "rss", json_integer(m->rss)) &&
	    set(j, "swap", json_integer(m->swap)))
		return j;
	json_decref(j);
	return NULL;
}

static json_t *memories_json(const struct heap_origin *o)
{
	json_t *j = json_array();
	size_t i;

	for (i = 0; j && i < o->n_memory; i++) {
		if (json_array_append_new(j, memory_json(&o->memory[i])) < 0) {
			json_decref(j);
			return NULL;
		}
	}
	return j;
}

static json_t *parts_json(const struct heap_origin *o)
{
	struct heap_ledger l;
	json_t *j;
	unsigned i;

	heap_ledger_make(o, &l);
	if (!l.known)
		return json_null();
	j = json_object();
	for (i = 0; i < HEAP_LEDGER_PARTS; i++) {
		if (!set(j, heap_ledger_name((enum heap_ledger_part)i),
			 json_integer(l.parts[i]))) {
			json_decref(j);
			return NULL;
		}
	}
	return j;
}

json_t *ledger_json(const struct heap_origin *o)
{
	const struct {
		const char *key;
		int64_t value;
	} rows[] = {
		{ "allocated", o->allocated }, { "active", o->active },
		{ "metadata", o->metadata },   { "resident", o->resident },
		{ "mapped", o->mapped },       { "retained", o->retained },
		{ "dirty", o->dirty },	       { "muzzy", o->muzzy },
		{ "tcache", o->tcache },       { "rss", o->rss },
	};
	json_t *j = json_object();
	bool fine = true;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(rows) && fine; i++)
		fine = set(j, rows[i].key, known(rows[i].value));
	if (fine && set(j, "parts", parts_json(o)) &&
	    set(j, "memory", memories_json(o)))
		return j;
	json_decref(j);
	return NULL;
}
