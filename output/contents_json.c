#include "output/contents_json.h"

#include <math.h>

#include "output/json_build.h"

static json_t *counts_json(struct json_build *b, int64_t objects, int64_t bytes)
{
	json_t *j = json_object();

	json_set_integer(b, j, "objects", objects);
	json_set_integer(b, j, "bytes", bytes);
	return j;
}

/* Of what was not looked for nothing is known. */
static json_t *leaked_json(struct json_build *b, const struct heap_contents *c,
			   const struct contents_type *t)
{
	return c->reach ? counts_json(b, t->leaked, t->leaked_bytes)
			: json_null();
}

static json_t *types_json(struct json_build *b, const struct heap_contents *c,
			  const struct contents_type *types, size_t n)
{
	json_t *list = json_array();
	size_t i;

	for (i = 0; i < n; i++) {
		const struct contents_type *t = &types[i];
		json_t *j = json_object();

		json_set_text(b, j, "name", t->name);
		json_set_text(b, j, "kind", contents_kind_name(t->kind));
		json_set_integer(b, j, "objects", t->objects);
		json_set_integer(b, j, "objects_se",
				 llround(sqrt(t->variance)));
		json_set_integer(b, j, "bytes", t->bytes);
		json_set_integer(b, j, "bytes_se",
				 llround(sqrt(t->bytes_variance)));
		json_set(b, j, "leaked", leaked_json(b, c, t));
		json_add(b, list, j);
	}
	return list;
}

/* What is of the interval is null without one. */
static json_t *change_json(struct json_build *b, const struct heap_contents *c,
			   const struct contents_class *class)
{
	json_t *j;

	if (c->interval_us < 0)
		return json_null();
	j = counts_json(b, class->came - class->went,
			class->came_bytes - class->went_bytes);
	json_set_integer(b, j, "came", class->came);
	json_set_integer(b, j, "went", class->went);
	return j;
}

static json_t *reach_json(struct json_build *b, const struct heap_contents *c,
			  const struct contents_reach *r)
{
	json_t *j;

	if (!c->reach)
		return json_null();
	j = json_object();
	json_set_integer(b, j, "held", r->held);
	json_set_integer(b, j, "leaked_directly", r->direct);
	json_set_integer(b, j, "leaked_indirectly", r->indirect);
	json_set_integer(b, j, "moved", r->moved);
	return j;
}

static json_t *holders_json(struct json_build *b, const struct heap_contents *c)
{
	json_t *list = json_array();
	size_t i;

	for (i = 0; i < c->n_holders; i++) {
		const struct contents_holder *h = &c->holders[i];
		json_t *j = counts_json(b, h->objects, h->bytes);

		json_set_text(b, j, "name", h->name);
		json_add(b, list, j);
	}
	return list;
}

/* null when it was not looked for. */
static json_t *reachability_json(struct json_build *b,
				 const struct heap_contents *c)
{
	struct contents_reach objects, bytes;
	json_t *j;

	if (!c->reach)
		return json_null();
	heap_contents_reach(c, &objects, &bytes);
	j = json_object();
	json_set(b, j, "objects", reach_json(b, c, &objects));
	json_set(b, j, "bytes", reach_json(b, c, &bytes));
	json_set(b, j, "holders", holders_json(b, c));
	json_set_integer(b, j, "threads", c->threads);
	json_set(b, j, "in_kernel", json_boolean(c->in_kernel));
	return j;
}

static json_t *class_json(struct json_build *b, const struct heap_contents *c,
			  const struct contents_class *class)
{
	json_t *j = json_object();

	json_set_integer(b, j, "size", (int64_t) class->size);
	json_set(b, j, "live", counts_json(b, class->live, class->live_bytes));
	json_set(b, j, "cached",
		 counts_json(b, class->cached, class->cached_bytes));
	json_set(b, j, "change", change_json(b, c, class));
	json_set(b, j, "reach", reach_json(b, c, &class->reach));
	json_set_integer(b, j, "looked_at", class->looked_at);
	json_set(b, j, "types", types_json(b, c, class->types, class->n_types));
	return j;
}

static json_t *process_json(struct json_build *b, const struct heap_contents *c)
{
	const struct heap_meta *o = &c->meta;
	json_t *j = json_object();

	json_set_known(b, j, "pid", o->pid);
	json_set_text(b, j, "command", o->command);
	json_set_text(b, j, "taken_at", o->taken_at);
	json_set_text(b, j, "jemalloc_layout", c->layout);
	return j;
}

static json_t *totals_json(struct json_build *b, const struct heap_contents *c)
{
	const struct contents_sum sum = heap_contents_sum(c);
	json_t *j = json_object();

	json_set(b, j, "live", counts_json(b, sum.objects, sum.bytes));
	json_set(b, j, "cached", counts_json(b, sum.cached, sum.cached_bytes));
	json_set(b, j, "change",
		 c->interval_us < 0
			 ? json_null()
			 : counts_json(b, sum.came - sum.went,
				       sum.came_bytes - sum.went_bytes));
	return j;
}

static json_t *cost_json(struct json_build *b, const struct heap_contents *c)
{
	json_t *j = json_object();

	json_set_integer(b, j, "read_bytes", c->read_bytes);
	json_set_integer(b, j, "us", c->read_us);
	json_set_integer(b, j, "memory_bytes", c->memory_bytes);
	return j;
}

struct hs_error *contents_json_write(FILE *f, const struct heap_contents *c)
{
	_cleanup_json_build_ struct json_build b = { 0 };
	_cleanup_json_ json_t *j = json_object();
	json_t *classes = json_array();
	size_t i;

	for (i = 0; i < c->n_classes; i++)
		json_add(&b, classes, class_json(&b, c, &c->classes[i]));
	json_set_schema(&b, j);
	json_set_text(&b, j, "kind", "inspect");
	json_set(&b, j, "process", process_json(&b, c));
	json_set_known(&b, j, "interval_us", c->interval_us);
	json_set(&b, j, "totals", totals_json(&b, c));
	json_set(&b, j, "types", types_json(&b, c, c->types, c->n_types));
	json_set(&b, j, "classes", classes);
	json_set(&b, j, "reach", reachability_json(&b, c));
	json_set_text(&b, j, "reach_left_out", c->reach_left_out);
	json_set_integer(&b, j, "unclear_slabs", c->unclear);
	json_set_integer(&b, j, "swapped_pages", c->swapped);
	json_set(&b, j, "cost", cost_json(&b, c));
	return json_write_whole(f, &b, j, JSON_INDENT(1));
}
