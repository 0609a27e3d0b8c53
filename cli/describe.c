#include "cli/describe.h"

#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/array.h"
#include "heap/memory_part.h"
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

static struct hs_error *keep(struct intern *strings, const char *text,
			     const char **ret)
{
	if (!text)
		return NULL;
	return intern_string(strings, text, strlen(text), ret);
}

struct hs_error *describe_process(struct heap_origin *o, struct intern *strings,
				  const struct identity *id,
				  int64_t taken_at_us,
				  const char *jemalloc_version, bool borrowed)
{
	time_t seconds = (time_t)(taken_at_us / 1000000);
	char taken_at[64], host[256] = "";
	struct tm tm = { 0 };
	const struct {
		const char *text;
		const char **to;
	} rows[] = {
		{ id->command, &o->command },
		{ id->command_line, &o->command_line },
		{ jemalloc_version, &o->jemalloc_version },
		{ borrowed ? "borrowed" : "guest", &o->mode },
		{ taken_at, &o->taken_at },
	};
	struct hs_error *err = NULL;
	size_t i;

	o->pid = id->pid;
	o->start_time = id->start_time;
	o->taken_at_us = taken_at_us;
	gmtime_r(&seconds, &tm);
	strftime(taken_at, sizeof(taken_at), "%Y-%m-%dT%H:%M:%SZ", &tm);
	if (gethostname(host, sizeof(host) - 1))
		host[0] = '\0';
	for (i = 0; i < ARRAY_SIZE(rows) && !err; i++)
		err = keep(strings, rows[i].text, rows[i].to);
	if (!err && host[0])
		err = keep(strings, host, &o->host);
	return err;
}

static struct hs_error *add_classes(struct heap_stats *to,
				    const struct stats_classes *classes)
{
	size_t i;

	for (i = 0; i < classes->n; i++) {
		const struct stats_class *c = &classes->items[i];

		if (!ARRAY_GROW(to->classes, to->classes_cap,
				to->n_classes + 1))
			return hs_error_nomem();
		to->classes[to->n_classes++] =
			(struct heap_class){ c->size, c->regions, c->slabs,
					     c->capacity };
	}
	return NULL;
}

static struct hs_error *add_arenas(struct heap_stats *to,
				   const struct stats_arenas *arenas)
{
	size_t i;

	for (i = 0; i < arenas->n; i++) {
		const struct stats_arena *a = &arenas->items[i];

		if (!ARRAY_GROW(to->arenas, to->arenas_cap, to->n_arenas + 1))
			return hs_error_nomem();
		to->arenas[to->n_arenas++] = (struct heap_arena){
			a->index, a->threads, a->allocated, a->active,
			a->dirty, a->muzzy,   a->retained
		};
	}
	return NULL;
}

static struct hs_error *add_settings(struct heap_stats *to,
				     const struct stats *stats)
{
	struct hs_error *err = NULL;
	size_t i;

	for (i = 0; i < stats->n_settings && !err; i++) {
		struct heap_setting *setting;

		if (!ARRAY_GROW(to->settings, to->settings_cap,
				to->n_settings + 1))
			return hs_error_nomem();
		setting = &to->settings[to->n_settings++];
		setting->name = stats->settings[i].name;
		err = keep(&to->strings, stats->settings[i].value,
			   &setting->value);
	}
	return err;
}

struct hs_error *describe_stats(const struct stats *stats,
				const struct identity *id,
				struct heap_stats *ret)
{
	const struct hs_error *why = stats->no_profile;
	struct hs_error *err;

	ret->origin.host_tid = stats->host_tid;
	ret->origin.pause_us = stats->pause_us;
	err = describe_process(&ret->origin, &ret->strings, id,
			       stats->taken_at_us, stats->jemalloc_version,
			       stats->borrowed);
	if (!err)
		err = describe_memory(&ret->origin, &ret->strings,
				      &stats->memory);
	if (!err)
		err = add_classes(ret, &stats->classes);
	if (!err)
		err = add_arenas(ret, &stats->arenas);
	if (!err)
		err = add_settings(ret, stats);
	if (!err && why)
		err = keep(&ret->strings, hs_error_message(why),
			   &ret->no_stacks);
	if (!err && why)
		err = keep(&ret->strings, hs_error_hint_text(why),
			   &ret->advice);
	return err;
}
