#include "heap/memory_breakdown.h"

#include <stdlib.h>

#include "heap/memory_part.h"
#include "heap/sampling_cost.h"

static const char *const names[HEAP_BREAKDOWN_PARTS] = {
	[HEAP_BREAKDOWN_LIVE] = "live",
	[HEAP_BREAKDOWN_TCACHE] = "thread_caches",
	[HEAP_BREAKDOWN_SLACK] = "slack",
	[HEAP_BREAKDOWN_KEPT] = "kept_pages",
	[HEAP_BREAKDOWN_METADATA] = "metadata",
	[HEAP_BREAKDOWN_ABSENT] = "not_resident",
	[HEAP_BREAKDOWN_INHERITED] = "inherited",
	[HEAP_BREAKDOWN_STACKS] = "stacks",
	[HEAP_BREAKDOWN_FILES] = "files",
	[HEAP_BREAKDOWN_SHARED] = "shared",
	[HEAP_BREAKDOWN_MMAP] = "mmap",
	[HEAP_BREAKDOWN_BRK] = "brk",
	[HEAP_BREAKDOWN_CODE] = "code",
	[HEAP_BREAKDOWN_OTHER] = "other",
	[HEAP_BREAKDOWN_UNATTRIBUTED] = "unattributed",
};

const char *heap_breakdown_name(enum heap_breakdown_part part)
{
	return names[part];
}

bool heap_breakdown_outside(enum heap_breakdown_part part)
{
	return part > HEAP_BREAKDOWN_INHERITED;
}

bool heap_breakdown_comparable(const struct heap_breakdown *a,
			       const struct heap_breakdown *b)
{
	return a->known && b->known && a->split == b->split &&
	       a->coarse == b->coarse && a->several == b->several &&
	       a->proportional == b->proportional;
}

int64_t heap_breakdown_net(const struct heap_breakdown *l,
			   enum heap_breakdown_part part)
{
	return l->parts[part] - l->sampling[part];
}

int64_t heap_breakdown_worth(const struct heap_breakdown *l)
{
	enum { LEAST = 256 << 10, PER_MILLE = 5 };
	const int64_t share = l->rss / 1000 * PER_MILLE;

	return share > LEAST ? share : LEAST;
}

enum { LEAST_OF_CODE = 1 << 20 };

int64_t heap_breakdown_growth(const struct heap_breakdown *before,
			      const struct heap_breakdown *after,
			      enum heap_breakdown_part part)
{
	const int64_t change = heap_breakdown_net(after, part) -
			       heap_breakdown_net(before, part);
	int64_t worth = heap_breakdown_worth(after);

	/* A page fault maps 64 KiB of a file (fault_around_bytes, mm/memory.c),
	 * and code that runs for the first time, such as what starts our helper
	 * thread, makes a few. */
	if (part == HEAP_BREAKDOWN_CODE && worth < LEAST_OF_CODE)
		worth = LEAST_OF_CODE;
	if (!heap_breakdown_comparable(before, after))
		return 0;
	return change >= worth ? change : 0;
}

static int64_t at_least_0(int64_t n)
{
	return n > 0 ? n : 0;
}

static int64_t smaller(int64_t a, int64_t b)
{
	return a < b ? a : b;
}

/* Splits by jemalloc's own numbers; returns what it thinks can be resident. */
static int64_t split_jemalloc(int64_t *parts, const struct heap_meta *o)
{
	/* Up to 3.6 there is neither stats.resident nor stats.metadata: its own
	 * data, a hundredth or so, goes unnoticed. */
	int64_t resident = o->resident >= 0 ? o->resident
					    : o->active + at_least_0(o->dirty);
	int64_t tcache = smaller(at_least_0(o->tcache), o->allocated);
	int64_t rest = at_least_0(resident - o->active);
	int64_t kept_pages = o->dirty;

	/* Pages in use, dirty ones and its own data are "resident". */
	if (kept_pages < 0)
		kept_pages = rest - smaller(rest, at_least_0(o->metadata));
	kept_pages = smaller(kept_pages, rest);
	parts[HEAP_BREAKDOWN_LIVE] = o->allocated - tcache;
	parts[HEAP_BREAKDOWN_TCACHE] = tcache;
	parts[HEAP_BREAKDOWN_SLACK] = at_least_0(o->active - o->allocated);
	parts[HEAP_BREAKDOWN_KEPT] = kept_pages + at_least_0(o->muzzy);
	parts[HEAP_BREAKDOWN_METADATA] = rest - kept_pages;
	return o->allocated + parts[HEAP_BREAKDOWN_SLACK] + rest +
	       at_least_0(o->muzzy);
}

