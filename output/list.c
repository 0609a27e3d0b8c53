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

/* Only where one is: then it has a column. */
static bool any_watched(const struct process_row *rows, size_t n)
{
	while (n && !rows[n - 1].watcher)
		n--;
	return n;
}

static void cell_watcher(struct table *t, const struct process_row *row)
{
	table_cell(t, STYLE_PLAIN);
	if (row->watcher)
		strbuf_addf(&t->text, "%d", (int)row->watcher);
}

static void add_row(struct table *t, const struct process_row *row,
		    bool watchers, enum units units)
{
	const char *profiling = process_profiling_name(row->profiling);

	table_cell(t, STYLE_PLAIN);
	strbuf_addf(&t->text, "%d", (int)row->pid);
	cell(t, STYLE_PLAIN, row->user);
	table_cell(t, STYLE_PLAIN);
	units_add_bytes(&t->text, row->rss, false, units);
	cell(t, STYLE_PLAIN, profiling ? profiling : "?");
	cell_jemalloc(t, row);
	if (watchers)
		cell_watcher(t, row);
	cell(t, STYLE_STRONG, row->command);
	cell(t, STYLE_FAINT, row->linkage == LINKAGE_STATIC ? "" : row->module);
	table_end_row(t);
}

struct hs_error *list_text_write(FILE *f, const struct process_row *rows,
				 size_t n, const struct text_options *options)
{
	static const char *const titles[] = { "pid",	  "user",
					      "resident", "profiling",
					      "jemalloc", "version",
					      "command",  "library" };
	enum { WATCHED_BY = 6 };
	const bool watchers = any_watched(rows, n);
	_cleanup_table_ struct table t = { .columns = ARRAY_SIZE(titles) +
						      watchers,
					   .right = 1u << 0 | 1u << 2 };
	_cleanup_strbuf_ struct strbuf out = { 0 };
	size_t i;

	for (i = 0; i < ARRAY_SIZE(titles); i++) {
		if (watchers && i == WATCHED_BY)
			cell(&t, STYLE_FAINT, "watched by");
		cell(&t, STYLE_FAINT, titles[i]);
	}
	table_end_row(&t);
	for (i = 0; i < n; i++)
		add_row(&t, &rows[i], watchers, options->units);
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
	json_set_integer(b, j, "rss", row->rss);
	json_set_known(b, j, "watched_by", row->watcher ? row->watcher : -1);
	return j;
}

struct hs_error *list_json_write(FILE *f, const struct process_row *rows,
				 size_t n)
{
	_cleanup_json_build_ struct json_build b = { 0 };
	_cleanup_json_ json_t *j = json_object();
	json_t *list = json_array();
	size_t i;

	for (i = 0; i < n; i++)
		json_add(&b, list, row_json(&b, &rows[i]));
	json_set_schema(&b, j);
	json_set_text(&b, j, "kind", "list");
	json_set(&b, j, "processes", list);
	return json_write_whole(f, &b, j, JSON_INDENT(1));
}
