#include "output/breakdown_rows.h"

#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "heap/memory_part.h"
#include "heap/sampling_cost.h"

static const char *const labels[HEAP_BREAKDOWN_PARTS] = {
	[HEAP_BREAKDOWN_LIVE] = "live allocations (allocated)",
	[HEAP_BREAKDOWN_TCACHE] = "thread caches (tcache)",
	[HEAP_BREAKDOWN_SLACK] = "lost to fragmentation (active - allocated)",
	[HEAP_BREAKDOWN_KEPT] = "freed, kept (dirty, muzzy)",
	[HEAP_BREAKDOWN_METADATA] = "jemalloc's own data (metadata)",
	[HEAP_BREAKDOWN_ABSENT] = "of these never touched, or swapped out",
	[HEAP_BREAKDOWN_INHERITED] = "of these inherited, in several processes",
	[HEAP_BREAKDOWN_STACKS] = "stacks of threads",
	[HEAP_BREAKDOWN_FILES] = "mapped files",
	[HEAP_BREAKDOWN_SHARED] = "shared memory",
	[HEAP_BREAKDOWN_MMAP] = "anonymous memory made by mmap",
	[HEAP_BREAKDOWN_BRK] = "brk heap (another malloc)",
	[HEAP_BREAKDOWN_CODE] = "program and libraries",
	[HEAP_BREAKDOWN_OTHER] = "other",
	[HEAP_BREAKDOWN_UNATTRIBUTED] = "jemalloc's or not, cannot be told",
};

/* Rows that are being made. */
struct builder {
	struct breakdown_rows *rows;
	const struct breakdown_view *v;
};

void breakdown_rows_release(struct breakdown_rows *rows)
{
	size_t i;

	for (i = 0; i < rows->n; i++)
		free(rows->items[i].label);
	free(rows->items);
	*rows = (struct breakdown_rows){ 0 };
}

static void add_row(struct builder *b, enum breakdown_row_kind kind,
		    unsigned part, const char *label, int64_t before,
		    int64_t after)
{
	struct breakdown_rows *rows = b->rows;
	char *copy = strdup(label);

	if (!copy || !ARRAY_GROW(rows->items, rows->cap, rows->n + 1)) {
		free(copy);
		rows->failed = true;
		return;
	}
	rows->items[rows->n++] = (struct breakdown_row){
		.kind = kind,
		.part = (enum heap_breakdown_part)part,
		.label = copy,
		.before = rows->diff ? before : BREAKDOWN_UNKNOWN,
		.after = after,
	};
}

/* The profile's estimate of the same, below live allocations. */
static void add_estimate(struct builder *b)
{
	const struct heap_counts *before = b->v->estimate_before;
	const struct heap_counts *after = b->v->estimate_after;
	_cleanup_strbuf_ struct strbuf label = { 0 };
	int64_t bytes;

	if (!after)
		return;
	bytes = llround(after->bytes);
	strbuf_adds(&label, "estimated from samples");
	if (after->bytes_variance > 0) {
		strbuf_adds(&label, b->v->utf8 ? " ± " : " +- ");
		units_add_error(&label, llround(sqrt(after->bytes_variance)),
				bytes, b->v->units);
	}
	add_row(b, BREAKDOWN_DETAIL, HEAP_BREAKDOWN_LIVE, strbuf_str(&label),
		before ? llround(before->bytes) : BREAKDOWN_UNKNOWN, bytes);
	b->rows->failed |= label.failed;
}

static const struct heap_memory *find_memory(const struct heap_meta *o,
					     enum heap_memory_kind kind,
					     const char *path)
{
	const struct heap_memory *found = NULL;
	size_t i;

	for (i = 0; o && i < o->n_memory; i++) {
		const struct heap_memory *m = &o->memory[i];

		if (m->kind != kind || !m->path ||
		    (path && strcmp(m->path, path)))
			continue;
		if (!found || m->rss > found->rss)
			found = m;
	}
	return found;
}

/* The largest file of a kind, unless it is tiny. */
static void add_file(struct builder *b, unsigned part,
		     enum heap_memory_kind kind)
{
	enum { WIDTH = 34 };
	const struct heap_memory *m, *was;
	_cleanup_strbuf_ struct strbuf label = { 0 };
	size_t len;

