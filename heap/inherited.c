#include "heap/inherited.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/hash.h"
#include "base/hash_index.h"
#include "base/str.h"
#include "heap/unbias.h"

/* The stacks of a profile by the addresses of their frames. */
struct by_address {
	const struct heap_profile *profile; /* borrowed */
	struct hash_index index;	    /* of stacks */
};

/* A stack whose addresses are @addresses of its locations; NULL: their own. */
struct wanted {
	const struct heap_profile *profile;
	const struct heap_stack *stack;
	const uint64_t *addresses;
};

static uint64_t address_of(const struct wanted *w, uint32_t i)
{
	uint32_t at = w->profile->frames[w->stack->first + i];

	return w->addresses ? w->addresses[at]
			    : w->profile->locations[at].address;
}

static uint64_t hash_of(const struct hash_index *index, const struct wanted *w)
{
	struct hash h = hash_index_begin(index);
	uint32_t i;

	for (i = 0; i < w->stack->depth; i++)
		h = hash_mix(h, address_of(w, i));
	return h.value;
}

static bool same_stack(const struct wanted *a, const struct wanted *b)
{
	uint32_t i;

	if (a->stack->depth != b->stack->depth)
		return false;
	for (i = 0; i < a->stack->depth; i++) {
		if (address_of(a, i) != address_of(b, i))
			return false;
	}
	return true;
}

static struct hs_error *by_address_make(const struct heap_profile *p,
					struct by_address *ret)
{
	struct hs_error *err;
	uint32_t i;

	*ret = (struct by_address){ .profile = p };
	err = hash_index_reserve(&ret->index, p->n_stacks);
	for (i = 0; i < p->n_stacks && !err; i++) {
		const struct wanted w = { p, &p->stacks[i], NULL };

		err = hash_index_add(&ret->index, hash_of(&ret->index, &w), i);
	}
	return err;
}

static void by_address_release(struct by_address *b)
{
	hash_index_release(&b->index);
}

/* The index of the stack; the number of stacks: there is none. */
static size_t find_stack(const struct by_address *b, const struct wanted *w)
{
	const uint64_t hash = hash_of(&b->index, w);
	struct hash_index_walk walk = { 0 };

	while (hash_index_next(&b->index, hash, &walk)) {
		const struct wanted has = { b->profile,
					    &b->profile->stacks[walk.value],
					    NULL };

		if (same_stack(&has, w))
			return walk.value;
	}
	return b->profile->n_stacks;
}

static bool is_parent(const struct heap_meta *parent,
		      const struct heap_meta *child)
{
	return parent->pid > 0 && parent->pid == child->parent_pid &&
	       parent->start_time <= child->start_time &&
	       str_equal(parent->hostname, child->hostname);
}

static bool same_counts(const struct heap_counts *a,
			const struct heap_counts *b)
{
	return a->samples && a->samples == b->samples &&
	       !(a->objects < b->objects || a->objects > b->objects) &&
	       !(a->bytes < b->bytes || a->bytes > b->bytes);
}

static void mark(struct heap_profile *merged, size_t at,
		 const struct heap_counts *counts)
{
	if (at == merged->n_stacks)
		return;
	heap_counts_add(&merged->inherited[at], counts);
	heap_counts_add(&merged->inherited_total, counts);
}

static struct hs_error *mark_child(const struct by_address *merged,
				   struct heap_profile *to,
				   const struct heap_profile *parent,
				   const struct heap_profile *child,
				   const uint64_t *addresses)
{
	hs_cleanup(by_address_release) struct by_address old = { 0 };
	struct hs_error *err = by_address_make(parent, &old);
	size_t i, at;

	for (i = 0; i < child->n_stacks && !err; i++) {
		const struct heap_stack *stack = &child->stacks[i];
		struct wanted w = { child, stack, NULL };

		at = find_stack(&old, &w);
		if (at == parent->n_stacks ||
		    !same_counts(&parent->stacks[at].inuse, &stack->inuse))
			continue;
		w.addresses = addresses;
		mark(to, find_stack(merged, &w), &stack->inuse);
	}
	return err;
}

struct hs_error *heap_inherited_mark(struct heap_profile *merged,
				     const struct heap_profile *const *profiles,
				     size_t n, uint64_t *const *addresses)
{
	hs_cleanup(by_address_release) struct by_address all = { 0 };
	struct hs_error *err;
	size_t i, k;

	merged->inherited =
		calloc(merged->n_stacks + 1, sizeof(*merged->inherited));
	if (!merged->inherited)
		return hs_error_nomem();
	err = by_address_make(merged, &all);
	for (k = 0; k < n && !err; k++) {
		for (i = 0; i < n && !err; i++) {
			if (i != k &&
			    is_parent(&profiles[i]->meta, &profiles[k]->meta))
				err = mark_child(&all, merged, profiles[i],
						 profiles[k], addresses[k]);
		}
	}
	return err;
}

/* The end of the main thread's stack; 0: not known. */
static uint64_t stack_end(const struct maps *maps)
{
	size_t i;

	for (i = maps->n; i-- > 0;)
		if (!strcmp(maps->items[i].path, "[stack]"))
			return maps->items[i].end;
	return 0;
}

static bool is_same_image(const struct maps *a, const struct maps *b)
{
	/* A stack that ends there was not put at a random address: the end of
	 * the addresses without a page (arch/x86/include/asm/processor.h,
	 * TASK_SIZE_MAX), and with one of 5 levels. */
	static const uint64_t fixed[] = { (UINT64_C(1) << 47) - 4096,
					  (UINT64_C(1) << 56) - 4096 };
	const uint64_t end = stack_end(a);

	return end && end == stack_end(b) && end != fixed[0] &&
	       end != fixed[1] && a->items[0].start == b->items[0].start &&
	       !strcmp(a->items[0].path, b->items[0].path);
}

struct hs_error *heap_inherited_drop(struct heap_profile *child,
				     const struct heap_profile *parent,
				     struct heap_counts *ret)
{
	hs_cleanup(by_address_release) struct by_address old = { 0 };
	struct hs_error *err;
	size_t i, at;

	if (!is_same_image(&child->maps, &parent->maps))
		return NULL;
	err = by_address_make(parent, &old);
	for (i = 0; i < child->n_stacks && !err; i++) {
		struct heap_counts *c = &child->stacks[i].inuse;
		const struct wanted w = { child, &child->stacks[i], NULL };

		at = find_stack(&old, &w);
		if (at == parent->n_stacks ||
		    !same_counts(&parent->stacks[at].inuse, c))
			continue;
		heap_counts_add(ret, c);
		*c = (struct heap_counts){ 0 };
	}
	child->total = (struct heap_counts){ 0 };
	for (i = 0; i < child->n_stacks; i++)
		heap_counts_add(&child->total, &child->stacks[i].inuse);
	return err;
}
