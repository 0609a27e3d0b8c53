#include "output/breakdown_text.h"

#include <inttypes.h>
#include <math.h>
#include <string.h>

#include "base/escape.h"
#include "heap/diagnosis.h"
#include "heap/memory_breakdown.h"
#include "heap/memory_part.h"
#include "heap/sampling_cost.h"
#include "output/style.h"
#include "output/table.h"

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

const char *breakdown_text_label(const struct heap_breakdown *l,
				 enum heap_breakdown_part part)
{
	/* Without the mappings it is all that is not jemalloc's. */
	if (part == HEAP_BREAKDOWN_UNATTRIBUTED && !l->split)
		return "not jemalloc's";
	return labels[part];
}

/* The words for each part in the diagnosis. */
static const struct saying {
	const char *subject; /* before "... grew by 1.2 MiB" */
	const char *meaning; /* NULL: none */
} sayings[HEAP_BREAKDOWN_PARTS] = {
	[HEAP_BREAKDOWN_LIVE] = { "malloc: live allocations",
				  "a leak through malloc, if that goes on" },
	[HEAP_BREAKDOWN_TCACHE] = { "malloc: the caches of threads", NULL },
	[HEAP_BREAKDOWN_KEPT] = { "dirty pages: what jemalloc keeps of freed "
				  "memory",
				  "it would come back after decay" },
	[HEAP_BREAKDOWN_METADATA] = { "jemalloc's own data", NULL },
	[HEAP_BREAKDOWN_STACKS] = { "not jemalloc: stacks of threads", NULL },
	[HEAP_BREAKDOWN_FILES] = { "not jemalloc: page cache of mapped files",
				   "the kernel takes it back when it needs "
				   "memory" },
	[HEAP_BREAKDOWN_SHARED] = { "not jemalloc: shared memory", NULL },
	[HEAP_BREAKDOWN_MMAP] = { "not jemalloc: anonymous mappings made by mmap",
				  NULL },
	[HEAP_BREAKDOWN_BRK] = { "not jemalloc: the heap of another malloc, brk",
				 NULL },
	[HEAP_BREAKDOWN_CODE] = { "not jemalloc: pages of the program and its "
				  "libraries",
				  NULL },
	[HEAP_BREAKDOWN_OTHER] = { "not jemalloc: named or executable memory",
				   NULL },
	[HEAP_BREAKDOWN_UNATTRIBUTED] = { "memory of jemalloc or of mmap, which "
					  "cannot be told apart",
					  NULL },
};

static void say_share(struct strbuf *sb, const struct heap_diagnosis *d)
{
	if (d->grown > d->bytes)
		strbuf_addf(sb, ", %" PRId64 "%% of what grew",
			    d->bytes * 100 / d->grown);
}

/* Where one step back undid as much as is left of all steps, what is left says
 * more of when the snapshots were taken than of a leak; where it undid a part
 * of it, both may be. */
static void say_meaning(struct strbuf *sb, const struct heap_diagnosis *d,
			const struct breakdown_text *t)
{
	enum { PART = 4 };
	const char *meaning = sayings[d->part].meaning;
	const int64_t fell = d->part == HEAP_BREAKDOWN_LIVE ? t->live_fell : 0;

	if (fell >= d->bytes)
		meaning = "they come and go";
	if (meaning)
		strbuf_addf(sb, ":\n%s", meaning);
	if (fell < d->bytes / PART)
		return;
	strbuf_addf(sb, "%s shrank by ", fell >= d->bytes ? ", and" : "; they");
	units_add_bytes(sb, fell, false, t->units);
	strbuf_adds(sb, " in between");
}

static void say_growth(struct strbuf *sb, const struct heap_diagnosis *d,
		       const struct breakdown_text *t)
{
	if (d->kind == HEAP_DIAGNOSIS_MIXED)
		strbuf_adds(sb, "several things grew, most of all ");
	if (d->part == HEAP_BREAKDOWN_SLACK) {
		strbuf_addf(sb,
			    "fragmentation: %d%% of active pages are free "
			    "space inside,\nwhich grew by ",
			    d->slack_percent);
		units_add_bytes(sb, d->bytes, false, t->units);
		say_share(sb, d);
		return;
	}
	strbuf_addf(sb, "%s grew by ", sayings[d->part].subject);
	units_add_bytes(sb, d->bytes, false, t->units);
	say_share(sb, d);
	say_meaning(sb, d, t);
}

static void say_state(struct strbuf *sb, const struct heap_diagnosis *d,
		      bool diff, enum units units)
{
	if (diff)
		strbuf_adds(sb, "nothing grew; but ");
	if (d->part == HEAP_BREAKDOWN_SLACK)
		strbuf_addf(sb,
			    "fragmentation: %d%% of active pages are free "
			    "space inside,\n",
			    d->slack_percent);
	else
		strbuf_adds(sb, "dirty pages: jemalloc keeps freed memory,\n"
				"which would come back after decay, ");
	units_add_bytes(sb, d->bytes, false, units);
}

