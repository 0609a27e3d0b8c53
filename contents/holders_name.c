#include "contents/holders_name.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/str.h"
#include "symbol/demangle.h"

static struct contents_reach reach_of(const struct leak_count *n)
{
	return (struct contents_reach){
		.held = (int64_t)n->held,
		.direct = (int64_t)n->direct,
		.indirect = (int64_t)n->indirect,
		.moved = (int64_t)n->moved,
	};
}

void holders_count_reach(const struct leaks *leaks, struct heap_contents *c)
{
	unsigned i;
	size_t k = 0;

	for (i = 0; i < HEAP_CLASSES && k < c->n_classes; i++) {
		if (c->classes[k].size != heap_class_size(i))
			continue;
		c->classes[k].reach = reach_of(&leaks->classes[i]);
		c->classes[k++].reach_bytes = reach_of(&leaks->bytes_of[i]);
	}
}

/* --- names ----------------------------------------------------------------- */

/* "session_cache (shop)", "shop+0x4040" of what has no symbol. */
static struct hs_error *name_global(const struct graph_root *root,
				    const struct root_range *range,
				    struct code_names *names,
				    enum demangle_style style,
				    struct strbuf *name)
{
	_cleanup_strbuf_ struct strbuf symbol = { 0 };
	const struct mapping *m = range->mapping;
	struct hs_error *err;

	/* The bss follows the data. */
	while (m > names->maps->items && !m->path[0] && m[-1].end == m->start)
		m--;
	if (code_names_find(names, root->address, &symbol)) {
		err = strbuf_check(&symbol);
		if (err)
			return err;
		demangle(name, strbuf_str(&symbol), style);
		strbuf_addf(name, " (%s)", str_base_name(m->path));
		return NULL;
	}
	/* Pages are as near as can be told. */
	strbuf_addf(name, "data of %s at 0x%" PRIx64, str_base_name(m->path),
		    (root->address - m->start) / 4096 * 4096 + m->offset);
	return NULL;
}

static void name_mapping(const struct mapping *m, struct strbuf *name)
{
	strbuf_addf(name, "mapping of %" PRIu64 " KiB",
		    (m->end - m->start) >> 10);
	if (m->path[0])
		strbuf_addf(name, " (%s)", m->path);
}

static struct hs_error *name_root(const struct graph_live *live,
				  const struct graph_root *root,
				  struct code_names *names,
				  enum demangle_style style,
				  struct strbuf *name)
{
	const struct root_range *r = &live->roots.items[root->range];

	switch (r->kind) {
	case ROOT_DATA:
		return name_global(root, r, names, style, name);
	case ROOT_BRK:
		strbuf_adds(name, "memory of brk(2)");
		break;
	case ROOT_STACK:
		if (r->tid)
			strbuf_addf(name, "stack of thread %d", (int)r->tid);
		else
			strbuf_adds(name, "stack of a thread that runs");
		break;
	case ROOT_TLS:
		strbuf_adds(name, "thread-local memory");
		break;
	case ROOT_KERNEL:
		strbuf_adds(name, "kernel: epoll or a timer");
		break;
	case ROOT_ALLOCATOR:
		strbuf_adds(name, "jemalloc");
		break;
	case ROOT_OTHER:
	case ROOT_KINDS:
		name_mapping(r->mapping, name);
	}
	return NULL;
}

/* --- holders --------------------------------------------------------------- */

static int by_name(const void *a, const void *b)
{
	const struct contents_holder *x = a, *y = b;

	return strcmp(x->name, y->name);
}

static int by_bytes(const void *a, const void *b)
{
	const struct contents_holder *x = a, *y = b;

	if (x->bytes != y->bytes)
		return x->bytes < y->bytes ? 1 : -1;
	return strcmp(x->name, y->name);
}

/* Those of one name become one, largest first. */
static void merge(struct heap_contents *c)
{
	struct contents_holder *all = c->holders;
	size_t i, to = 0;

	if (!c->n_holders)
		return;
	qsort(all, c->n_holders, sizeof(*all), by_name);
	for (i = 1; i < c->n_holders; i++) {
		if (by_name(&all[to], &all[i])) {
			all[++to] = all[i];
			continue;
		}
		all[to].objects += all[i].objects;
		all[to].bytes += all[i].bytes;
	}
	c->n_holders = to + 1;
	qsort(all, c->n_holders, sizeof(*all), by_bytes);
}

static struct hs_error *add(const struct graph_live *live, size_t root,
			    struct code_names *names, enum demangle_style style,
			    struct heap_contents *c)
{
	const struct holder_sum *sum = &live->holders.sums[root];
	struct contents_holder *to = &c->holders[c->n_holders];
	_cleanup_strbuf_ struct strbuf name = { 0 };
	struct hs_error *err;

	err = name_root(live, &live->graph.from[root], names, style, &name);
	if (!err)
		err = strbuf_check(&name);
	if (!err)
		err = intern_string(&c->strings, strbuf_str(&name), name.len,
				    &to->name);
	if (err)
		return err;
	to->objects = (int64_t)sum->regions;
	to->bytes = (int64_t)sum->bytes;
	c->n_holders++;
	return NULL;
}

struct hs_error *holders_name(const struct graph_live *live,
			      struct code_names *names,
			      enum demangle_style style,
			      struct heap_contents *c)
{
	struct hs_error *err = NULL;
	size_t i;

	c->holders = calloc(live->graph.n_from + 1, sizeof(*c->holders));
	if (!c->holders)
		return hs_error_nomem();
	for (i = 0; i < live->graph.n_from && !err; i++) {
		if (live->holders.sums[i].regions)
			err = add(live, i, names, style, c);
	}
	if (!err)
		merge(c);
	return err;
}
