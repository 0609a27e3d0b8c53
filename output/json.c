#include "output/json.h"

#include <errno.h>
#include <inttypes.h>
#include <jansson.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/escape.h"
#include "base/strbuf.h"
#include "heap/unbias.h"
#include "output/breakdown_json.h"
#include "output/diagnosis_json.h"

static void cleanup_json(json_t **j)
{
	json_decref(*j);
}

#define _cleanup_json_ hs_cleanup(cleanup_json)

/* What is put together on the way. */
struct writer {
	FILE *f;
	const struct rows *rows;
	const struct json_options *options;
	char **frames;	    /* owned: the JSON of each of rows->frames */
	struct strbuf text; /* scratch */
	bool failed;	    /* jansson ran out of memory */
	int errnum;	    /* of the first write that failed, or 0 */
};

/* Sets @key of @object; @value is taken. */
static void set(struct writer *w, json_t *object, const char *key,
		json_t *value)
{
	if (json_object_set_new(object, key, value) < 0)
		w->failed = true;
}

static void set_text(struct writer *w, json_t *object, const char *key,
		     const char *s)
{
	if (!s) {
		set(w, object, key, json_null());
		return;
	}
	strbuf_clear(&w->text);
	escape_utf8(&w->text, s, strlen(s));
	set(w, object, key, json_string(strbuf_str(&w->text)));
}

/* -1 is how heap_origin says that it does not know. */
static void set_known(struct writer *w, json_t *object, const char *key,
		      int64_t n)
{
	set(w, object, key, n < 0 ? json_null() : json_integer(n));
}

static void set_integer(struct writer *w, json_t *object, const char *key,
			int64_t n)
{
	set(w, object, key, json_integer(n));
}

static void set_address(struct writer *w, json_t *object, const char *key,
			uint64_t address)
{
	char hex[32];

	snprintf(hex, sizeof(hex), "0x%" PRIx64, address);
	set(w, object, key, json_string(hex));
}

static void set_error(struct writer *w, json_t *object, const char *key,
		      const struct rows_sum *sum)
{
	set(w, object, key, json_real(sqrt(sum->variance)));
}

static json_t *capture_json(struct writer *w, const struct heap_origin *o)
{
	json_t *j = json_object();

	set_text(w, j, "mode", o->mode);
	set_known(w, j, "host_tid", o->host_tid);
	set_known(w, j, "pause_us", o->pause_us);
	set_known(w, j, "dump_us", o->dump_us);
	set_known(w, j, "dump_bytes", o->dump_bytes);
	return j;
}

static json_t *snapshot_json(struct writer *w, const struct heap_profile *p,
			     const struct rows_sum *heap)
{
	json_t *j = json_object();

	set_text(w, j, "file", p->origin.file);
	set_known(w, j, "pid", p->origin.pid);
	set_text(w, j, "command", p->origin.command);
	set_text(w, j, "taken_at", p->origin.taken_at);
	set_text(w, j, "jemalloc_version", p->origin.jemalloc_version);
	set_integer(w, j, "sample_period", (int64_t)p->sample_period);
	set_integer(w, j, "bytes", heap->bytes);
	set_integer(w, j, "objects", heap->objects);
	set_error(w, j, "bytes_se", heap);
	set(w, j, "ledger", ledger_json(&p->origin));
	set(w, j, "capture", capture_json(w, &p->origin));
	return j;
}

static json_t *counts_json(struct writer *w, const struct heap_counts *c)
{
	json_t *j = json_object();

	set_integer(w, j, "bytes", llround(c->bytes));
	set_integer(w, j, "objects", llround(c->objects));
	return j;
}

/* Rows that are counted and not told. */
static json_t *left_out_json(struct writer *w, const struct rows_sum *sum)
{
	json_t *j = json_object();

	set_integer(w, j, "stacks", (int64_t)sum->rows);
	set_integer(w, j, "bytes", sum->bytes);
	set_integer(w, j, "objects", sum->objects);
	return j;
}

static json_t *rebuilt_json(struct writer *w)
{
	const struct rows *rows = w->rows;
	json_t *j = json_array();
	size_t i;

	for (i = 0; i < rows->after->n_modules; i++) {
		const struct heap_module *m = &rows->after->modules[i];

		if (!heap_module_is_rebuilt(m, rows->before))
			continue;
		strbuf_clear(&w->text);
		escape_utf8(&w->text, m->path, strlen(m->path));
		if (json_array_append_new(
			    j, json_string(strbuf_str(&w->text))) < 0)
			w->failed = true;
	}
	return j;
}

