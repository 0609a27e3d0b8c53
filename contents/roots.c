#include "contents/roots.h"

#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "base/cleanup.h"
#include "base/search.h"
#include "proc/task.h"

enum {
	WORD = 8,
	PAGE = 4096,
	RED_ZONE = 128,	   /* below the stack pointer: System V ABI, AMD64 */
	STEP = 1 << 20,	   /* bytes that are left out when none is in memory */
	TLS_MAX = 4 << 20, /* what is larger is not only thread-local memory */
};

/* Of what is larger it must be known which pages are there: AddressSanitizer
 * maps 16 TiB. */
#define UNKNOWN_MAX (UINT64_C(16) << 30)

void roots_release(struct roots *roots)
{
	free(roots->items);
	kernel_words_release(&roots->words);
	*roots = (struct roots){ 0 };
}

/* --- mappings -------------------------------------------------------------- */

static uint64_t size_of(const struct mapping *m)
{
	return m->end - m->start;
}

static bool may_hold(const struct usage *u, size_t i)
{
	const struct mapping *m = &u->smaps.maps.items[i];
	const struct smap *s = &u->smaps.items[i];

	if (!m->read || !m->write || m->shared || u->kinds[i] == USAGE_SHARED)
		return false;
	return s->pages ? s->n_set > 0 : size_of(m) <= UNKNOWN_MAX;
}

struct hs_error *roots_memory(const struct usage *usage,
			      struct heap_ranges *ret)
{
	struct hs_error *err = NULL;
	size_t i;

	for (i = 0; i < usage->smaps.n && !err; i++) {
		const struct mapping *m = &usage->smaps.maps.items[i];

		if (may_hold(usage, i))
			err = heap_ranges_add(ret, m->start, m->end);
	}
	return err;
}

/* --- jemalloc's memory ----------------------------------------------------- */

/* Its own data are in blocks between extents. */
static struct hs_error *add_blocks(const struct heap_tree *tree, uint64_t at,
				   uint64_t end, struct heap_ranges *ret)
{
	const uint64_t step = HEAP_BASE_ALIGNMENT;
	struct hs_error *err = NULL;
	uint64_t size;

	at = (at + step - 1) / step * step;
	for (; at < end && end - at >= step && !err; at += size ? size : step) {
		size = heap_tree_base_block(tree, at);
		if (size > end - at)
			size = 0;
		if (size)
			err = heap_ranges_add(ret, at, at + size);
	}
	return err;
}

static struct hs_error *find_own(const struct roots_input *in,
				 const struct heap_range *where, size_t *extent,
				 struct heap_ranges *ret)
{
	const struct heap_ranges *extents = &in->regions->extents;
	struct hs_error *err = NULL;
	uint64_t at = where->start;

	/* An extent may be in this range and the one before it. */
	if (ret->n && ret->items[ret->n - 1].end > at)
		at = ret->items[ret->n - 1].end;
	while (*extent < extents->n && !err) {
		const struct heap_range *e = &extents->items[*extent];

		if (e->start >= where->end)
			break;
		if (e->start > at)
			err = add_blocks(in->tree, at, e->start, ret);
		if (!err)
			err = heap_ranges_add(ret, e->start, e->end);
		at = e->end > at ? e->end : at;
		++*extent;
	}
	if (!err && at < where->end)
		err = add_blocks(in->tree, at, where->end, ret);
	return err;
}

/* All that jemalloc has, with its records and what is free. */
static struct hs_error *find_jemallocs(const struct roots_input *in,
				       struct heap_ranges *ret)
{
	hs_cleanup(heap_ranges_release) struct heap_ranges memory = { 0 };
	struct hs_error *err = roots_memory(in->usage, &memory);
	size_t i, extent = 0;

	for (i = 0; i < memory.n && !err; i++)
		err = find_own(in, &memory.items[i], &extent, ret);
	return err;
}

/* --- ranges ---------------------------------------------------------------- */

struct finder {
	const struct roots_input *in;
	struct heap_ranges jemallocs; /* owned */
	struct roots *roots;
};

static void finder_release(struct finder *f)
{
	heap_ranges_release(&f->jemallocs);
}

/* The thread control block points to itself, in glibc and musl: tcbhead_t,
 * struct pthread. */
static bool has_control_block(const struct finder *f, const struct mapping *m)
{
	const struct memory_source *from = &f->in->tree->memory;
	uint64_t words[PAGE / WORD], at;
	size_t i;

	if (size_of(m) > TLS_MAX)
		return false;
	for (at = m->start; at < m->end; at += PAGE) {
		if (!from->read(from->arg, at, words, PAGE))
			continue;
		for (i = 0; i + 2 < PAGE / WORD; i++) {
			if (words[i] == at + i * WORD &&
			    words[i + 2] == words[i])
				return true;
		}
	}
	return false;
}

static enum root_kind kind_of(const struct finder *f, size_t i)
{
	const struct usage *u = f->in->usage;
	const struct mapping *m = &u->smaps.maps.items[i],
			     *a = f->in->allocator;

