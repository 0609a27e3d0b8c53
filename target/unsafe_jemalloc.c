#include "target/unsafe_jemalloc.h"

#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "base/search.h"
#include "target/unsafe_names.h"

/* Between the functions of one object file there is padding, and small code
 * without a symbol. */
enum { GAP = 256 };

/* A prefix of function names, not NUL-terminated. */
struct prefix {
	const char *s; /* owned by the elf_file or the struct jemalloc */
	size_t len;
};

struct search {
	const struct loaded_file *file;
	const struct jemallocs *jemallocs;
	struct prefix *private; /* owned: "je_", "_rjem_je_" */
	size_t n_private, private_cap;
	struct text_ranges ranges;
	/* Second pass: local functions of the object file now being read. */
	struct text_ranges group;
	const char *source; /* of the group */
	size_t n_named;	    /* ranges that the pass before found */
	struct hs_error *err;
};

struct end_search {
	uint64_t address, end;
};

static bool end_search_see(const struct elf_symbol *sym, void *arg)
{
	struct end_search *search = arg;

	if (sym->code && sym->address > search->address &&
	    sym->address < search->end)
		search->end = sym->address;
	return true;
}

struct hs_error *symbol_end(const struct elf_file *file,
			    const struct elf_symbol *sym, uint64_t *ret)
{
	struct end_search search = { sym->address, sym->code_limit };
	struct hs_error *err;

	if (sym->size) {
		*ret = sym->address + sym->size;
		return NULL;
	}
	err = elf_file_each_symbol(file, end_search_see, &search);
	*ret = search.end > sym->address ? search.end : sym->address + 1;
	return err;
}

/* --- the names of the inner functions -------------------------------------- */

static bool has_prefix(const char *name, const struct prefix *p)
{
	return !strncmp(name, p->s, p->len);
}

static bool learn_private_prefix(const struct elf_symbol *sym, void *arg)
{
	struct search *s = arg;
	struct prefix p = { sym->name, 0 };
	size_t i;

	if (!sym->function)
		return true;
	p.len = code_name_private_prefix(sym->name,
					 code_name_length(sym->name));
	if (!p.len)
		return true;
	for (i = 0; i < s->n_private; i++)
		if (s->private[i].len == p.len &&
		    has_prefix(p.s, &s->private[i]))
			return true;
	if (!ARRAY_GROW(s->private, s->private_cap, s->n_private + 1)) {
		s->err = hs_error_nomem();
		return false;
	}
	s->private[s->n_private++] = p;
	return true;
}

/* --- first pass: by name --------------------------------------------------- */

static bool is_named_jemalloc(const struct search *s, const char *name)
{
	size_t len = code_name_length(name), i;

	for (i = 0; i < s->n_private; i++)
		if (has_prefix(name, &s->private[i]))
			return true;
	for (i = 0; i < s->jemallocs->n_all; i++) {
		const struct jemalloc *je = &s->jemallocs->items[i];
		struct prefix p = { je->prefix, strlen(je->prefix) };

		if (je->file == s->file && len > p.len &&
		    has_prefix(name, &p) &&
		    code_name_is_api(name + p.len, len - p.len))
			return true;
	}
	return code_name_is_cxx_operator(name, len);
}

struct hs_error *text_ranges_add(struct text_ranges *ranges,
				 const struct elf_file *file,
				 const struct elf_symbol *sym)
{
	struct text_range range = { .start = sym->address };
	struct hs_error *err = symbol_end(file, sym, &range.end);

	if (err)
		return err;
	if (!ARRAY_GROW(ranges->items, ranges->cap, ranges->n + 1))
		return hs_error_nomem();
	ranges->items[ranges->n++] = range;
	return NULL;
}

static bool add_named(const struct elf_symbol *sym, void *arg)
{
	struct search *s = arg;

	if (sym->function && is_named_jemalloc(s, sym->name))
		s->err = text_ranges_add(&s->ranges, s->file->symbols, sym);
	return !s->err;
}

static int compare_ranges(const void *a, const void *b)
{
	const struct text_range *x = a, *y = b;

	return (x->start > y->start) - (x->start < y->start);
}

static void text_ranges_merge(struct text_ranges *ranges)
{
	size_t i, n = 0;

	if (!ranges->n)
		return;
	qsort(ranges->items, ranges->n, sizeof(*ranges->items), compare_ranges);
	for (i = 1; i < ranges->n; i++) {
		struct text_range *last = &ranges->items[n];
		const struct text_range *r = &ranges->items[i];

		if (r->start >= last->end && r->start - last->end >= GAP)
			ranges->items[++n] = *r;
		else if (r->end > last->end)
			last->end = r->end;
	}
	ranges->n = n + 1;
}

