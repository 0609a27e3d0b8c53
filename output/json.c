#include "output/json.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/strbuf.h"
#include "heap/diff.h"
#include "heap/remarks.h"
#include "heap/unbias.h"
#include "output/breakdown_json.h"
#include "output/diagnosis_json.h"
#include "output/json_build.h"
#include "output/limit_text.h"
#include "output/meta_json.h"
#include "output/write.h"

enum {
	MOST_KEPT = 32 << 20, /* bytes of frames' JSON */
	US_PER_MS = 1000,
};

/* The state of writing a report. */
struct writer {
	FILE *f;
	const struct rows *rows;
	size_t top;    /* rows to write; 0: all */
	char **frames; /* owned: the JSON of each of rows->frames, or NULL */
	size_t kept;   /* bytes in frames */
	struct json_build build;
	struct strbuf out;
};

static void set_error(struct json_build *b, json_t *object, const char *key,
		      const struct rows_sum *sum)
{
	json_set(b, object, key, json_real(sqrt(sum->variance)));
}

static json_t *warnings_json(struct json_build *b, const struct heap_profile *p)
{
	json_t *j = json_array();
	size_t i;

	for (i = 0; i < p->n_remarks; i++)
		json_add(b, j, json_text(b, p->remarks[i].text));
	return j;
}

static void set_objects(struct json_build *b, json_t *j, int64_t n, bool known)
{
	json_set(b, j, "objects", known ? json_integer(n) : json_null());
}

static json_t *snapshot_json(struct json_build *b, const struct heap_profile *p,
			     const struct rows_sum *heap)
{
	json_t *j = json_object();

	meta_json_set(b, j, &p->meta);
	json_set(b, j, "sample_period",
		 p->sampling_unknown
			 ? json_null()
			 : json_integer((json_int_t)p->sample_period));
	json_set_integer(b, j, "bytes", heap->bytes);
	set_objects(b, j, heap->objects, !p->no_objects);
	set_error(b, j, "bytes_se", heap);
	json_set(b, j, "ledger", breakdown_json(b, &p->meta));
	json_set(b, j, "capture", capture_json(b, &p->meta));
	json_set(b, j, "warnings", warnings_json(b, p));
	return j;
}

static json_t *counts_json(struct json_build *b, const struct heap_profile *of,
			   const struct heap_counts *c)
{
	json_t *j = json_object();

	json_set_integer(b, j, "bytes", llround(c->bytes));
	set_objects(b, j, llround(c->objects), !of->no_objects);
	return j;
}

/* Rows that are counted but not shown. */
static json_t *left_out_json(struct json_build *b, const struct rows *rows,
			     const struct rows_sum *sum)
{
	json_t *j = json_object();

	json_set_integer(b, j, "stacks", (int64_t)sum->rows);
	json_set_integer(b, j, "bytes", sum->bytes);
	set_objects(b, j, sum->objects, rows_count_objects(rows));
	return j;
}

static json_t *rebuilt_json(struct json_build *b, const struct rows *rows)
{
	json_t *j = json_array();
	size_t i;

	for (i = 0; i < rows->after->n_modules; i++) {
		const struct heap_module *m = &rows->after->modules[i];

		if (heap_module_is_rebuilt(m, rows->before))
			json_add(b, j, json_text(b, m->path));
	}
	return j;
}

/* What jemalloc's counters say of all allocations together. */
static json_t *live_json(struct json_build *b, const struct rows *rows)
{
	const double seconds = rows->seconds_until_sure;
	json_t *j;

	if (!rows->live.known)
		return json_null();
	j = json_object();
	json_set_integer(b, j, "bytes", llround(rows->live.bytes));
	json_set_integer(b, j, "slack_bytes", llround(rows->live.slack));
	json_set_flag(b, j, "grew", rows->live.grew);
	json_set_integer(b, j, "unsampled_bytes", rows->unsampled);
	json_set(b, j, "seconds_until_sure",
		 rows->live.grew && seconds > 0 ? json_real(seconds)
						: json_null());
	return j;
}

static json_t *totals_json(struct json_build *b, const struct rows *rows)
{
	json_t *j = json_object();

	json_set_integer(b, j, "bytes", rows->net.bytes);
	set_objects(b, j, rows->net.objects, rows_count_objects(rows));
	set_error(b, j, "bytes_se", &rows->net);
	if (!rows->before)
		json_set(b, j, "inherited",
			 counts_json(b, rows->after,
				     &rows->after->inherited_total));
	if (rows->before) {
		json_set_integer(b, j, "grown_bytes", rows->grown.bytes);
		set_error(b, j, "grown_bytes_se", &rows->grown);
		json_set_integer(b, j, "shrunk_bytes", -rows->shrunk.bytes);
		set_error(b, j, "shrunk_bytes_se", &rows->shrunk);
	}
	if (rows->before)
		json_set(b, j, "live", live_json(b, rows));
	json_set(b, j, "suppressed", left_out_json(b, rows, &rows->suppressed));
	json_set(b, j, "insignificant",
		 left_out_json(b, rows, &rows->insignificant));
	return j;
}