static void diagnose(struct strbuf *sb, const struct heap_breakdown *before,
		     const struct heap_breakdown *after,
		     const struct breakdown_text *t)
{
	struct heap_diagnosis d = heap_diagnose(before, after);

	switch (d.kind) {
	case HEAP_DIAGNOSIS_NONE:
		break;
	case HEAP_DIAGNOSIS_STEADY:
		if (before && !t->brief)
			strbuf_adds(sb, "nothing grew");
		break;
	case HEAP_DIAGNOSIS_GREW:
	case HEAP_DIAGNOSIS_MIXED:
		say_growth(sb, &d, t);
		break;
	case HEAP_DIAGNOSIS_HOLDS:
		say_state(sb, &d, before, t->units);
		break;
	}
}

void breakdown_text_diagnosis(struct strbuf *sb, const struct breakdown_text *t)
{
	struct heap_breakdown before, after;
	size_t start = sb->len;

	heap_breakdown_make_pair(t->before, t->after, &before, &after);
	diagnose(sb,
		 heap_breakdown_comparable(&before, &after) ? &before : NULL,
		 &after, t);
	if (sb->len > start)
		strbuf_addc(sb, '\n');
}

/* A table that is being filled: what, before, after, change. */
struct block {
	const struct breakdown_text *t;
	struct table *table; /* borrowed */
	bool diff;
};

/* @before: INT64_MIN when it is not known. */
static void add_row(struct block *b, const char *label, int64_t before,
		    int64_t after)
{
	struct strbuf *text = &b->table->text;
	enum units units = b->t->units;

	table_cell(b->table, STYLE_PLAIN);
	escape_terminal(text, label, strlen(label));
	table_cell(b->table, STYLE_FAINT);
	if (b->diff && before != INT64_MIN)
		units_add_bytes(text, before, false, units);
	table_cell(b->table, STYLE_PLAIN);
	units_add_bytes(text, after, false, units);
	table_cell(b->table, STYLE_PLAIN);
	if (b->diff && before != INT64_MIN)
		units_add_bytes(text, after - before, true, units);
	table_end_row(b->table);
}

