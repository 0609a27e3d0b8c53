#include "heap/stats.h"

#include <stdlib.h>

#include "base/array.h"
#include "heap/meta.h"

void heap_stats_init(struct heap_stats *s)
{
	*s = (struct heap_stats){ 0 };
	heap_meta_init(&s->meta);
}

void heap_stats_release(struct heap_stats *s)
{
	heap_meta_release(&s->meta);
	free(s->classes);
	free(s->arenas);
	free(s->settings);
	intern_release(&s->strings);
	heap_stats_init(s);
}

struct hs_error *heap_stats_add_setting(struct heap_stats *s, const char *name,
					const char *value)
{
	struct heap_setting setting;
	struct hs_error *err;

	err = intern_text(&s->strings, name, &setting.name);
	if (!err)
		err = intern_text(&s->strings, value, &setting.value);
	if (err)
		return err;
	if (!ARRAY_GROW(s->settings, s->settings_cap, s->n_settings + 1))
		return hs_error_nomem();
	s->settings[s->n_settings++] = setting;
	return NULL;
}

static int64_t slabs_of(const struct heap_class *c)
{
	return c->slabs > 0 ? c->slabs : 0;
}

static struct heap_class_growth growth(const struct heap_class *was,
				       const struct heap_class *now)
{
	return (struct heap_class_growth){
		.now = *now,
		.regions = now->regions - was->regions,
		.bytes = now->bytes - was->bytes,
		.slabs = slabs_of(now) - slabs_of(was),
	};
}

/* A class of @with's size, without regions. */
static struct heap_class empty(const struct heap_class *with)
{
	struct heap_class c = *with;

	c.regions = c.bytes = 0;
	c.slabs = c.slabs > 0 ? 0 : c.slabs;
	return c;
}

static int compare(const void *x, const void *y)
{
	const struct heap_class_growth *a = x, *b = y;

	if (a->bytes != b->bytes)
		return a->bytes > b->bytes ? -1 : 1;
	return a->now.size < b->now.size ? -1 : a->now.size > b->now.size;
}

struct hs_error *heap_stats_growth(const struct heap_stats *before,
				   const struct heap_stats *after,
				   struct heap_class_growth **ret,
				   size_t *n_ret)
{
	size_t n_before = before ? before->n_classes : 0, i = 0, j = 0, n = 0;
	struct heap_class_growth *list;

	list = calloc(n_before + after->n_classes + 1, sizeof(*list));
	if (!list)
		return hs_error_nomem();
	while (i < n_before || j < after->n_classes) {
		const struct heap_class *a = NULL, *b = NULL;
		struct heap_class none;

		if (i < n_before)
			a = &before->classes[i];
		if (j < after->n_classes)
			b = &after->classes[j];
		if (a && b && a->size != b->size) {
			if (a->size < b->size)
				b = NULL;
			else
				a = NULL;
		}
		none = empty(a ? a : b);
		list[n++] = growth(a ? a : &none, b ? b : &none);
		i += a != NULL;
		j += b != NULL;
	}
	qsort(list, n, sizeof(*list), compare);
	*ret = list;
	*n_ret = n;
	return NULL;
}
