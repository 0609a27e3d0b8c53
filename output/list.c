#include "output/list.h"

#include <inttypes.h>
#include <string.h>

#include "base/array.h"
#include "base/escape.h"
#include "base/strbuf.h"
#include "output/json_build.h"
#include "output/style.h"
#include "output/table.h"
#include "output/write.h"

static void cell(struct table *t, enum style style, const char *s)
{
	table_cell(t, style);
	escape_terminal(&t->text, s, strlen(s));
}

/* "static je_ 5.3.0" */
static void cell_jemalloc(struct table *t, const struct process_row *row)
{
	cell(t, STYLE_PLAIN, process_linkage_name(row->linkage));
	/* Its version ends in "-<commits>-g<hash>". */
	table_cell(t, STYLE_PLAIN);
	if (row->version)
		escape_terminal(&t->text, row->version,
				strcspn(row->version, "-"));
	else
		strbuf_addc(&t->text, '?');
	if (row->prefix[0]) {
		strbuf_addc(&t->text, ' ');
		escape_terminal(&t->text, row->prefix, strlen(row->prefix));
	}
}

/* Columns that are there only where a row has something in them. */
struct columns {
	bool containers, watchers;
};

static struct columns columns_of(const struct process_row *rows, size_t n)
{
	struct columns ret = { 0 };
	size_t i;

	for (i = 0; i < n; i++) {
		ret.containers |= rows[i].container != NULL;
		ret.watchers |= rows[i].watcher != 0;
	}
	return ret;
}

static void cell_watcher(struct table *t, const struct process_row *row)
{
	table_cell(t, STYLE_PLAIN);
	if (row->watcher)
		strbuf_addf(&t->text, "%d", (int)row->watcher);
}

static void add_row(struct table *t, const struct process_row *row,
		    const struct columns *columns, enum units units)
{
	const char *profiling = process_profiling_name(row->profiling);

	table_cell(t, STYLE_PLAIN);
	strbuf_addf(&t->text, "%d", (int)row->pid);
	cell(t, STYLE_PLAIN, row->user);
	table_cell(t, STYLE_PLAIN);
	units_add_bytes(&t->text, row->rss, false, units);
	cell(t, STYLE_PLAIN, profiling ? profiling : "?");
	cell_jemalloc(t, row);
	if (columns->containers)
		cell(t, STYLE_PLAIN, row->container ? row->container : "");
	if (columns->watchers)
		cell_watcher(t, row);
	cell(t, STYLE_STRONG, row->command);
	cell(t, STYLE_FAINT, row->linkage == LINKAGE_STATIC ? "" : row->module);
	table_end_row(t);
}

static void add_titles(struct table *t, const struct columns *columns)
{
	static const char *const titles[] = {
		"pid",	   "user",	"resident",   "profiling", "jemalloc",
		"version", "container", "watched by", "command",   "library"
	};
	enum { CONTAINER = 6, WATCHED_BY };
	size_t i;

	for (i = 0; i < ARRAY_SIZE(titles); i++)
		if ((i != CONTAINER || columns->containers) &&
		    (i != WATCHED_BY || columns->watchers))
			cell(t, STYLE_FAINT, titles[i]);
	table_end_row(t);
}

struct hs_error *list_text_write(FILE *f, const struct process_row *rows,
				 size_t n, const struct text_options *options)
{
	enum { ALWAYS = 8 };
	const struct columns columns = columns_of(rows, n);
	_cleanup_table_ struct table t = {
		.columns = ALWAYS + columns.containers + columns.watchers,
		.right = 1u << 0 | 1u << 2,
	};
	_cleanup_strbuf_ struct strbuf out = { 0 };
	size_t i;

	add_titles(&t, &columns);
	for (i = 0; i < n; i++)
		add_row(&t, &rows[i], &columns, options->units);
	if (n)
		table_write(&t, &out, 0, options->color);
	return write_flush(&out, f);
}

static json_t *jemalloc_json(struct json_build *b,
			     const struct process_row *row)
{
	json_t *j = json_object();

	json_set_text(b, j, "module", row->module);
	json_set_text(b, j, "linkage", process_linkage_name(row->linkage));
	json_set_text(b, j, "prefix", row->prefix);
	json_set_text(b, j, "version", row->version);
	return j;
}

static json_t *row_json(struct json_build *b, const struct process_row *row)
{
	json_t *j = json_object();

	json_set_integer(b, j, "pid", row->pid);
	json_set_text(b, j, "user", row->user);
	json_set_text(b, j, "command", row->command);
	json_set(b, j, "jemalloc", jemalloc_json(b, row));
	json_set_text(b, j, "profiling",
		      process_profiling_name(row->profiling));
	json_set_flag(b, j, "environment_lost", row->environment_lost);
	json_set_text(b, j, "container", row->container);
	json_set_integer(b, j, "rss", row->rss);
	json_set_known(b, j, "watched_by", row->watcher ? row->watcher : -1);
	return j;
}

static json_t *unread_json(struct json_build *b,
			   const struct process_unread *unread)
{
	json_t *j = json_object();

	json_set_integer(b, j, "pid", unread->pid);
	json_set_text(b, j, "user", unread->user);
	json_set_text(b, j, "command", unread->command);
	json_set_text(b, j, "why", unread->why);
	return j;
}

struct hs_error *list_json_write(FILE *f, const struct process_row *rows,
				 size_t n, const struct process_unread *unread,
				 size_t n_unread)
{
	_cleanup_json_build_ struct json_build b = { 0 };
	_cleanup_json_ json_t *j = json_object();
	json_t *list = json_array(), *others = json_array();
	size_t i;

	for (i = 0; i < n; i++)
		json_add(&b, list, row_json(&b, &rows[i]));
	for (i = 0; i < n_unread; i++)
		json_add(&b, others, unread_json(&b, &unread[i]));
	json_set_schema(&b, j);
	json_set_text(&b, j, "kind", "list");
	json_set(&b, j, "processes", list);
	json_set(&b, j, "not_looked_at", others);
	return json_write_whole(f, &b, j, JSON_INDENT(1));
}
