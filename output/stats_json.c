#include "output/stats_json.h"

#include "output/breakdown_json.h"
#include "output/diagnosis_json.h"
#include "output/json_build.h"
#include "output/meta_json.h"

static json_t *class_json(struct json_build *b, const struct heap_class *c)
{
	json_t *j = json_object();

	json_set_known(b, j, "size", (int64_t)c->size);
	json_set_known(b, j, "regions", c->regions);
	json_set_known(b, j, "bytes", c->bytes);
	json_set_known(b, j, "slabs", c->slabs);
	json_set_known(b, j, "slab_regions", c->slabs < 0 ? -1 : c->capacity);
	json_set_flag(b, j, "large", c->slabs < 0);
	return j;
}

static json_t *arena_json(struct json_build *b, const struct heap_arena *a)
{
	json_t *j = json_object();

	json_set_known(b, j, "index", (int64_t)a->index);
	json_set_known(b, j, "threads", a->threads);
	json_set_known(b, j, "allocated", a->allocated);
	json_set_known(b, j, "active", a->active);
	json_set_known(b, j, "dirty", a->dirty);
	json_set_known(b, j, "muzzy", a->muzzy);
	json_set_known(b, j, "retained", a->retained);
	return j;
}

static json_t *reading_json(struct json_build *b, const struct heap_stats *s)
{
	const struct heap_meta *o = &s->meta;
	json_t *j = json_object(), *classes = json_array();
	json_t *arenas = json_array(), *settings = json_object();
	size_t i;

	meta_json_set(b, j, o);
	json_set(b, j, "ledger", breakdown_json(b, o));
	json_set(b, j, "capture", capture_json(b, o));
	for (i = 0; i < s->n_classes; i++)
		json_add(b, classes, class_json(b, &s->classes[i]));
	json_set(b, j, "size_classes", classes);
	for (i = 0; i < s->n_arenas; i++)
		json_add(b, arenas, arena_json(b, &s->arenas[i]));
	json_set(b, j, "arenas", arenas);
	for (i = 0; i < s->n_settings; i++)
		json_set_text(b, settings, s->settings[i].name,
			      s->settings[i].value);
	json_set(b, j, "settings", settings);
	return j;
}

static json_t *profiling_json(struct json_build *b, const struct heap_stats *s)
{
	json_t *j = json_object();

	json_set_flag(b, j, "available", !s->no_stacks);
	json_set_text(b, j, "why", s->no_stacks);
	json_set_text(b, j, "advice", s->profiling_off);
	return j;
}

struct hs_error *stats_json_write(FILE *f, const struct heap_stats *before,
				  const struct heap_stats *after)
{
	_cleanup_json_build_ struct json_build b = { 0 };
	_cleanup_json_ json_t *j = json_object();

	json_set_schema(&b, j);
	json_set_text(&b, j, "kind", "stats");
	if (before)
		json_set(&b, j, "before", reading_json(&b, before));
	json_set(&b, j, before ? "after" : "snapshot", reading_json(&b, after));
	json_set(&b, j, "diagnosis",
		 diagnosis_json(&b, before ? &before->meta : NULL, &after->meta,
				0));
	json_set(&b, j, "profiling", profiling_json(&b, after));
	return json_write_whole(f, &b, j, JSON_INDENT(1));
}