static json_t *totals_json(struct writer *w)
{
	const struct rows *rows = w->rows;
	json_t *j = json_object();

	set_integer(w, j, "bytes", rows->net.bytes);
	set_integer(w, j, "objects", rows->net.objects);
	set_error(w, j, "bytes_se", &rows->net);
	if (rows->before) {
		set_integer(w, j, "grown_bytes", rows->grown.bytes);
		set_error(w, j, "grown_bytes_se", &rows->grown);
		set_integer(w, j, "shrunk_bytes", -rows->shrunk.bytes);
		set_error(w, j, "shrunk_bytes_se", &rows->shrunk);
	}
	set(w, j, "suppressed", left_out_json(w, &rows->suppressed));
	set(w, j, "insignificant", left_out_json(w, &rows->insignificant));
	return j;
}

static json_t *frame_json(struct writer *w, const struct row_frame *f)
{
	_cleanup_strbuf_ struct strbuf name = { 0 };
	json_t *j = json_object();

	if (f->function)
		demangle(&name, f->function, w->options->demangle);
	set_text(w, j, "function", f->function ? strbuf_str(&name) : NULL);
	set_text(w, j, "linkage_name", f->function);
	set_text(w, j, "file", f->file);
	set(w, j, "line", f->line ? json_integer(f->line) : json_null());
	set_text(w, j, "module", f->module);
	if (f->has_elf_address)
		set_address(w, j, "offset", f->elf_address);
	else
		set(w, j, "offset", json_null());
	if (f->module)
		set_address(w, j, "file_offset", f->offset);
	else
		set(w, j, "file_offset", json_null());
	set_address(w, j, "address", f->address);
	set(w, j, "inlined", json_boolean(f->inlined));
	if (name.failed)
		w->failed = true;
	return j;
}

/* @points: as many as there are snapshots. */
static json_t *trend_json(struct writer *w, const struct heap_trend *trend,
			  const struct heap_counts *points)
{
	const struct rows_series *series = &w->rows->series;
	json_t *j = json_object(), *bytes = json_array();
	size_t i;

	set(w, j, "slope_bytes", json_real(trend->slope));
	set(w, j, "slope_bytes_se", json_real(trend->error));
	set_text(w, j, "slope_per", series->timed ? "second" : "step");
	set_integer(w, j, "steps", (int64_t)trend->steps);
	set_integer(w, j, "steps_grown", (int64_t)trend->grew);
	set_text(w, j, "verdict", heap_verdict_name(trend->verdict));
	for (i = 0; i < series->n; i++)
		if (json_array_append_new(
			    bytes, json_integer(llround(points[i].bytes))) < 0)
			w->failed = true;
	set(w, j, "bytes", bytes);
	return j;
}

/* All of a row but its frames. */
static json_t *row_json(struct writer *w, const struct row *row)
{
	json_t *j = json_object();

	set_integer(w, j, "bytes", row->bytes);
	set_integer(w, j, "objects", row->objects);
	set(w, j, "bytes_se", json_real(row->error));
	if (w->rows->before) {
		set(w, j, "significant", json_boolean(row_significant(row)));
		set(w, j, "before", counts_json(w, &row->before));
		set(w, j, "after", counts_json(w, &row->after));
		if (row->trend)
			set(w, j, "trend",
			    trend_json(w, row->trend,
				       row_point(w->rows, row, 0)));
	}
	return j;
}

static json_t *snapshots_json(struct writer *w)
{
	const struct rows_series *series = &w->rows->series;
	json_t *j = json_array();
	size_t i;

	for (i = 0; i < series->n; i++) {
		const struct heap_counts *c = &series->totals[i];
		const struct rows_sum sum = { .bytes = llround(c->bytes),
					      .objects = llround(c->objects),
					      .variance = c->bytes_variance };

		if (json_array_append_new(
			    j, snapshot_json(w, series->profiles[i], &sum)) < 0)
			w->failed = true;
	}
	return j;
}

/* All but the stacks. */
static json_t *head_json(struct writer *w)
{
	const struct rows *rows = w->rows;
	json_t *j = json_object();

	set_text(w, j, "schema", "heapsnap/1");
	set_text(w, j, "by", rows_noun(rows));
	set_text(w, j, "counts",
		 rows->counts == ROWS_INUSE ? "inuse" : "allocated");
	if (rows->before) {
		set_text(w, j, "kind", rows->series.n ? "trend" : "diff");
		if (rows->series.n)
			set(w, j, "snapshots", snapshots_json(w));
		set(w, j, "rebuilt_modules", rebuilt_json(w));
		set(w, j, "before",
		    snapshot_json(w, rows->before, &rows->heap_before));
		set(w, j, "after",
		    snapshot_json(w, rows->after, &rows->heap_after));
	} else {
		set_text(w, j, "kind", "report");
		set(w, j, "snapshot",
		    snapshot_json(w, rows->after, &rows->heap_after));
	}
	set(w, j, "diagnosis",
	    diagnosis_json(rows->before ? &rows->before->origin : NULL,
			   &rows->after->origin));
	set(w, j, "hints", hints_json(rows->after));
	set(w, j, "totals", totals_json(w));
	if (rows->series.n)
		set(w, j, "trend",
		    trend_json(w, &rows->series.total, rows->series.totals));
	return j;
}

