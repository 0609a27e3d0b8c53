#include "output/stats_json.h"

#include <errno.h>
#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "base/cleanup.h"
#include "base/escape.h"
#include "base/strbuf.h"
#include "output/breakdown_json.h"
#include "output/diagnosis_json.h"

static void cleanup_json(json_t **j)
{
	json_decref(*j);
}

#define _cleanup_json_ hs_cleanup(cleanup_json)

/* Whether memory ran out on the way; adding nothing to nothing is harmless. */
struct writer {
	bool failed;
};

/* @value is taken; NULL is a failure. */
static void set(struct writer *w, json_t *object, const char *key,
		json_t *value)
{
	if (json_object_set_new(object, key, value) < 0)
		w->failed = true;
}

static void add(struct writer *w, json_t *array, json_t *value)
{
	if (json_array_append_new(array, value) < 0)
		w->failed = true;
}

static void set_text(struct writer *w, json_t *object, const char *key,
		     const char *s)
{
	_cleanup_strbuf_ struct strbuf text = { 0 };

	if (s)
		escape_utf8(&text, s, strlen(s));
	w->failed |= text.failed;
	set(w, object, key, s ? json_string(strbuf_str(&text)) : json_null());
}

static void set_known(struct writer *w, json_t *object, const char *key,
		      int64_t n)
{
	set(w, object, key, n < 0 ? json_null() : json_integer(n));
}

static json_t *class_json(struct writer *w, const struct heap_class *c)
{
	json_t *j = json_object();

	set_known(w, j, "size", (int64_t)c->size);
	set_known(w, j, "regions", c->regions);
	set_known(w, j, "bytes", c->regions * (int64_t)c->size);
	set_known(w, j, "slabs", c->slabs);
	set_known(w, j, "slab_regions", c->slabs < 0 ? -1 : c->capacity);
	set(w, j, "large", json_boolean(c->slabs < 0));
	return j;
}

static json_t *arena_json(struct writer *w, const struct heap_arena *a)
{
	json_t *j = json_object();

	set_known(w, j, "index", (int64_t)a->index);
	set_known(w, j, "threads", a->threads);
	set_known(w, j, "allocated", a->allocated);
	set_known(w, j, "active", a->active);
	set_known(w, j, "dirty", a->dirty);
	set_known(w, j, "muzzy", a->muzzy);
	set_known(w, j, "retained", a->retained);
	return j;
}

static json_t *capture_json(struct writer *w, const struct heap_origin *o)
{
	json_t *j = json_object();

	set_text(w, j, "mode", o->mode);
	set_known(w, j, "host_tid", o->host_tid);
	set_known(w, j, "pause_us", o->pause_us);
	set_known(w, j, "dump_us", o->dump_us);
	set_known(w, j, "dump_bytes", o->dump_bytes);
	return j;
}

static json_t *reading_json(struct writer *w, const struct heap_stats *s)
{
	const struct heap_origin *o = &s->origin;
	json_t *j = json_object(), *classes = json_array();
	json_t *arenas = json_array(), *settings = json_object();
	size_t i;

	set_text(w, j, "file", o->file);
	set_known(w, j, "pid", o->pid);
	set_text(w, j, "command", o->command);
	set_text(w, j, "taken_at", o->taken_at);
	set_text(w, j, "jemalloc_version", o->jemalloc_version);
	set(w, j, "ledger", ledger_json(o));
	set(w, j, "capture", capture_json(w, o));
	for (i = 0; i < s->n_classes; i++)
		add(w, classes, class_json(w, &s->classes[i]));
	set(w, j, "size_classes", classes);
	for (i = 0; i < s->n_arenas; i++)
		add(w, arenas, arena_json(w, &s->arenas[i]));
	set(w, j, "arenas", arenas);
	for (i = 0; i < s->n_settings; i++)
		set_text(w, settings, s->settings[i].name,
			 s->settings[i].value);
	set(w, j, "settings", settings);
	return j;
}

static json_t *profiling_json(struct writer *w, const struct heap_stats *s)
{
	json_t *j = json_object();

	set(w, j, "available", json_boolean(!s->no_stacks));
	set_text(w, j, "why", s->no_stacks);
	set_text(w, j, "advice", s->advice);
	return j;
}

struct hs_error *stats_json_write(FILE *f, const struct heap_stats *before,
				  const struct heap_stats *after)
{
	_cleanup_json_ json_t *j = json_object();
	struct writer w = { 0 };

	set_text(&w, j, "schema", "heapsnap/1");
	set_text(&w, j, "kind", "stats");
	if (before)
		set(&w, j, "before", reading_json(&w, before));
	set(&w, j, before ? "after" : "snapshot", reading_json(&w, after));
	set(&w, j, "diagnosis",
	    diagnosis_json(before ? &before->origin : NULL, &after->origin));
	set(&w, j, "profiling", profiling_json(&w, after));
	if (w.failed)
		return hs_error_nomem();
	if (json_dumpf(j, f, JSON_INDENT(1)) < 0 || fputc('\n', f) == EOF)
		return hs_error_sys(HS_ERROR_SYSTEM, errno,
				    "cannot write the report");
	return NULL;
}
