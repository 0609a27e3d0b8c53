/* SARIF 2.1.0, by the schema of OASIS: tests/data/schemas/. */
#include <stdlib.h>
#include <string.h>

#include "heap/remarks.h"
#include "output/findings.h"
#include "output/formats.h"
#include "output/json_build.h"
#include "output/label.h"
#include "output/write.h"

static const char *rule_of(const struct rows *rows)
{
	return rows->before ? "heap-growth" : "heap-left";
}

static json_t *message_json(struct json_build *b, const char *text)
{
	json_t *j = json_object();

	json_set_text(b, j, "text", text);
	return j;
}

/* The path @path as a URI (RFC 3986); relative stays relative. */
static json_t *uri_json(struct json_build *b, const char *path)
{
	static const char plain[] = "abcdefghijklmnopqrstuvwxyz"
				    "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
				    "0123456789-._~/";
	_cleanup_strbuf_ struct strbuf sb = { 0 };
	const char *p;

	if (*path == '/')
		strbuf_adds(&sb, "file://");
	for (p = path; *p; p++) {
		if (strchr(plain, *p))
			strbuf_addc(&sb, *p);
		else
			strbuf_addf(&sb, "%%%02X", (unsigned char)*p);
	}
	return sb.failed ? NULL : json_text(b, strbuf_str(&sb));
}

static json_t *place_json(struct json_build *b, const struct row_frame *f)
{
	json_t *place = json_object(), *file = json_object(), *region;

	json_set(b, file, "uri", uri_json(b, f->look->file));
	json_set(b, place, "artifactLocation", file);
	if (f->look->line) {
		region = json_object();
		json_set_integer(b, region, "startLine", f->look->line);
		json_set(b, place, "region", region);
	}
	return place;
}

static json_t *location_json(struct json_build *b, const struct row_frame *f)
{
	_cleanup_strbuf_ struct strbuf name = { 0 };
	json_t *j = json_object(), *logical = json_object();
	json_t *all = json_array();

	label_add(&name, f);
	b->failed |= name.failed;
	if (f->look->file)
		json_set(b, j, "physicalLocation", place_json(b, f));
	json_set_text(b, logical, "fullyQualifiedName", strbuf_str(&name));
	if (f->look->function)
		json_set_text(b, logical, "kind", "function");
	json_add(b, all, logical);
	json_set(b, j, "logicalLocations", all);
	return j;
}

static json_t *stack_json(struct json_build *b, const struct rows *rows,
			  const struct row *row)
{
	json_t *j = json_object(), *frames = json_array();
	uint32_t i;

	for (i = 0; i < row->depth; i++) {
		const struct row_frame *f = row_frame(rows, row, i);
		json_t *frame = json_object();

		json_set(b, frame, "location", location_json(b, f));
		if (f->look->module)
			json_set_text(b, frame, "module", f->look->module);
		json_add(b, frames, frame);
	}
	json_set(b, j, "frames", frames);
	return j;
}

static json_t *result_json(struct json_build *b, const struct rows *rows,
			   const struct limit_verdict *verdict,
			   const char *text)
{
	static const char *const levels[] = {
		[FINDING_ERROR] = "error",
		[FINDING_WARNING] = "warning",
		[FINDING_NOTE] = "note",
	};
	json_t *j = json_object();

	json_set_text(b, j, "ruleId", rule_of(rows));
	json_set_integer(b, j, "ruleIndex", 0);
	json_set_text(b, j, "level", levels[findings_level(verdict)]);
	json_set(b, j, "message", message_json(b, text));
	return j;
}

static json_t *finding_json(struct json_build *b, const struct rows *rows,
			    const struct row *row,
			    const struct format_options *o)
{
	_cleanup_strbuf_ struct strbuf text = { 0 };
	json_t *places = json_array(), *stacks = json_array();
	json_t *numbers = json_object(), *j;

	finding_add_name(&text, rows, row);
	strbuf_adds(&text, ": ");
	finding_add_amount(&text, rows, row, o->units);
	b->failed |= text.failed;
	j = result_json(b, rows, &o->verdict, strbuf_str(&text));
	if (row->depth) {
		json_add(b, places, location_json(b, row_title(rows, row)));
		json_add(b, stacks, stack_json(b, rows, row));
	}
	json_set(b, j, "locations", places);
	json_set(b, j, "stacks", stacks);
	json_set_integer(b, numbers, "bytes", row->bytes);
	if (rows_count_objects(rows))
		json_set_integer(b, numbers, "objects", row->objects);
	json_set(b, j, "properties", numbers);
	return j;
}