/* Of what is there at most. @little: also a little. */
static void split_sampling(struct heap_breakdown *l, const struct heap_meta *o,
			   bool little)
{
	const struct heap_sampling_cost cost = heap_sampling_cost(o);

	l->sampled = little ||
		     llabs(cost.allocated) + cost.slack >= l->active / 10;
	if (!l->sampled)
		return;
	l->sampling[HEAP_BREAKDOWN_LIVE] =
		smaller(cost.allocated, l->parts[HEAP_BREAKDOWN_LIVE]);
	l->sampling[HEAP_BREAKDOWN_SLACK] =
		smaller(cost.slack, l->parts[HEAP_BREAKDOWN_SLACK]);
	l->sampling[HEAP_BREAKDOWN_METADATA] =
		smaller(cost.metadata, l->parts[HEAP_BREAKDOWN_METADATA]);
	l->sampling[HEAP_BREAKDOWN_UNATTRIBUTED] =
		smaller(cost.resident, l->parts[HEAP_BREAKDOWN_UNATTRIBUTED]);
}

static enum heap_breakdown_part part_of(enum heap_memory_kind kind)
{
	switch (kind) {
	case HEAP_MEMORY_STACK:
		return HEAP_BREAKDOWN_STACKS;
	case HEAP_MEMORY_CODE:
		return HEAP_BREAKDOWN_CODE;
	case HEAP_MEMORY_FILE:
		return HEAP_BREAKDOWN_FILES;
	case HEAP_MEMORY_SHARED:
		return HEAP_BREAKDOWN_SHARED;
	case HEAP_MEMORY_BRK:
		return HEAP_BREAKDOWN_BRK;
	case HEAP_MEMORY_MMAP:
		return HEAP_BREAKDOWN_MMAP;
	case HEAP_MEMORY_OTHER:
	case HEAP_MEMORY_JEMALLOC:
	case HEAP_MEMORY_UNDECIDED:
	case HEAP_MEMORY_KINDS:
		break;
	}
	return HEAP_BREAKDOWN_OTHER;
}

/* Anonymous memory that is or may be jemalloc's. */
struct anonymous {
	int64_t rss, size;		       /* certainly jemalloc's */
	int64_t undecided_rss, undecided_size; /* perhaps */
};

static void sum_up(struct heap_breakdown *l, const struct heap_meta *o,
		   struct anonymous *ret)
{
	size_t i;

	*ret = (struct anonymous){ 0 };
	l->rss = 0;
	l->proportional = l->several && o->pss >= 0;
	l->coarse = true;
	for (i = 0; i < o->n_memory; i++) {
		const struct heap_memory *m = &o->memory[i];

		const int64_t taken = l->proportional ? m->pss : m->rss;

		l->rss += taken;
		l->swap += m->swap;
		if (m->kind == HEAP_MEMORY_CODE) /* every process has some */
			l->coarse = false;
		if (m->kind == HEAP_MEMORY_JEMALLOC) {
			ret->rss += m->rss;
			ret->size += m->size;
		} else if (m->kind == HEAP_MEMORY_UNDECIDED) {
			ret->undecided_rss += m->rss;
			ret->undecided_size += m->size;
		} else {
			l->parts[part_of(m->kind)] += taken;
			continue;
		}
		l->parts[HEAP_BREAKDOWN_INHERITED] += taken - m->rss;
	}
}

/* Bounds of the non-jemalloc share of the undecided memory: returns the lower
 * one, *ret_most: the upper one. @resident: what jemalloc can have resident. */
static int64_t others(const struct heap_breakdown *l, const struct anonymous *a,
		      const struct heap_meta *o, int64_t resident,
		      int64_t *ret_most)
{
	enum { SMALL = 1 << 20 };
	int64_t rss = a->undecided_rss, least, most;

	least = at_least_0(rss - at_least_0(resident - a->rss));
	most = least;
	if (o->owned >= 0)
		most = smaller(rss, at_least_0(a->undecided_size -
					       at_least_0(o->owned - a->size)));
	else if (o->retained >= 0)
		/* 4.4 and 4.5 give pages back by MADV_FREE, and do not count
		 * them: they stay resident until the kernel needs them. */
		least = at_least_0(rss + a->rss - o->mapped - o->retained);
	if (least > most)
		least = most; /* it keeps more than it counts */
	/* too small for a line of its own */
	if (most - least <= SMALL || most - least <= l->rss / 100)
		most = least;
	*ret_most = most;
	return least;
}

/* jemalloc's records say what of its memory is there: no need to estimate. */
static void take_counted(struct heap_breakdown *l, const struct heap_meta *o)
{
	int64_t more =
		o->active_rss - o->allocated - l->parts[HEAP_BREAKDOWN_SLACK];

	l->parts[HEAP_BREAKDOWN_KEPT] =
		o->dirty_rss + o->muzzy_rss + o->retained_rss;
	l->parts[HEAP_BREAKDOWN_METADATA] = o->metadata_rss;
	if (more > 0) /* came into use since it counted */
		l->parts[HEAP_BREAKDOWN_SLACK] += more;
	else
		l->parts[HEAP_BREAKDOWN_ABSENT] = more;
}