	m = find_memory(b->v->after, kind, NULL);
	/* Of several processes these would be counted in each. */
	if (!m || m->rss < 1 << 20 || b->v->after->processes > 1)
		return;
	was = find_memory(b->v->before, kind, m->path);
	len = strlen(m->path);
	strbuf_addf(&label, "%s%s", len > WIDTH ? "..." : "",
		    m->path + (len > WIDTH ? len - WIDTH : 0));
	add_row(b, BREAKDOWN_DETAIL, part, strbuf_str(&label),
		was ? was->rss : 0, m->rss);
	b->rows->failed |= label.failed;
}

void breakdown_add_return(struct strbuf *sb, const struct heap_breakdown *l)
{
	const int64_t ms = l->kept_ms;

	if (ms < 0)
		return;
	if (ms == HEAP_DECAY_NEVER) {
		strbuf_adds(sb, "never comes back");
		return;
	}
	strbuf_adds(sb, "comes back ");
	if (ms == 0) {
		strbuf_adds(sb, "at once");
		return;
	}
	strbuf_adds(sb, "after ");
	if (ms % 1000 == 0 && ms < 120000)
		strbuf_addf(sb, "%" PRId64 " s", ms / 1000);
	else
		units_add_duration(sb, ms > INT64_MAX / 1000 ? INT64_MAX
							     : ms * 1000);
}

/* Freed pages, and when they come back. */
static void add_kept(struct builder *b, int64_t before, int64_t after)
{
	const unsigned part = HEAP_BREAKDOWN_KEPT;
	_cleanup_strbuf_ struct strbuf returns = { 0 }, label = { 0 };

	breakdown_add_return(&returns, &b->rows->after);
	strbuf_adds(&label, labels[part]);
	if (returns.len)
		strbuf_adds(&label, ":");
	if (!b->v->narrow && returns.len)
		strbuf_addf(&label, " %s", strbuf_str(&returns));
	add_row(b, BREAKDOWN_PART, part, strbuf_str(&label), before, after);
	if (b->v->narrow && returns.len)
		add_row(b, BREAKDOWN_DETAIL, part, strbuf_str(&returns),
			BREAKDOWN_UNKNOWN, BREAKDOWN_UNKNOWN);
	b->rows->failed |= returns.failed || label.failed;
}

static const char *label_of(const struct builder *b, unsigned part)
{
	/* Without the mappings it is all that is not jemalloc's. */
	if (part == HEAP_BREAKDOWN_UNATTRIBUTED && !b->rows->after.split)
		return "not jemalloc's";
	return labels[part];
}

static bool is_deduced(unsigned part)
{
	return part == HEAP_BREAKDOWN_ABSENT ||
	       part == HEAP_BREAKDOWN_INHERITED;
}

static void add_part(struct builder *b, unsigned part)
{
	const int64_t before = b->rows->before.parts[part];
	const int64_t after = b->rows->after.parts[part];

	if (part == HEAP_BREAKDOWN_KEPT) {
		add_kept(b, before, after);
		return;
	}
	add_row(b, is_deduced(part) ? BREAKDOWN_DEDUCED : BREAKDOWN_PART, part,
		label_of(b, part), before, after);
	if (b->v->brief)
		return;
	if (part == HEAP_BREAKDOWN_LIVE)
		add_estimate(b);
	else if (part == HEAP_BREAKDOWN_FILES)
		add_file(b, part, HEAP_MEMORY_FILE);
	else if (part == HEAP_BREAKDOWN_SHARED)
		add_file(b, part, HEAP_MEMORY_SHARED);
}

static bool is_little(enum heap_breakdown_part part, int64_t before,
		      int64_t now, const struct heap_breakdown *l)
{
	int64_t little = l->rss / 1000;

	if (part == HEAP_BREAKDOWN_OTHER)
		return true;
	return heap_breakdown_outside(part) &&
	       part != HEAP_BREAKDOWN_UNATTRIBUTED && before < little &&
	       now < little;
}

/* They are negative, and follow from the other parts and RSS: last. */
static void add_deduced(struct builder *b)
{
	unsigned i;

	for (i = 0; i < HEAP_BREAKDOWN_PARTS; i++)
		if (is_deduced(i) &&
		    (b->rows->before.parts[i] || b->rows->after.parts[i]))
			add_part(b, i);
}

