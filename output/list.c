#include "output/list.h"

#include <errno.h>
#include <jansson.h>
#include <string.h>

#include "base/array.h"
#include "base/escape.h"
#include "base/strbuf.h"
#include "output/style.h"
#include "output/table.h"

static void cell(struct table *t, enum style style, const char *s)
{
	table_cell(t, style);
	escape_terminal(&t->text, s, strlen(s));
}

/* "static je_ 5.3.0" */
static void cell_jemalloc(struct table *t, const struct survey_row *row)
{
	cell(t, STYLE_PLAIN, survey_linkage_name(row->linkage));
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

static void add_row(struct table *t, const struct survey_row *row,
		    enum units units)
{
	const char *profiling = survey_profiling_name(row->profiling);

	table_cell(t, STYLE_PLAIN);
	strbuf_addf(&t->text, "%d", (int)row->pid);
	cell(t, STYLE_PLAIN, row->user);
	table_cell(t, STYLE_PLAIN);
	units_add_bytes(&t->text, row->rss, false, units);
	cell(t, STYLE_PLAIN, profiling ? profiling : "?");
	cell_jemalloc(t, row);
	cell(t, STYLE_STRONG, row->command);
	cell(t, STYLE_FAINT, row->linkage == SURVEY_STATIC ? "" : row->module);
	table_end_row(t);
}

struct hs_error *list_text_write(FILE *f, const struct survey_row *rows,
				 size_t n, const struct text_options *options)
{
	static const char *const titles[] = { "pid",	  "user",
					      "resident", "profiling",
					      "jemalloc", "version",
					      "command",  "library" };
	_cleanup_table_ struct table t = { .columns = ARRAY_SIZE(titles),
					   .right = 1u << 0 | 1u << 2 };
	_cleanup_strbuf_ struct strbuf out = { 0 };
	struct hs_error *err;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(titles); i++)
		cell(&t, STYLE_FAINT, titles[i]);
	table_end_row(&t);
	for (i = 0; i < n; i++)
		add_row(&t, &rows[i], options->units);
	if (n)
		table_write(&t, &out, 0, options->color);
	err = strbuf_check(&out);
	if (!err && out.len && fwrite(out.buf, 1, out.len, f) != out.len)
		err = hs_error_sys(HS_ERROR_SYSTEM, errno,
				   "cannot write the list");
	return err;
}

/* @object takes @value; NULL, for memory that ran out, is a failure. */
static bool set(json_t *object, const char *key, json_t *value)
{
	return json_object_set_new(object, key, value) == 0;
}

static json_t *text(const char *s)
{
	_cleanup_strbuf_ struct strbuf sb = { 0 };

	if (!s)
		return json_null();
	escape_utf8(&sb, s, strlen(s));
	return sb.failed ? NULL : json_string(strbuf_str(&sb));
}

static json_t *jemalloc_json(const struct survey_row *row)
{
	json_t *j = json_object();

	if (set(j, "module", text(row->module)) &&
	    set(j, "linkage", text(survey_linkage_name(row->linkage))) &&
	    set(j, "prefix", text(row->prefix)) &&
	    set(j, "version", text(row->version)))
		return j;
	json_decref(j);
	return NULL;
}

static json_t *row_json(const struct survey_row *row)
{
	json_t *j = json_object();

	if (set(j, "pid", json_integer(row->pid)) &&
	    set(j, "user", text(row->user)) &&
	    set(j, "command", text(row->command)) &&
	    set(j, "jemalloc", jemalloc_json(row)) &&
	    set(j, "profiling", text(survey_profiling_name(row->profiling))) &&
	    set(j, "rss", json_integer(row->rss)))
		return j;
	json_decref(j);
	return NULL;
}

struct hs_error *list_json_write(FILE *f, const struct survey_row *rows,
				 size_t n)
{
	json_t *j = json_object(), *list = json_array();
	struct hs_error *err = NULL;
	bool fine = list;
	size_t i;

	for (i = 0; i < n && fine; i++)
		fine = json_array_append_new(list, row_json(&rows[i])) == 0;
	fine = fine && set(j, "schema", json_string("heapsnap/1")) &&
	       set(j, "kind", json_string("list")) &&
	       json_object_set(j, "processes", list) == 0;
	if (!fine)
		err = hs_error_nomem();
	else if (json_dumpf(j, f, JSON_INDENT(1)) < 0 || fputc('\n', f) == EOF)
		err = hs_error_sys(HS_ERROR_SYSTEM, errno,
				   "cannot write the list");
	json_decref(list);
	json_decref(j);
	return err;
}