/* The first error is kept with its errno: later ones only follow from it. */
static int write_chunk(const char *text, size_t len, void *arg)
{
	struct writer *w = arg;

	if (w->errnum)
		return -1;
	if (fwrite(text, 1, len, w->f) == len)
		return 0;
	w->errnum = errno;
	return -1;
}

static void put(struct writer *w, const char *s)
{
	(void)write_chunk(s, strlen(s), w);
}

static struct hs_error *write_error(const struct writer *w)
{
	if (!w->errnum)
		return NULL;
	return hs_error_sys(HS_ERROR_SYSTEM, w->errnum,
			    "cannot write the report");
}

static struct hs_error *dump(struct writer *w, const json_t *j, size_t flags)
{
	if (w->failed || w->text.failed || !j)
		return hs_error_nomem();
	if (json_dump_callback(j, write_chunk, w,
			       flags | JSON_REAL_PRECISION(12)) < 0 &&
	    ferror(w->f))
		return hs_error_sys(HS_ERROR_SYSTEM, errno,
				    "cannot write the report");
	return NULL;
}

/* Frames are in many stacks and are put together once. */
static struct hs_error *write_frame(struct writer *w, uint32_t index)
{
	char **text = &w->frames[index];

	if (!*text) {
		_cleanup_json_ json_t *j =
			frame_json(w, &w->rows->frames[index]);

		*text = json_dumps(j, 0);
		if (!*text || w->failed || w->text.failed)
			return hs_error_nomem();
	}
	put(w, *text);
	return NULL;
}

static struct hs_error *write_row(struct writer *w, const struct row *row)
{
	_cleanup_json_ json_t *j = row_json(w, row);
	struct hs_error *err;
	uint32_t i;

	put(w, "{");
	err = dump(w, j, JSON_EMBED);
	put(w, ", \"frames\": [");
	for (i = 0; !err && i < row->depth; i++) {
		if (i)
			put(w, ", ");
		err = write_frame(w, w->rows->stack[row->first + i]);
	}
	put(w, "]}");
	return err;
}

/* One row at a time: a profile of a hundred thousand stacks is never in memory
 * as JSON. */
static struct hs_error *write_rows(struct writer *w)
{
	size_t i, n = 0, top = w->options->top ? w->options->top : SIZE_MAX;
	struct hs_error *err = NULL;

	for (i = 0; !err && i < w->rows->n && n < top; i++) {
		if (!row_changed(&w->rows->items[i]))
			continue;
		put(w, n++ ? ",\n  " : "\n  ");
		err = write_row(w, &w->rows->items[i]);
	}
	if (!err)
		put(w, n ? "\n ]\n}\n" : "]\n}\n");
	return err ? err : write_error(w);
}

static void writer_release(struct writer *w)
{
	size_t i;

	for (i = 0; w->frames && i < w->rows->n_frames; i++)
		free(w->frames[i]);
	free(w->frames);
	strbuf_release(&w->text);
}

struct hs_error *json_head(const struct rows *rows, char **ret)
{
	hs_cleanup(writer_release) struct writer w = { .rows = rows };
	_cleanup_json_ json_t *head = head_json(&w);

	*ret = json_dumps(head, JSON_REAL_PRECISION(12));
	if (!*ret || w.failed || w.text.failed) {
		free(take_ptr(*ret));
		return hs_error_nomem();
	}
	return NULL;
}

struct hs_error *json_write(FILE *f, const struct rows *rows,
			    const struct json_options *options)
{
	hs_cleanup(writer_release) struct writer w = {
		.f = f,
		.rows = rows,
		.options = options,
		.frames = calloc(rows->n_frames + 1, sizeof(char *)),
	};
	_cleanup_json_ json_t *head = head_json(&w);
	struct hs_error *err;

	if (!w.frames)
		return hs_error_nomem();
	put(&w, "{\n ");
	err = dump(&w, head, JSON_EMBED);
	if (err)
		return err;
	put(&w, ",\n \"stacks\": [");
	return write_rows(&w);
}
