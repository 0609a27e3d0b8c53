#include "heap/format/read_maps.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "base/cleanup.h"
#include "base/strbuf.h"
#include "heap/format/dialect.h"
#include "heap/format/maps_line.h"
#include "heap/format/maps_order.h"
#include "heap/remarks.h"

/* "build=/home/me/app": "$build/x.so" below is in that folder. gperftools has
 * "build", others "source" (jeprof, ParseLibraries(); pprof,
 * legacy_profile.go). */
struct variable {
	const char *name, *value; /* of the profile's strings */
};

enum {
	/* Of a process; vm.max_map_count is 65530 by default, and some services
	 * want four times that. */
	MAPPINGS_MAX = 1 << 20,
};

struct maps_reader {
	struct heap_text *text;
	struct heap_profile *profile;
	struct variable *variables; /* owned */
	size_t n_variables, variables_cap;
	struct strbuf path;
	struct heap_passed unread, cut;
	bool unsorted;
};

static void maps_reader_release(struct maps_reader *r)
{
	free(r->variables);
	strbuf_release(&r->path);
}

static bool is_name(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
	       (c >= '0' && c <= '9') || c == '_';
}

static size_t name_length(struct word w)
{
	size_t n = 0;

	while (n < w.len && is_name(w.s[n]))
		n++;
	return n;
}

/* *is: @line is "NAME=VALUE". */
static struct hs_error *add_variable(struct maps_reader *r, struct word line,
				     bool *is)
{
	struct intern *strings = &r->profile->strings;
	struct hs_error *err;
	struct variable *v;
	size_t n;

	words_skip_blanks(&line);
	n = name_length(line);
	*is = n && n < line.len && line.s[n] == '=' &&
	      !memchr(line.s, '\0', line.len);
	if (!*is)
		return NULL;
	if (!ARRAY_GROW(r->variables, r->variables_cap, r->n_variables + 1))
		return hs_error_nomem();
	v = &r->variables[r->n_variables];
	err = intern_string(strings, line.s, n, &v->name);
	if (!err)
		err = intern_string(strings, line.s + n + 1, line.len - n - 1,
				    &v->value);
	if (!err)
		r->n_variables++;
	return err;
}

/* The value of the variable that @path begins with, which is stepped over; ""
 * without one. The last one set counts. */
static const char *take_variable(const struct maps_reader *r, struct word *path)
{
	struct word name = *path;
	size_t i;

	if (!words_step_over(&name, "$"))
		return "";
	name.len = name_length(name);
	for (i = r->n_variables; i-- > 0;) {
		if (!word_is(name, r->variables[i].name))
			continue;
		words_step(path, name.len + 1);
		return r->variables[i].value;
	}
	return "";
}

/* Where a line has no file offset it counts from the first mapping of the
 * file. */
static void set_offset(const struct maps *maps, struct mapping *m)
{
	size_t i = maps->n;

	while (i && maps->items[i - 1].path == m->path)
		i--;
	if (i < maps->n && m->start > maps->items[i].start)
		m->offset = m->start - maps->items[i].start;
}

static struct hs_error *add_mapping(struct maps_reader *r, struct mapping *m,
				    struct word path, bool based)
{
	struct maps *maps = &r->profile->maps;
	struct hs_error *err;

	if (maps->n >= MAPPINGS_MAX)
		return heap_text_error(r->text, "more than %d mappings",
				       MAPPINGS_MAX);
	strbuf_clear(&r->path);
	strbuf_adds(&r->path, take_variable(r, &path));
	strbuf_add(&r->path, path.s, path.len);
	err = strbuf_check(&r->path);
	if (err)
		return err;
	m->path = "";
	if (r->path.len)
		mapping_set_path(m, r->path.buf, r->path.len);
	err = intern_text(&r->profile->strings, m->path, &m->path);
	if (err)
		return err;
	if (based)
		set_offset(maps, m);
	if (!ARRAY_GROW(maps->items, maps->cap, maps->n + 1))
		return hs_error_nomem();
	if (maps->n && m->start < maps->items[maps->n - 1].end)
		r->unsorted = true;
	maps->items[maps->n++] = *m;
	return NULL;
}

static struct hs_error *add_line(struct maps_reader *r, struct word line)
{
	struct mapping m;
	struct word path;
	bool based, is;
	struct hs_error *err;

	if (heap_maps_line(line, &m, &path, &based))
		return add_mapping(r, &m, path, based);
	err = add_variable(r, line, &is);
	if (!err && !is)
		heap_passed_add(&r->unread, r->text->line);
	return err;
}

/* A line of numbers here was to be counted: "@ 0x1 0x2", "1: 8 [0: 0] @ 0x1",
 * the head of another dump. */
static struct hs_error *check_line(const struct heap_text *t, struct word line)
{
	const char *what = NULL;