static json_t *frame_json(struct json_build *b, const struct row_frame *f)
{
	json_t *j = json_object();
	uint64_t address;

	json_set_text(b, j, "function", f->look->name);
	json_set_text(b, j, "linkage_name", f->look->function);
	json_set_text(b, j, "file", f->look->file);
	json_set(b, j, "line",
		 f->look->line ? json_integer(f->look->line) : json_null());
	json_set_text(b, j, "module", f->look->module);
	json_set(b, j, "offset",
		 row_frame_elf_address(f, &address) ? json_address(address)
						    : json_null());
	json_set(b, j, "file_offset",
		 row_frame_has_file_offset(f) ? json_address(f->offset)
					      : json_null());
	json_set(b, j, "address",
		 heap_address_is_invented(f->address)
			 ? json_null()
			 : json_address(f->address));
	json_set_flag(b, j, "inlined", f->look->inlined);
	return j;
}

/* @points: one per snapshot. */
static json_t *trend_json(struct json_build *b,
			  const struct rows_series *series,
			  const struct heap_trend *trend,
			  const struct heap_counts *points)
{
	json_t *j = json_object(), *bytes = json_array();
	size_t i;

	json_set(b, j, "slope_bytes", json_real(trend->slope));
	json_set(b, j, "slope_bytes_se", json_real(trend->error));
	json_set_text(b, j, "slope_per", series->timed ? "second" : "step");
	json_set_integer(b, j, "steps", (int64_t)trend->steps);
	json_set_integer(b, j, "steps_grown", (int64_t)trend->grew);
	json_set_text(b, j, "verdict", heap_verdict_name(trend->verdict));
	for (i = 0; i < series->n; i++)
		json_add(b, bytes, json_integer(llround(points[i].bytes)));
	json_set(b, j, "bytes", bytes);
	return j;
}

static json_t *age_json(struct json_build *b, const struct heap_samples *s)
{
	json_t *j = json_object();

	json_set_integer(b, j, "median", s->median_ms * US_PER_MS);
	json_set_integer(b, j, "oldest", s->oldest_ms * US_PER_MS);
	return j;
}

/* @s: NULL: they are not known. */
static void set_ages(struct json_build *b, json_t *j,
		     const struct heap_samples *s)
{
	json_set(b, j, "samples", s ? json_integer(s->n) : json_null());
	json_set(b, j, "age_us",
		 s && s->median_ms != HEAP_AGE_UNKNOWN ? age_json(b, s)
						       : json_null());
	json_set_text(b, j, "type", s ? s->type : NULL);
	json_set(b, j, "type_share",
		 s && s->type ? json_real((double)s->of_type / s->looked_at)
			      : json_null());
}

/* All of a row but its frames. */
static json_t *row_json(struct json_build *b, const struct rows *rows,
			const struct row *row)
{
	const struct heap_counts inherited = row_inherited(rows, row);
	const struct heap_counts before = row_before(rows, row);
	json_t *j = json_object();

	json_set_integer(b, j, "bytes", row->bytes);
	set_objects(b, j, row->objects, rows_count_objects(rows));
	json_set(b, j, "bytes_se", json_real(row->error));
	if (rows->ages.n)
		set_ages(b, j, row_ages_find(&rows->ages, row->number));
	if (!rows->before)
		json_set(b, j, "inherited",
			 counts_json(b, rows->after, &inherited));
	if (rows->before) {
		json_set(b, j, "p", json_real(row->chance));
		json_set_flag(b, j, "significant", row_significant(row));
		json_set(b, j, "before", counts_json(b, rows->before, &before));
		json_set(b, j, "after",
			 counts_json(b, rows->after, row_after(rows, row)));
		if (row_trend(rows, row))
			json_set(b, j, "trend",
				 trend_json(b, &rows->series,
					    row_trend(rows, row),
					    row_point(rows, row, 0)));
	}
	return j;
}

static json_t *snapshots_json(struct json_build *b,
			      const struct rows_series *series)
{
	json_t *j = json_array();
	size_t i;

	for (i = 0; i < series->n; i++) {
		const struct heap_counts *c = &series->totals[i];
		const struct rows_sum sum = { .bytes = llround(c->bytes),
					      .objects = llround(c->objects),
					      .variance = c->bytes_variance };

		json_add(b, j, snapshot_json(b, series->profiles[i], &sum));
	}
	return j;
}