	switch (u->kinds[i]) {
	case USAGE_CODE:
		/* Its bss follows its data. */
		while (m > u->smaps.maps.items && !m->path[0] &&
		       m[-1].end == m->start)
			m--;
		return a && mapping_same_file(m, a) ? ROOT_ALLOCATOR
						    : ROOT_DATA;
	case USAGE_BRK:
		return ROOT_BRK;
	case USAGE_STACK:
		return ROOT_STACK;
	case USAGE_FILE:
	case USAGE_SHARED:
	case USAGE_OTHER:
		return ROOT_OTHER;
	case USAGE_ANON:
		break;
	}
	return has_control_block(f, m) ? ROOT_TLS : ROOT_OTHER;
}

/* From the lowest stack pointer in it on; all of it where there is none, since
 * a thread that runs may have it. */
static void cut_stack(const struct roots_input *in, struct root_range *r)
{
	uint64_t lowest = r->end;
	size_t i;

	for (i = 0; i < in->n_threads; i++) {
		const struct root_thread *t = &in->threads[i];

		if (t->sp < r->start || t->sp >= lowest)
			continue;
		lowest = t->sp;
		r->tid = t->tid;
	}
	if (lowest < r->end && lowest - r->start > RED_ZONE)
		r->start = (lowest - RED_ZONE) / WORD * WORD;
}

static struct hs_error *add_range(struct finder *f, const struct root_range *r)
{
	struct roots *to = f->roots;

	if (!ARRAY_GROW(to->items, to->cap, to->n + 1))
		return hs_error_nomem();
	to->items[to->n++] = *r;
	return NULL;
}

/* Adds the parts of @r that are in memory. */
static struct hs_error *add_present(struct finder *f, struct root_range r)
{
	const struct smaps *s = &f->in->usage->smaps;
	const size_t i = (size_t)(r.mapping - s->maps.items);
	const uint64_t end = r.end;
	struct hs_error *err = NULL;
	uint64_t at = r.start, next;
	bool open = false;

	if (!s->items[i].pages)
		return add_range(f, &r);
	for (; at < end && !err; at = next) {
		bool present;

		next = (at / STEP + 1) * STEP < end ? (at / STEP + 1) * STEP
						    : end;
		present = smaps_pages_in(s, i, at / PAGE * PAGE,
					 (next + PAGE - 1) / PAGE * PAGE);
		if (present && !open)
			r.start = at;
		r.end = at;
		if (!present && open)
			err = add_range(f, &r);
		open = present;
	}
	r.end = end;
	return err || !open ? err : add_range(f, &r);
}

/* Adds what of @r is not jemalloc's. */
static struct hs_error *add_around(struct finder *f, struct root_range r)
{
	const struct heap_ranges *own = &f->jemallocs;
	const uint64_t end = r.end;
	struct hs_error *err = NULL;
	size_t i;

	i = search_sorted(own->n, k, own->items[k].end <= r.start);
	for (; i < own->n && own->items[i].start < end && !err; i++) {
		r.end = own->items[i].start;
		if (r.end > r.start)
			err = add_present(f, r);
		r.start = own->items[i].end;
	}
	r.end = end;
	return err || r.start >= end ? err : add_present(f, r);
}

static struct hs_error *add_mapping(struct finder *f, size_t i)
{
	const struct mapping *m = &f->in->usage->smaps.maps.items[i];
	struct root_range r = { .start = m->start,
				.end = m->end,
				.mapping = m };

	if (!may_hold(f->in->usage, i)) {
		if (m->read && m->write && !m->shared &&
		    !f->in->usage->smaps.items[i].pages)
			f->roots->left_out += size_of(m);
		return NULL;
	}
	r.kind = kind_of(f, i);
	if (r.kind == ROOT_STACK)
		cut_stack(f->in, &r);
	return add_around(f, r);
}

static int compare_ranges(const void *x, const void *y)
{
	const struct root_range *a = x, *b = y;

	if (a->kind != b->kind)
		return a->kind < b->kind ? -1 : 1;
	return a->start < b->start ? -1 : a->start > b->start;
}

struct hs_error *roots_find(const struct roots_input *in, struct roots *ret)
{
	hs_cleanup(finder_release) struct finder f = { .in = in, .roots = ret };
	const struct root_range kernels = { .kind = ROOT_KERNEL };
	struct hs_error *err = find_jemallocs(in, &f.jemallocs);
	size_t i;

	for (i = 0; i < in->usage->smaps.n && !err; i++)
		err = add_mapping(&f, i);
	if (!err)
		err = add_range(&f, &kernels);
	if (!err)
		qsort(ret->items, ret->n, sizeof(*ret->items), compare_ranges);
	return err;
}

/* --- threads --------------------------------------------------------------- */

struct hs_error *roots_threads(pid_t pid, struct root_thread **ret, size_t *n)
{
	struct task_list tasks = { 0 };
	struct hs_error *unread, *err = task_list_read(pid, &tasks);
	size_t i;

	*n = 0;
	*ret = NULL;
	if (err)
		return err;
	*ret = calloc(tasks.n + 1, sizeof(**ret));
	for (i = 0; *ret && i < tasks.n; i++) {
		struct task_syscall call = { 0 };

		unread = task_syscall_read(pid, tasks.tids[i], &call);
		(*ret)[(*n)++] = (struct root_thread){
			.tid = tasks.tids[i],
			.sp = unread || call.activity == TASK_RUNNING ? 0
								      : call.sp,
		};
		hs_error_free(unread);
	}
	task_list_release(&tasks);
	return *ret ? NULL : hs_error_nomem();
}