	if (heap_dialect_is_start(line.s, line.len + 1))
		what = "another dump begins here";
	else if (line.len &&
		 (line.s[0] == '@' || memmem(line.s, line.len, "] @ 0x", 6)))
		what = "a stack behind the mappings";
	if (!what)
		return NULL;
	return hs_error_hint(heap_text_error(t, "%s", what),
			     "give each dump as a file of its own");
}

/* The last line, which was cut off. Of a path nobody knows how much is missing,
 * unless it is one in brackets. */
static struct hs_error *add_cut_line(struct maps_reader *r, struct word line)
{
	if (line.len && line.s[line.len - 1] == ']')
		return add_line(r, line);
	heap_passed_add(&r->cut, r->text->line);
	return NULL;
}

static struct hs_error *read_lines(struct maps_reader *r)
{
	struct heap_text *t = r->text;
	struct hs_error *err = NULL;
	struct word line;

	while (!err && heap_text_data(t) && !heap_text_is_ours(t)) {
		line.s = t->s;
		line.len =
			(size_t)((const char *)memchr(t->s, '\n',
						      (size_t)(t->end - t->s)) -
				 t->s);
		err = check_line(t, line);
		if (!err)
			err = add_line(r, line);
		if (!err)
			(void)heap_text_next_line(t);
	}
	if (!err && heap_text_take_cut(t, &line.s, &line.len))
		err = add_cut_line(r, line);
	return err;
}

struct hs_error *heap_maps_sort(struct heap_profile *p, const char *name)
{
	struct hs_error *err;
	bool doubtful;
	uint64_t where;

	err = heap_maps_order(&p->maps, &doubtful, &where);
	if (err || !doubtful)
		return err;
	return heap_remark_add(p, NULL,
			       "%s: its mappings of code overlap, first at "
			       "0x%" PRIx64 ": there the one that begins last "
			       "gives the names",
			       name, where);
}

/* @m is anonymous code that stands between two mappings of one file, exactly
 * where the file's own would be. */
static bool is_moved_code(const struct mapping *m)
{
	const struct mapping *before = m - 1, *after = m + 1;

	return m->exec && !m->path[0] && heap_maps_has_file(before) &&
	       mapping_same_file(before, after) && before->end == m->start &&
	       m->end == after->start &&
	       after->offset - before->offset == after->start - before->start;
}

/* A program that wants large pages for its code copies it to anonymous memory in
 * its own place, as node does with --use-largepages: it is the file's code. */
static void name_moved_code(struct maps *maps)
{
	struct mapping *m;
	size_t i;

	for (i = 1; i + 1 < maps->n; i++) {
		m = &maps->items[i];
		if (!is_moved_code(m))
			continue;
		m->moved = true;
		m->path = m[-1].path;
		m->inode = m[-1].inode;
		m->dev_major = m[-1].dev_major;
		m->dev_minor = m[-1].dev_minor;
		m->deleted = m[-1].deleted;
		m->offset = m[-1].offset + (m->start - m[-1].start);
	}
}

bool heap_maps_begin(const struct heap_text *t)
{
	const char *at = t->s;

	heap_text_skip_blank(&at);
	if (!heap_text_skip(&at, "MAPPED_LIBRARIES:") &&
	    !heap_text_skip(&at, "--- Memory map:"))
		return false;
	heap_text_skip_blank(&at);
	(void)heap_text_skip(&at, "---");
	heap_text_skip_blank(&at);
	return *at == '\n';
}

struct hs_error *heap_passed_remark(const struct heap_passed *passed,
				    struct heap_profile *p, const char *name,
				    const char *what, const char *hint)
{
	if (!passed->n)
		return NULL;
	if (passed->n == 1)
		return heap_remark_add(p, hint, "%s:%zu: %s", name,
				       passed->first, what);
	return heap_remark_add(p, hint, "%s:%zu: %s (and %zu more such %s)",
			       name, passed->first, what, passed->n - 1,
			       passed->n == 2 ? "line" : "lines");
}

struct hs_error *heap_read_maps(struct heap_text *t, struct heap_profile *p)
{
	hs_cleanup(maps_reader_release) struct maps_reader r = {
		.text = t,
		.profile = p,
	};
	struct hs_error *err;

	(void)heap_text_next_line(t);
	err = read_lines(&r);
	if (!err && r.unsorted)
		err = heap_maps_sort(p, t->name);
	name_moved_code(&p->maps);
	if (!err)
		err = heap_passed_remark(&r.unread, p, t->name,
					 "not a memory mapping: passed over, "
					 "and code there would have no name",
					 NULL);
	if (!err)
		err = heap_passed_remark(&r.cut, p, t->name,
					 "the file ends within this line, "
					 "which is passed over",
					 NULL);
	return err;
}