static bool is_counted(const struct heap_meta *o)
{
	return o->active_rss >= 0 && o->dirty_rss >= 0 && o->muzzy_rss >= 0 &&
	       o->retained_rss >= 0 && o->metadata_rss >= 0;
}

/* Accounts for the difference between the bytes that jemalloc @counted and
 * those of its mappings in memory, @inside. */
static void settle(struct heap_breakdown *l, int64_t counted, int64_t inside)
{
	if (inside > counted) /* retained, but still there */
		l->parts[HEAP_BREAKDOWN_KEPT] += inside - counted;
	else
		l->parts[HEAP_BREAKDOWN_ABSENT] = inside - counted;
}

/* What may be jemalloc's or not is counted as jemalloc's as far as that says it
 * has so much: the alternative is that it was never touched, and as much was
 * made by mmap(2). */
static void settle_unsure(struct heap_breakdown *l)
{
	int64_t *absent = &l->parts[HEAP_BREAKDOWN_ABSENT];
	int64_t *either = &l->parts[HEAP_BREAKDOWN_UNATTRIBUTED];

	l->unsure = smaller(*either, -*absent);
	*either -= l->unsure;
	*absent += l->unsure;
}

static void make_split(struct heap_breakdown *l, const struct heap_meta *o,
		       int64_t counted)
{
	struct anonymous a;
	int64_t least, most;

	sum_up(l, o, &a);
	if (l->counted) {
		take_counted(l, o);
		return;
	}
	least = others(l, &a, o, counted, &most);
	l->parts[HEAP_BREAKDOWN_MMAP] += least;
	l->parts[HEAP_BREAKDOWN_UNATTRIBUTED] = most - least;
	settle(l, counted, a.rss + a.undecided_rss - most);
	settle_unsure(l);
}

/* Freed pages are dirty, then muzzy, then given back. (jemalloc(3),
 * opt.dirty_decay_ms, opt.muzzy_decay_ms) */
static int64_t kept_for(const struct heap_meta *o)
{
	const int64_t dirty = o->dirty_decay_ms, muzzy = o->muzzy_decay_ms;

	if (dirty < 0 || muzzy < 0)
		return -1;
	return dirty > HEAP_DECAY_NEVER - muzzy ? HEAP_DECAY_NEVER
						: dirty + muzzy;
}

/* What a breakdown is made with. */
enum {
	WITH_RECORDS =
		1, /* those of jemalloc of its memory, if they are known */
	WITH_LITTLE = 2, /* what sampling adds, however little that is */
};

static void make(const struct heap_meta *o, unsigned with,
		 struct heap_breakdown *ret)
{
	struct heap_breakdown l = { .rss = o->rss,
				    .active = o->active,
				    .kept_ms = kept_for(o) };
	int64_t counted;

	*ret = l;
	if (o->allocated < 0 || o->active < 0 || o->mapped < 0 || o->rss < 0)
		return;
	l.known = true;
	l.several = o->processes > 1;
	l.split = o->n_memory;
	l.counted = l.split && (with & WITH_RECORDS) && is_counted(o);
	counted = split_jemalloc(l.parts, o);
	if (l.split) {
		make_split(&l, o, counted);
	} else {
		l.parts[HEAP_BREAKDOWN_UNATTRIBUTED] =
			at_least_0(l.rss - counted);
		settle(&l, counted, smaller(l.rss, counted));
	}
	split_sampling(&l, o, with & WITH_LITTLE);
	*ret = l;
}

void heap_breakdown_make(const struct heap_meta *o, struct heap_breakdown *ret)
{
	make(o, WITH_RECORDS, ret);
}

void heap_breakdown_make_pair(const struct heap_meta *before,
			      const struct heap_meta *after,
			      struct heap_breakdown *ret_before,
			      struct heap_breakdown *ret_after)
{
	const unsigned with = WITH_RECORDS;
	unsigned needed = with;

	*ret_before = (struct heap_breakdown){ 0 };
	if (before)
		make(before, with, ret_before);
	make(after, with, ret_after);
	if (!ret_before->known || !ret_after->known)
		return;
	if (ret_before->counted != ret_after->counted)
		needed &= ~(unsigned)WITH_RECORDS;
	/* Else that which is left out of one would be a change of the sum. */
	if (ret_before->sampled != ret_after->sampled)
		needed |= WITH_LITTLE;
	if (needed == with)
		return;
	make(before, needed, ret_before);
	make(after, needed, ret_after);
}
