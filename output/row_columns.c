#include "output/row_columns.h"

#include <stdlib.h>

#include "base/array.h"
#include "base/cleanup.h"
#include "base/search.h"
#include "base/strbuf.h"
#include "heap/threads.h"

void row_columns_release(struct row_columns *x)
{
	free(x->rows);
	free(x->parts);
	hash_index_release(&x->part_index);
	intern_release(&x->threads);
	*x = (struct row_columns){ 0 };
}

void row_columns_init(struct row_columns *x, const struct heap_profile *before,
		      const struct heap_profile *after, bool inuse)
{
	x->wanted = true;
	x->inuse = inuse;
	x->other = after->allocated && (!before || before->allocated);
}

const struct row_extra *row_columns_of(const struct row_columns *x,
				       uint32_t number)
{
	return number < x->n_rows ? &x->rows[number] : NULL;
}

static struct hs_error *grow(struct row_columns *x, uint32_t number)
{
	if (!ARRAY_GROW(x->rows, x->rows_cap, (size_t)number + 1))
		return hs_error_nomem();
	while (x->n_rows <= number)
		x->rows[x->n_rows++] =
			(struct row_extra){ .first = ROW_NO_PART };
	return NULL;
}

/* Finds or adds the part of row @number for @thread. */
static struct hs_error *find_part(struct row_columns *x, uint32_t number,
				  const struct heap_thread *thread,
				  struct row_part **ret)
{
	_cleanup_strbuf_ struct strbuf label = { 0 };
	struct row_extra *extra = &x->rows[number];
	struct hash_index_walk walk = { 0 };
	struct hs_error *err;
	uint32_t id = 0;
	uint64_t hash;

	heap_thread_label(thread, &label);
	err = strbuf_check(&label);
	if (!err)
		err = intern_number(&x->threads, strbuf_str(&label), label.len,
				    &id);
	if (err)
		return err;
	hash = hash_mix(hash_mix(hash_index_begin(&x->part_index), number), id)
		       .value;
	while (hash_index_next(&x->part_index, hash, &walk)) {
		*ret = &x->parts[walk.value];
		if ((*ret)->thread == id && (*ret)->row == number)
			return NULL;
	}
	if (!ARRAY_GROW(x->parts, x->parts_cap, x->n_parts + 1) ||
	    x->n_parts >= ROW_NO_PART)
		return hs_error_nomem();
	*ret = &x->parts[x->n_parts];
	**ret = (struct row_part){
		.row = number,
		.next = extra->first,
		.thread = id,
	};
	extra->first = (uint32_t)x->n_parts++;
	return hash_index_add(&x->part_index, hash, extra->first);
}

static void add(struct row_values *v, const struct heap_counts *c)
{
	v->objects += c->objects;
	v->bytes += c->bytes;
}

/* The first part of stack @index: parts ascend by stack. */
static size_t first_part(const struct heap_profile *p, uint32_t index)
{
	return search_sorted(p->n_parts, i, p->parts[i].stack < index);
}

struct hs_error *row_columns_add(struct row_columns *x, uint32_t number,
				 const struct heap_profile *p, uint32_t index,
				 bool after)
{
	const struct heap_counts *counts, *other;
	struct row_part *part = NULL;
	struct row_extra *extra;
	struct hs_error *err;
	size_t i;

	/* Mostly there is nothing beside the row. */
	if (!x->wanted || (!x->other && !p->n_parts))
		return NULL;
	err = grow(x, number);
	if (err)
		return err;
	extra = &x->rows[number];
	if (x->other)
		add(after ? &extra->after : &extra->before,
		    x->inuse ? &p->allocated[index] : &p->stacks[index].inuse);
	for (i = first_part(p, index);
	     i < p->n_parts && p->parts[i].stack == index; i++) {
		err = find_part(x, number, &p->threads[p->parts[i].thread],
				&part);
		if (err)
			return err;
		counts = &p->parts[i].inuse;
		other = &p->parts[i].allocated;
		add(after ? &part->after : &part->before,
		    x->inuse ? counts : other);
		add(after ? &part->other_after : &part->other_before,
		    x->inuse ? other : counts);
	}
	return NULL;
}
