#include "cli/describe.h"

#include <string.h>

#include "heap/memory.h"
static struct hs_error *add_part(struct heap_origin *o, struct intern *strings,
				 const struct memory_part *part)
{
	const char *name = memory_kind_name(part->kind);
	struct heap_memory m = {
		.kind = HEAP_MEMORY_OTHER,
		.path = part->path[0] ? part->path : NULL,
		.mappings = part->mappings,
		.size = part->size,
		.rss = part->rss,
		.swap = part->swap,
	};

	(void)heap_memory_kind_named(name, strlen(name), &m.kind);
	return heap_origin_add_memory(o, strings, &m);
}

struct hs_error *describe_memory(struct heap_origin *o, struct intern *strings,
				 const struct stats_memory *m)
{
	const struct stats_ledger *ledger = &m->ledger;
	struct hs_error *err = NULL;
	size_t i;

	o->allocated = ledger->allocated;
	o->active = ledger->active;
	o->metadata = ledger->metadata;
	o->resident = ledger->resident;
	o->mapped = ledger->mapped;
	o->retained = ledger->retained;
	o->dirty = ledger->dirty;
	o->muzzy = ledger->muzzy;
	o->tcache = ledger->tcache;
	o->owned = ledger->owned;
	o->rss = ledger->rss;
	for (i = 0; i < m->memory.n && !err; i++)
		err = add_part(o, strings, &m->memory.items[i]);
	return err;
}