/* All but the stacks. */
static json_t *head_json(struct json_build *b, const struct rows *rows)
{
	json_t *j = json_object();

	json_set_schema(b, j);
	json_set_text(b, j, "by", rows_noun(rows));
	json_set_text(b, j, "counts",
		      rows->counts == ROWS_INUSE ? "inuse" : "allocated");
	if (rows->before) {
		json_set_text(b, j, "kind",
			      rows_is_trend(rows) ? "trend" : "diff");
		if (rows_is_trend(rows))
			json_set(b, j, "snapshots",
				 snapshots_json(b, &rows->series));
		else
			json_set_integer(
				b, j, "snapshots",
				rows->series.n ? (int64_t)rows->series.n : 2);
		json_set(b, j, "rebuilt_modules", rebuilt_json(b, rows));
		json_set(b, j, "before",
			 snapshot_json(b, rows->before, &rows->heap_before));
		json_set(b, j, "after",
			 snapshot_json(b, rows->after, &rows->heap_after));
	} else {
		json_set_text(b, j, "kind", "report");
		json_set(b, j, "snapshot",
			 snapshot_json(b, rows->after, &rows->heap_after));
	}
	json_set(b, j, "diagnosis",
		 diagnosis_json(b, rows->before ? &rows->before->meta : NULL,
				&rows->after->meta, rows->live_fell));
	json_set(b, j, "hints", hints_json(b, rows));
	if (rows->before)
		json_set(b, j, "limit", limit_json(b, &rows->left));
	json_set(b, j, "totals", totals_json(b, rows));
	if (rows->series.n)
		json_set(b, j, "trend",
			 trend_json(b, &rows->series, &rows->series.total,
				    rows->series.totals));
	return j;
}

/* Frames occur in many stacks, so that each one's JSON is made once; but where
 * there are very many of them they are no longer kept. */
static struct hs_error *add_frame(struct writer *w, uint32_t index)
{
	const size_t start = w->out.len;
	_cleanup_json_ json_t *j = NULL;
	struct hs_error *err;

	if (w->frames[index]) {
		strbuf_adds(&w->out, w->frames[index]);
		return NULL;
	}
	j = frame_json(&w->build, &w->rows->frames[index]);
	err = json_dump_to(&w->out, &w->build, j, 0);
	if (err || w->kept >= MOST_KEPT)
		return err;
	err = strbuf_check(&w->out);
	if (err)
		return err;
	w->frames[index] = strdup(strbuf_str(&w->out) + start);
	w->kept += w->out.len - start;
	return w->frames[index] ? NULL : hs_error_nomem();
}

static struct hs_error *add_row(struct writer *w, const struct row *row)
{
	_cleanup_json_ json_t *j = row_json(&w->build, w->rows, row);
	struct hs_error *err;
	uint32_t i;

	strbuf_addc(&w->out, '{');
	err = json_dump_to(&w->out, &w->build, j, JSON_EMBED);
	strbuf_adds(&w->out, ", \"frames\": [");
	for (i = 0; !err && i < row->depth; i++) {
		if (i)
			strbuf_adds(&w->out, ", ");
		err = add_frame(w, w->rows->stack[row->first + i]);
	}
	strbuf_adds(&w->out, "]}");
	return err;
}

/* Writes one row at a time: a profile of a hundred thousand stacks is never in
 * memory as JSON. */
static struct hs_error *write_rows(struct writer *w)
{
	size_t i, n = 0, top = w->top ? w->top : SIZE_MAX;
	struct hs_error *err = NULL;

	for (i = 0; !err && i < w->rows->n && n < top; i++) {
		if (!row_changed(&w->rows->items[i]))
			continue;
		strbuf_adds(&w->out, n++ ? ",\n  " : "\n  ");
		err = add_row(w, &w->rows->items[i]);
		if (!err)
			err = write_flush(&w->out, w->f);
	}
	if (err)
		return err;
	strbuf_adds(&w->out, n ? "\n ]\n}\n" : "]\n}\n");
	return write_flush(&w->out, w->f);
}

static void writer_release(struct writer *w)
{
	size_t i;

	for (i = 0; w->frames && i < w->rows->n_frames; i++)
		free(w->frames[i]);
	free(w->frames);
	json_build_release(&w->build);
	strbuf_release(&w->out);
}

struct hs_error *json_head(const struct rows *rows, char **ret)
{
	_cleanup_json_build_ struct json_build b = { 0 };
	_cleanup_strbuf_ struct strbuf text = { 0 };
	_cleanup_json_ json_t *head = head_json(&b, rows);
	struct hs_error *err = json_dump_to(&text, &b, head, 0);

	return err ? err : strbuf_finish(&text, ret);
}

struct hs_error *json_write(FILE *f, const struct rows *rows, size_t top)
{
	hs_cleanup(writer_release) struct writer w = {
		.f = f,
		.rows = rows,
		.top = top,
		.frames = calloc(rows->n_frames + 1, sizeof(char *)),
	};
	_cleanup_json_ json_t *head = head_json(&w.build, rows);
	struct hs_error *err;

	if (!w.frames)
		return hs_error_nomem();
	strbuf_adds(&w.out, "{\n ");
	err = json_dump_to(&w.out, &w.build, head, JSON_EMBED);
	if (err)
		return err;
	strbuf_adds(&w.out, ",\n \"stacks\": [");
	return write_rows(&w);
}
