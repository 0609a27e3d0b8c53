#include "heap/format/maps_order.h"

#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"

/* Mappings that have begun, the last one on top; those that have ended are
 * taken away when they come to the top. */
struct open_stack {
	const struct mapping **items; /* owned */
	size_t n;
};

/* A walk over the addresses, from one begin or end of a mapping to the next. */
struct sweep {
	uint64_t pos;
	struct open_stack code, data;
	struct mapping *out; /* owned */
	size_t n_out;
	bool doubtful;
	uint64_t where;
};

static void sweep_release(struct sweep *s)
{
	free(s->code.items);
	free(s->data.items);
	free(s->out);
}

static int mapping_compare(const void *a, const void *b)
{
	const struct mapping *x = a, *y = b;

	if (x->start != y->start)
		return x->start < y->start ? -1 : 1;
	/* The shorter one is the more particular. */
	if (x->end != y->end)
		return x->end > y->end ? -1 : 1;
	return strcmp(x->path, y->path);
}

static const struct mapping *open_top(struct open_stack *s, uint64_t pos)
{
	while (s->n && s->items[s->n - 1]->end <= pos)
		s->n--;
	return s->n ? s->items[s->n - 1] : NULL;
}

/* Both say the same of what they have in common. */
static bool agree(const struct mapping *a, const struct mapping *b)
{
	return a->path == b->path && a->inode == b->inode &&
	       a->offset - a->start == b->offset - b->start;
}

static void sweep_open(struct sweep *s, const struct mapping *m)
{
	struct open_stack *stack = m->exec ? &s->code : &s->data;
	const struct mapping *below = open_top(stack, m->start);

	if (m->exec && below && !s->doubtful && !agree(below, m)) {
		s->doubtful = true;
		s->where = m->start;
	}
	stack->items[stack->n++] = m;
}

/* Writes the part of @m from s->pos to @end. */
static void sweep_write(struct sweep *s, const struct mapping *m, uint64_t end)
{
	struct mapping *last = s->n_out ? &s->out[s->n_out - 1] : NULL;
	struct mapping part = *m;

	part.offset += s->pos - m->start;
	part.start = s->pos;
	part.end = end;
	if (last && last->end == part.start && m->start < part.start &&
	    last->exec == m->exec && agree(last, &part))
		last->end = end;
	else
		s->out[s->n_out++] = part;
}

/* Goes on to @next, where a mapping begins. */
static void sweep_to(struct sweep *s, uint64_t next)
{
	const struct mapping *m;
	uint64_t end;

	while (s->pos < next) {
		m = open_top(&s->code, s->pos);
		if (!m)
			m = open_top(&s->data, s->pos);
		if (!m)
			break;
		end = m->end < next ? m->end : next;
		sweep_write(s, m, end);
		s->pos = end;
	}
	s->pos = next;
}

struct hs_error *heap_maps_order(struct maps *maps, bool *doubtful,
				 uint64_t *where)
{
	hs_cleanup(sweep_release) struct sweep s = { 0 };
	const size_t n = maps->n;
	size_t i;

	*doubtful = false;
	if (!n)
		return NULL;
	qsort(maps->items, n, sizeof(*maps->items), mapping_compare);
	s.code.items = calloc(n, sizeof(const struct mapping *));
	s.data.items = calloc(n, sizeof(const struct mapping *));
	/* A part ends where a mapping begins or ends. */
	s.out = calloc(2 * n, sizeof(*s.out));
	if (!s.code.items || !s.data.items || !s.out)
		return hs_error_nomem();
	for (i = 0; i < n; i++) {
		sweep_to(&s, maps->items[i].start);
		sweep_open(&s, &maps->items[i]);
	}
	sweep_to(&s, UINT64_MAX);
	free(maps->items);
	maps->items = take_ptr(s.out);
	maps->cap = 2 * n;
	maps->n = s.n_out;
	*doubtful = s.doubtful;
	*where = s.where;
	return NULL;
}