static json_t *tool_json(struct json_build *b, const struct rows *rows)
{
	json_t *tool = json_object(), *driver = json_object();
	json_t *rules = json_array(), *rule = json_object();

	json_set_text(b, rule, "id", rule_of(rows));
	json_set(b, rule, "shortDescription",
		 message_json(b, rows->before
					 ? "Memory that became more between "
					   "two snapshots, beyond sampling "
					   "noise."
					 : "Memory that is allocated and not "
					   "freed."));
	json_add(b, rules, rule);
	json_set_text(b, driver, "name", "heapsnap");
	json_set(b, driver, "rules", rules);
	json_set(b, tool, "driver", driver);
	return tool;
}

static void add_remarks(struct json_build *b, json_t *all,
			const struct heap_profile *p)
{
	json_t *j;
	size_t i;

	for (i = 0; p && i < p->n_remarks; i++) {
		j = json_object();
		json_set_text(b, j, "level", "warning");
		json_set(b, j, "message", message_json(b, p->remarks[i].text));
		json_add(b, all, j);
	}
}

static json_t *invocations_json(struct json_build *b, const struct rows *rows)
{
	json_t *all = json_array(), *j = json_object(), *told = json_array();

	add_remarks(b, told, rows->before);
	add_remarks(b, told, rows->after);
	json_set_flag(b, j, "executionSuccessful", true);
	json_set(b, j, "toolExecutionNotifications", told);
	json_add(b, all, j);
	return all;
}

/* The whole but for its results, which come last. */
static json_t *log_json(struct json_build *b, const struct rows *rows)
{
	json_t *log = json_object(), *runs = json_array();
	json_t *run = json_object();

	json_set(b, run, "tool", tool_json(b, rows));
	json_set(b, run, "invocations", invocations_json(b, rows));
	json_set(b, run, "results", json_array());
	json_add(b, runs, run);
	json_set_text(b, log, "$schema",
		      "https://json.schemastore.org/sarif-2.1.0.json");
	json_set_text(b, log, "version", "2.1.0");
	json_set(b, log, "runs", runs);
	return log;
}

/* One result at a time: those of many stacks would be gigabytes. */
struct writer {
	FILE *f;
	struct json_build build;
	struct strbuf text, out; /* of a result; what is to be written */
	size_t n;		 /* results */
};

static void writer_release(struct writer *w)
{
	json_build_release(&w->build);
	strbuf_release(&w->text);
	strbuf_release(&w->out);
}

/* What ends the text of an empty log, after "[" of its results. */
static const char log_end[] = "]\n  }\n ]\n}";

/* A result is four levels deep in the log. */
static struct hs_error *write_result(struct writer *w, json_t *result)
{
	_cleanup_json_ json_t *j = result;
	struct hs_error *err;
	const char *s;

	strbuf_clear(&w->text);
	err = json_dump_to(&w->text, &w->build, j, JSON_INDENT(1));
	if (err)
		return err;
	strbuf_adds(&w->out, w->n++ ? ",\n    " : "\n    ");
	for (s = strbuf_str(&w->text); *s; s++) {
		strbuf_addc(&w->out, *s);
		if (*s == '\n')
			strbuf_adds(&w->out, "    ");
	}
	return write_flush(&w->out, w->f);
}

static struct hs_error *write_results(struct writer *w, const struct rows *rows,
				      const struct format_options *o)
{
	const size_t end = formats_rows(rows, o->top);
	struct hs_error *err = NULL;
	size_t i;

	for (i = 0; !err && i < end; i++)
		if (finding_is(rows, &rows->items[i]))
			err = write_result(w, finding_json(&w->build, rows,
							   &rows->items[i], o));
	if (!err && !w->n && o->verdict.above)
		err = write_result(w, result_json(&w->build, rows, &o->verdict,
						  o->verdict.above));
	return err;
}

struct hs_error *sarif_write(FILE *f, const struct rows *rows,
			     const struct format_options *o)
{
	hs_cleanup(writer_release) struct writer w = { .f = f };
	_cleanup_json_ json_t *log = log_json(&w.build, rows);
	struct hs_error *err;

	err = json_dump_to(&w.out, &w.build, log, JSON_INDENT(1));
	if (err)
		return err;
	w.out.len -= strlen(log_end);
	err = write_flush(&w.out, f);
	if (!err)
		err = write_results(&w, rows, o);
	strbuf_adds(&w.out, w.n ? "\n   " : "");
	strbuf_addf(&w.out, "%s\n", log_end);
	return err ? err : write_flush(&w.out, f);
}