/* Tiny parts share one row, "other". */
static void add_parts(struct builder *b)
{
	const struct heap_breakdown *after = &b->rows->after;
	int64_t rest[2] = { 0, 0 }, x, y;
	unsigned i;

	for (i = 0; i < HEAP_BREAKDOWN_PARTS; i++) {
		x = b->rows->before.parts[i];
		y = after->parts[i];
		if (is_deduced(i))
			continue;
		if (is_little((enum heap_breakdown_part)i, x, y, after)) {
			rest[0] += x;
			rest[1] += y;
		} else if (x || y || i == HEAP_BREAKDOWN_LIVE) {
			add_part(b, i);
		}
	}
	if (rest[0] || rest[1])
		add_row(b, BREAKDOWN_PART, HEAP_BREAKDOWN_OTHER,
			labels[HEAP_BREAKDOWN_OTHER], rest[0], rest[1]);
}

/* The part beside live allocations that says most. */
static unsigned telling_part(const struct breakdown_rows *rows)
{
	unsigned i, most = HEAP_BREAKDOWN_TCACHE;
	uint64_t size = 0, one;

	for (i = 0; i < HEAP_BREAKDOWN_PARTS; i++) {
		one = magnitude(rows->after.parts[i] -
				(rows->diff ? rows->before.parts[i] : 0));
		if (i != HEAP_BREAKDOWN_LIVE && !is_deduced(i) && one > size) {
			most = i;
			size = one;
		}
	}
	return most;
}

static void add_brief(struct builder *b)
{
	const unsigned telling = telling_part(b->rows);
	int64_t rest[2] = { 0, 0 };
	unsigned i;

	add_part(b, HEAP_BREAKDOWN_LIVE);
	add_part(b, telling);
	for (i = 0; i < HEAP_BREAKDOWN_PARTS; i++) {
		if (i == HEAP_BREAKDOWN_LIVE || i == telling || is_deduced(i))
			continue;
		rest[0] += b->rows->before.parts[i];
		rest[1] += b->rows->after.parts[i];
	}
	add_row(b, BREAKDOWN_PART, HEAP_BREAKDOWN_OTHER,
		"the rest (-v shows its parts)", rest[0], rest[1]);
}

static void add_note(struct builder *b, int64_t bytes, const char *before,
		     const char *after)
{
	_cleanup_strbuf_ struct strbuf sb = { 0 };

	strbuf_adds(&sb, before);
	units_add_bytes(&sb, bytes, false, b->v->units);
	strbuf_adds(&sb, after);
	add_row(b, BREAKDOWN_NOTE, 0, strbuf_str(&sb), BREAKDOWN_UNKNOWN,
		BREAKDOWN_UNKNOWN);
	b->rows->failed |= sb.failed;
}

/* What the rows cannot say. */
static void add_notes(struct builder *b)
{
	const struct heap_breakdown *after = &b->rows->after;
	const struct heap_sampling_cost cost = heap_sampling_cost(b->v->after);

	/* What a process without profiling would not have. */
	if (cost.resident >= after->rss / 20)
		add_note(b, cost.resident, "",
			 " of this is overhead of the sampling itself");
	if (after->unsure)
		add_note(b, after->unsure,
			 "which mappings are jemalloc's cannot be told: up to ",
			 " of what is its here may be memory made by mmap");
}

void breakdown_rows_make(struct breakdown_rows *rows,
			 const struct breakdown_view *v)
{
	struct builder b = { .rows = rows, .v = v };
	const struct heap_breakdown *after = &rows->after;

	*rows = (struct breakdown_rows){ 0 };
	heap_breakdown_make_pair(v->before, v->after, &rows->before,
				 &rows->after);
	if (!after->known)
		return;
	rows->diff = heap_breakdown_comparable(&rows->before, after);
	if (v->brief)
		add_brief(&b);
	else
		add_parts(&b);
	add_deduced(&b);
	add_row(&b, BREAKDOWN_TOTAL, 0,
		after->proportional ? "resident together (PSS)"
		: after->several    ? "resident (RSS), shared memory in each"
				    : "resident (RSS)",
		rows->before.rss, after->rss);
	if (rows->before.swap || after->swap)
		add_row(&b, BREAKDOWN_BESIDE, 0, "besides, swapped out",
			rows->before.swap, after->swap);
	add_notes(&b);
}
