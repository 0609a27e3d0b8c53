#include "output/wrappers.h"

#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "base/str.h"

enum { LIKE_CALLERS = 2 };

void wrappers_release(struct wrappers *w)
{
	free(w->of);
	free(w->inside);
	*w = (struct wrappers){ 0 };
}

static struct hs_error *reserve(struct wrappers *w, size_t symbols,
				size_t frames)
{
	const size_t had = w->cap, marked = w->inside_cap;

	if (!ARRAY_GROW(w->of, w->cap, symbols) ||
	    !ARRAY_GROW(w->inside, w->inside_cap, frames))
		return hs_error_nomem();
	if (w->cap > had)
		memset(w->of + had, 0, (w->cap - had) * sizeof(*w->of));
	if (w->inside_cap > marked)
		memset(w->inside + marked, 0, w->inside_cap - marked);
	return NULL;
}

/* Callers without a name are told apart by what they show. Bit 31 is free: both
 * numbers are below that of frames. */
static uint32_t caller_of(const struct row_frame *f)
{
	return f->look->symbol ? f->look->symbol : f->key | UINT32_C(1) << 31;
}

static void note_caller(struct wrapper_evidence *e, const struct row_frame *f)
{
	const uint32_t caller = caller_of(f);
	size_t i;

	for (i = 0; i < e->n_callers; i++)
		if (e->callers[i] == caller)
			return;
	if (e->n_callers < WRAPPER_CALLERS)
		e->callers[e->n_callers++] = caller;
}

/* Where in the function the call is. */
static void note_site(struct wrapper_evidence *e, const struct row_frame *f)
{
	const uint64_t site = f->look->line ? f->look->line : f->offset;
	size_t i;

	for (i = 0; i < e->n_sites; i++)
		if (e->sites[i] == site)
			return;
	if (e->n_sites <= WRAPPER_SITES)
		e->sites[e->n_sites++] = site;
}

struct hs_error *wrappers_count(struct wrappers *w, const struct rows *rows,
				size_t first, size_t n)
{
	const uint32_t *stack = rows->stack + first;
	const struct row_frame *f;
	struct hs_error *err;
	bool named = true;
	size_t i;

	/* The first that no name explains is decided by its place. */
	for (i = 0; i < n && named; i++) {
		f = &rows->frames[stack[i]];
		err = reserve(w, (size_t)f->look->symbol + 1, rows->n_frames);
		if (err)
			return err;
		if (i + 1 < n)
			note_caller(&w->of[f->look->symbol],
				    &rows->frames[stack[i + 1]]);
		note_site(&w->of[f->look->symbol], f);
		named = f->look->wrapper != WRAPPER_UNNAMED;
	}
	for (; i < n; i++)
		w->inside[stack[i]] = true;
	return NULL;
}

static bool wraps(const struct wrappers *w, const struct row_frame *f)
{
	const struct wrapper_evidence *e =
		f->look->symbol < w->cap ? &w->of[f->look->symbol] : NULL;

	if (f->look->wrapper == WRAPPER_KNOWN)
		return true;
	if (!e || !f->look->symbol)
		return false;
	return e->wraps || (f->look->wrapper == WRAPPER_LIKE &&
			    e->n_callers >= LIKE_CALLERS);
}

void wrappers_decide(struct wrappers *w, const struct rows *rows)
{
	struct wrapper_evidence *e;
	size_t i;

	for (i = 0; i < rows->n_frames && i < w->inside_cap; i++)
		if (w->inside[i] && rows->frames[i].look->symbol < w->cap)
			w->of[rows->frames[i].look->symbol].inside = true;
	/* 0: without a name. */
	for (i = 1; i < w->cap; i++) {
		e = &w->of[i];
		e->wraps = e->n_callers == WRAPPER_CALLERS &&
			   e->n_sites <= WRAPPER_SITES && !e->inside;
	}
	for (i = 0; i < rows->n_frames && !w->any; i++)
		w->any = wraps(w, &rows->frames[i]);
}

/* So many frames at the leaf have no name, as static functions of stripped
 * libraries have none, and a known wrapper of the same module calls them; or
 * 0. */
static uint32_t inside_wrapper(const struct rows *rows, size_t first, size_t n)
{
	const uint32_t *stack = rows->stack + first;
	const char *module = rows->frames[stack[0]].look->module;
	const struct row_frame *f;
	uint32_t i;

	for (i = 0; i + 1 < n; i++) {
		f = &rows->frames[stack[i]];
		if (!str_equal(f->look->module, module))
			return 0;
		if (f->look->symbol)
			return f->look->wrapper == WRAPPER_KNOWN ? i : 0;
	}
	return 0;
}

uint32_t wrappers_at_leaf(const struct wrappers *w, const struct rows *rows,
			  size_t first, size_t n)
{
	uint32_t i;

	/* Most programs have none, and a million stacks. */
	if (!w->any)
		return 0;
	for (i = inside_wrapper(rows, first, n); i + 1 < n; i++)
		if (!wraps(w, &rows->frames[rows->stack[first + i]]))
			break;
	return i;
}