/* --- second pass: by neighbourhood --------------------------- */

/* Less than GAP bytes from a function that the pass before found. */
static bool is_near(const struct search *s, const struct text_range *r)
{
	/* The first range that does not end GAP or more before r. */
	const size_t at = search_sorted(
		s->n_named, i, s->ranges.items[i].end + GAP <= r->start);

	return at < s->n_named && s->ranges.items[at].start < r->end + GAP;
}

/*
 * Local functions have plain names ("extent_recycle"), and only the name of
 * their source file identifies them. But other programs have a "log.c" or
 * "stats.c", too, and we could never attach to a service whose main loop
 * counted as the allocator. So the local functions of one object file, which
 * follow each other in the symbol table, count only when one of them lies next
 * to a function with jemalloc's name: an object file is one piece of text, or a
 * piece of each kind (.text, .text.unlikely).
 */
static void group_finish(struct search *s)
{
	size_t i;
	bool near = false;

	for (i = 0; i < s->group.n && !near; i++)
		near = is_near(s, &s->group.items[i]);
	for (i = 0; i < s->group.n && near && !s->err; i++) {
		if (!ARRAY_GROW(s->ranges.items, s->ranges.cap,
				s->ranges.n + 1))
			s->err = hs_error_nomem();
		else
			s->ranges.items[s->ranges.n++] = s->group.items[i];
	}
	s->group.n = 0;
}

static bool add_local(const struct elf_symbol *sym, void *arg)
{
	struct search *s = arg;

	if (sym->source != s->source) {
		group_finish(s);
		s->source = sym->source;
	}
	if (!s->err && sym->function && sym->local && sym->source &&
	    code_name_is_source(sym->source))
		s->err = text_ranges_add(&s->group, s->file->symbols, sym);
	return !s->err;
}

/* --- third pass: malloc() and its like ------------------------------------- */

/* They are known by the prefix of its mallctl(), unless the linker has dropped
 * that: then by their neighbours. */
static bool add_unnamed(const struct elf_symbol *sym, void *arg)
{
	struct text_range range = { .start = sym->address,
				    .end = sym->address + sym->size };
	const struct text_ranges one = { .items = &range, .n = 1 };
	struct search *s = arg;

	if (sym->function && !sym->local && is_near(s, &range) &&
	    code_name_is_api(sym->name, code_name_length(sym->name)) &&
	    !text_ranges_have(&s->ranges, &one))
		s->err = text_ranges_add(&s->ranges, s->file->symbols, sym);
	return !s->err;
}

static struct hs_error *
search_pass(struct search *s, bool (*fn)(const struct elf_symbol *, void *))
{
	struct hs_error *err;

	err = elf_file_each_symbol(s->file->symbols, fn, s);
	if (!err) {
		err = s->err;
		s->err = NULL;
	}
	return err;
}

static struct hs_error *search_run(struct search *s)
{
	struct hs_error *err = search_pass(s, learn_private_prefix);

	if (err || !s->n_private)
		return err;
	err = search_pass(s, add_named);
	if (err)
		return err;
	text_ranges_merge(&s->ranges);
	s->n_named = s->ranges.n;
	err = search_pass(s, add_local);
	if (err)
		return err;
	group_finish(s);
	err = s->err;
	do {
		text_ranges_merge(&s->ranges);
		s->n_named = s->ranges.n;
		if (!err)
			err = search_pass(s, add_unnamed);
	} while (!err && s->ranges.n > s->n_named);
	return err;
}

struct hs_error *unsafe_jemalloc(const struct loaded_file *file,
				 const struct jemallocs *jemallocs,
				 struct text_ranges *ret)
{
	struct search s = { .file = file, .jemallocs = jemallocs };
	struct hs_error *err = search_run(&s);

	free(s.private);
	free(s.group.items);
	if (err) {
		free(s.ranges.items);
		return err;
	}
	*ret = s.ranges;
	return NULL;
}

bool text_ranges_have(const struct text_ranges *ranges,
		      const struct text_ranges *inner)
{
	size_t i, k;

	for (i = 0; i < inner->n; i++) {
		uint64_t at = inner->items[i].start;

		for (k = 0; k < ranges->n; k++)
			if (ranges->items[k].start <= at &&
			    at < ranges->items[k].end)
				break;
		if (k == ranges->n)
			return false;
	}
	return true;
}

void text_ranges_release(struct text_ranges *ranges)
{
	free(ranges->items);
	*ranges = (struct text_ranges){ 0 };
}