/* The profile's estimate of the same, below live allocations. */
static void add_estimate(struct block *b)
{
	const struct heap_counts *before = b->t->estimate_before;
	const struct heap_counts *after = b->t->estimate_after;
	_cleanup_strbuf_ struct strbuf label = { 0 };
	int64_t bytes;

	if (!after)
		return;
	bytes = llround(after->bytes);
	strbuf_adds(&label, "  estimated from samples");
	if (after->bytes_variance > 0) {
		strbuf_adds(&label, b->t->utf8 ? " ± " : " +- ");
		units_add_error(&label, llround(sqrt(after->bytes_variance)),
				bytes, b->t->units);
	}
	add_row(b, strbuf_str(&label),
		before ? llround(before->bytes) : INT64_MIN, bytes);
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
static void add_file(struct block *b, enum heap_memory_kind kind)
{
	enum { WIDTH = 34 };
	const struct heap_memory *m, *was;
	_cleanup_strbuf_ struct strbuf label = { 0 };
	size_t len;

	m = find_memory(b->t->after, kind, NULL);
	/* Of several processes these would be counted in each. */
	if (!m || m->rss < 1 << 20 || b->t->after->processes > 1)
		return;
	was = find_memory(b->t->before, kind, m->path);
	len = strlen(m->path);
	strbuf_addf(&label, "  %s%s", len > WIDTH ? "..." : "",
		    m->path + (len > WIDTH ? len - WIDTH : 0));
	add_row(b, strbuf_str(&label), was ? was->rss : 0, m->rss);
}

/* They are negative, and follow from the other parts and RSS. */
static bool is_deduced(unsigned part)
{
	return part == HEAP_BREAKDOWN_ABSENT ||
	       part == HEAP_BREAKDOWN_INHERITED;
}

static void add_part(struct block *b, const struct heap_breakdown *before,
		     const struct heap_breakdown *after, unsigned i)
{
	add_row(b, breakdown_text_label(after, (enum heap_breakdown_part)i),
		before->parts[i], after->parts[i]);
	if (i == HEAP_BREAKDOWN_LIVE)
		add_estimate(b);
	else if (i == HEAP_BREAKDOWN_FILES)
		add_file(b, HEAP_MEMORY_FILE);
	else if (i == HEAP_BREAKDOWN_SHARED)
		add_file(b, HEAP_MEMORY_SHARED);
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

static void add_deduced(struct block *b, const struct heap_breakdown *before,
			const struct heap_breakdown *after)
{
	unsigned i;

	for (i = 0; i < HEAP_BREAKDOWN_PARTS; i++)
		if (is_deduced(i) && (before->parts[i] || after->parts[i]))
			add_part(b, before, after, i);
}

/* Tiny parts share one line, "other". What is deduced from the others comes
 * last. */
static void add_parts(struct block *b, const struct heap_breakdown *before,
		      const struct heap_breakdown *after)
{
	int64_t rest[2] = { 0, 0 };
	unsigned i;

	for (i = 0; i < HEAP_BREAKDOWN_PARTS; i++) {
		int64_t x = before->parts[i], y = after->parts[i];

		if (is_deduced(i))
			continue;
		if (is_little((enum heap_breakdown_part)i, x, y, after)) {
			rest[0] += x;
			rest[1] += y;
			continue;
		}
		if (!x && !y && i != HEAP_BREAKDOWN_LIVE)
			continue;
		add_part(b, before, after, i);
	}
	if (rest[0] || rest[1])
		add_row(b, labels[HEAP_BREAKDOWN_OTHER], rest[0], rest[1]);
	add_deduced(b, before, after);
}

/* The part beside live allocations that says most. */
static unsigned telling_part(const struct block *b,
			     const struct heap_breakdown *before,
			     const struct heap_breakdown *after)
{
	unsigned i, most = HEAP_BREAKDOWN_TCACHE;
	uint64_t size = 0, one;

	for (i = 0; i < HEAP_BREAKDOWN_PARTS; i++) {
		one = magnitude(after->parts[i] -
				(b->diff ? before->parts[i] : 0));
		if (i != HEAP_BREAKDOWN_LIVE && !is_deduced(i) && one > size) {
			most = i;
			size = one;
		}
	}
	return most;
}

static void add_brief(struct block *b, const struct heap_breakdown *before,
		      const struct heap_breakdown *after)
{
	const unsigned telling = telling_part(b, before, after);
	int64_t rest[2] = { 0, 0 };
	unsigned i;

	add_row(b, breakdown_text_label(after, HEAP_BREAKDOWN_LIVE),
		before->parts[HEAP_BREAKDOWN_LIVE],
		after->parts[HEAP_BREAKDOWN_LIVE]);
	add_row(b, breakdown_text_label(after, telling), before->parts[telling],
		after->parts[telling]);
	for (i = 0; i < HEAP_BREAKDOWN_PARTS; i++) {
		if (i == HEAP_BREAKDOWN_LIVE || i == telling || is_deduced(i))
			continue;
		rest[0] += before->parts[i];
		rest[1] += after->parts[i];
	}
	add_row(b, "the rest (-v shows its parts)", rest[0], rest[1]);
	add_deduced(b, before, after);
}

/* What a process without profiling would not have. */
static void add_sampling(struct strbuf *sb, const struct breakdown_text *t,
			 const struct heap_breakdown *l)
{
	const struct heap_sampling_cost cost = heap_sampling_cost(t->after);

	if (cost.resident < l->rss / 20)
		return;
	units_add_bytes(sb, cost.resident, false, t->units);
	strbuf_adds(sb, " of this is overhead of the sampling itself\n");
}

/* One line for what the parts above cannot say. */
static void add_unsure(struct strbuf *sb, const struct heap_breakdown *l,
		       enum units units)
{
	if (!l->unsure)
		return;
	strbuf_adds(sb, "which mappings are jemalloc's cannot be told: up to ");
	units_add_bytes(sb, l->unsure, false, units);
	strbuf_adds(sb, "\nof what is its here may be memory made by mmap\n");
}

static void add_diagnosis(struct strbuf *sb, const struct breakdown_text *t)
{
	_cleanup_strbuf_ struct strbuf text = { 0 };

	breakdown_text_diagnosis(&text, t);
	if (!text.len)
		return;
	style_add(sb, STYLE_STRONG, t->color, text.buf, text.len - 1);
	strbuf_adds(sb, "\n\n");
	sb->failed |= text.failed;
}

void breakdown_text_add(struct strbuf *sb, const struct breakdown_text *t)
{
	static const char title[] = "where the memory is";
	_cleanup_table_ struct table table = { .columns = 4, .right = 0xe };
	struct heap_breakdown before, after;
	struct block b = { .t = t };

	heap_breakdown_make_pair(t->before, t->after, &before, &after);
	if (!after.known)
		return;
	b.diff = heap_breakdown_comparable(&before, &after);
	b.table = &table;
	strbuf_addc(sb, '\n');
	if (!t->brief)
		add_diagnosis(sb, t);
	style_add(sb, STYLE_STRONG, t->color, title, sizeof(title) - 1);
	strbuf_adds(sb, b.diff ? " (before, after, change)\n" : "\n");
	if (t->brief)
		add_brief(&b, &before, &after);
	else
		add_parts(&b, &before, &after);
	add_row(&b,
		after.proportional ? "resident together (PSS)"
		: after.several	   ? "resident (RSS), shared memory in each"
				   : "resident (RSS)",
		before.rss, after.rss);
	if (before.swap || after.swap)
		add_row(&b, "besides, swapped out", before.swap, after.swap);
	table_write(&table, sb, 2, t->color);
	add_sampling(sb, t, &after);
	add_unsure(sb, &after, t->units);
}
