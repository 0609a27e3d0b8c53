/* The memory breakdown and the diagnosis: parts that add up to what is
 * resident, whatever is known, what stays open where it has to, and the
 * documented rule at both sides of its limits. */
#include "heap/memory_breakdown.h"

#include "base/array.h"
#include "heap/diagnosis.h"
#include "heap/memory_part.h"
#include "tests/unit/hs_check.h"

#define MIB (INT64_C(1) << 20)

/* A quiet process of 100 MiB; jemalloc holds 90 MiB of address space. */
static void make_meta(struct heap_meta *o)
{
	heap_meta_init(o);
	o->allocated = 50 * MIB;
	o->active = 60 * MIB;
	o->metadata = 4 * MIB;
	o->resident = 72 * MIB;
	o->mapped = 80 * MIB;
	o->retained = 10 * MIB;
	o->dirty = 7 * MIB;
	o->muzzy = 1 * MIB;
	o->tcache = 2 * MIB;
	o->owned = 90 * MIB;
	o->rss = 1; /* the mappings count */
}

static void add(struct heap_meta *o, enum heap_memory_kind kind, int64_t rss,
		int64_t size)
{
	const struct heap_memory m = {
		.kind = kind, .mappings = 1, .size = size, .rss = rss
	};

	hs_ck_ok(heap_meta_add_memory(o, &m));
}

/* Adds the rest of such a process up to 100 MiB; 71 MiB are jemalloc's. */
static void add_usual(struct heap_meta *o)
{
	add(o, HEAP_MEMORY_STACK, 3 * MIB, 64 * MIB);
	add(o, HEAP_MEMORY_CODE, 6 * MIB, 9 * MIB);
	add(o, HEAP_MEMORY_FILE, 5 * MIB, 20 * MIB);
	add(o, HEAP_MEMORY_SHARED, 4 * MIB, 4 * MIB);
	add(o, HEAP_MEMORY_BRK, 2 * MIB, 2 * MIB);
	add(o, HEAP_MEMORY_OTHER, 1 * MIB, 1 * MIB);
	add(o, HEAP_MEMORY_JEMALLOC, 71 * MIB, 90 * MIB);
	add(o, HEAP_MEMORY_MMAP, 8 * MIB, 16 * MIB);
}

static void check_sum(const struct heap_breakdown *l)
{
	int64_t sum = 0;
	unsigned i;

	for (i = 0; i < HEAP_BREAKDOWN_PARTS; i++) {
		sum += l->parts[i];
		if (i == HEAP_BREAKDOWN_ABSENT)
			ck_assert_int_le(l->parts[i], 0);
		else
			ck_assert_int_ge(l->parts[i], 0);
	}
	ck_assert_int_eq(sum, l->rss);
}

static void make(struct heap_meta *o, struct heap_breakdown *l)
{
	heap_breakdown_make(o, l);
	ck_assert(l->known);
	check_sum(l);
	free(o->memory);
}

START_TEST(every_part)
{
	static const int64_t want[HEAP_BREAKDOWN_PARTS] = {
		[HEAP_BREAKDOWN_LIVE] = 48 * MIB,
		[HEAP_BREAKDOWN_TCACHE] = 2 * MIB,
		[HEAP_BREAKDOWN_SLACK] = 10 * MIB,
		[HEAP_BREAKDOWN_KEPT] = 8 * MIB,
		[HEAP_BREAKDOWN_METADATA] = 5 * MIB,
		[HEAP_BREAKDOWN_ABSENT] = -2 * MIB,
		[HEAP_BREAKDOWN_STACKS] = 3 * MIB,
		[HEAP_BREAKDOWN_FILES] = 5 * MIB,
		[HEAP_BREAKDOWN_SHARED] = 4 * MIB,
		[HEAP_BREAKDOWN_MMAP] = 8 * MIB,
		[HEAP_BREAKDOWN_BRK] = 2 * MIB,
		[HEAP_BREAKDOWN_CODE] = 6 * MIB,
		[HEAP_BREAKDOWN_OTHER] = 1 * MIB,
	};
	struct heap_meta o;
	struct heap_breakdown l;
	unsigned i;

	make_meta(&o);
	add_usual(&o);
	make(&o, &l);
	ck_assert_int_eq(l.rss, 100 * MIB);
	for (i = 0; i < HEAP_BREAKDOWN_PARTS; i++)
		ck_assert_msg(l.parts[i] == want[i], "%s is %lld, not %lld",
			      heap_breakdown_name((enum heap_breakdown_part)i),
			      (long long)l.parts[i], (long long)want[i]);
}
END_TEST

/* Anonymous memory of which it is not known whose it is: RSS and size, what is
 * then mmap's, absent and unsure (all MiB). What jemalloc says it has is not
 * called absent for memory that may be its. */
static const struct undecided_case {
	int64_t rss, size, mmap, absent, unsure;
	const char *why;
} undecided[] = {
	{ 73, 90, 0, 0, 0, "all of it is jemalloc's" },
	{ 60, 90, 0, -13, 0, "no space for others: never touched" },
	{ 173, 190, 100, 0, 0, "more than jemalloc can have" },
	{ 60, 100, 0, -13, 10, "10 of it may be either's" },
	{ 80, 200, 7, 0, 73, "7 cannot be jemalloc's, 73 may be" },
	{ 80, 90, 0, 0, 0, "retained, but still there" },
};

START_TEST(what_cannot_be_told)
{
	struct heap_meta o;
	struct heap_breakdown l;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(undecided); i++) {
		const struct undecided_case *c = &undecided[i];

		make_meta(&o);
		add(&o, HEAP_MEMORY_UNDECIDED, c->rss * MIB, c->size * MIB);
		make(&o, &l);
		ck_assert_msg(l.parts[HEAP_BREAKDOWN_MMAP] == c->mmap * MIB &&
				      l.parts[HEAP_BREAKDOWN_UNATTRIBUTED] ==
					      0 &&
				      l.parts[HEAP_BREAKDOWN_ABSENT] ==
					      c->absent * MIB &&
				      l.unsure == c->unsure * MIB,
			      "%s: mmap %lld, absent %lld, unsure %lld", c->why,
			      (long long)l.parts[HEAP_BREAKDOWN_MMAP],
			      (long long)l.parts[HEAP_BREAKDOWN_ABSENT],
			      (long long)l.unsure);
	}
}
END_TEST

/* jemalloc's records say of each page what it is. */
START_TEST(by_records)
{
	static const int64_t want[] = {
		[HEAP_BREAKDOWN_LIVE] = 48 * MIB,
		[HEAP_BREAKDOWN_TCACHE] = 2 * MIB,
		[HEAP_BREAKDOWN_SLACK] = 10 * MIB,
		[HEAP_BREAKDOWN_KEPT] = 16 * MIB,
		[HEAP_BREAKDOWN_METADATA] = 3 * MIB,
		[HEAP_BREAKDOWN_ABSENT] = -8 * MIB,
	};
	struct heap_breakdown l, estimated, before;
	struct heap_meta o, old;
	unsigned i;

	make_meta(&o);
	add_usual(&o);
	o.active_rss = 52 * MIB;
	o.dirty_rss = 7 * MIB;
	o.muzzy_rss = MIB;
	o.retained_rss = 8 * MIB;
	o.metadata_rss = 3 * MIB;
	heap_breakdown_make(&o, &l);
	ck_assert(l.counted);
	check_sum(&l);
	for (i = 0; i < ARRAY_SIZE(want); i++)
		ck_assert_int_eq(l.parts[i], want[i]);
	/* Beside a reading without records both are without. */
	make_meta(&old);
	add_usual(&old);
	heap_breakdown_make_pair(&old, &o, &before, &estimated);
	ck_assert(heap_breakdown_comparable(&before, &estimated));
	ck_assert_int_eq(estimated.parts[HEAP_BREAKDOWN_KEPT], 8 * MIB);
	heap_breakdown_make_pair(&o, &o, &before, &estimated);
	ck_assert(estimated.counted);
	/* 4 MiB more came into use since jemalloc counted. */
	o.active_rss = 64 * MIB;
	o.dirty_rss = o.retained_rss = 0;
	o.metadata_rss = 6 * MIB;
	make(&o, &l);
	ck_assert_int_eq(l.parts[HEAP_BREAKDOWN_SLACK], 14 * MIB);
	ck_assert_int_eq(l.parts[HEAP_BREAKDOWN_ABSENT], 0);
	free(old.memory);
}
END_TEST

START_TEST(little_is_known)
{
	struct heap_meta o;
	struct heap_breakdown l;

	heap_meta_init(&o);
	heap_breakdown_make(&o, &l);
	ck_assert(!l.known);
	/* A snapshot without the kernel's mappings. */
	make_meta(&o);
	o.rss = 100 * MIB;
	make(&o, &l);
	ck_assert(!l.split);
	ck_assert_int_eq(l.parts[HEAP_BREAKDOWN_UNATTRIBUTED], 27 * MIB);
	o.rss = 70 * MIB;
	make(&o, &l);
	ck_assert_int_eq(l.parts[HEAP_BREAKDOWN_UNATTRIBUTED], 0);
	ck_assert_int_eq(l.parts[HEAP_BREAKDOWN_ABSENT], -3 * MIB);
	/* jemalloc 3.6 has none of these. */
	make_meta(&o);
	o.metadata = o.resident = o.retained = o.muzzy = o.tcache = o.owned =
		-1;
	add(&o, HEAP_MEMORY_UNDECIDED, 100 * MIB, 200 * MIB);
	make(&o, &l);
	ck_assert_int_eq(l.parts[HEAP_BREAKDOWN_LIVE], 50 * MIB);
	ck_assert_int_eq(l.parts[HEAP_BREAKDOWN_KEPT], 7 * MIB);
	ck_assert_int_eq(l.parts[HEAP_BREAKDOWN_METADATA], 0);
	ck_assert_int_eq(l.parts[HEAP_BREAKDOWN_MMAP], 33 * MIB);
	/* 4.5 has no muzzy pages, but keeps some of what it has retained. */
	make_meta(&o);
	o.muzzy = o.tcache = o.owned = -1;
	add(&o, HEAP_MEMORY_UNDECIDED, 100 * MIB, 200 * MIB);
	make(&o, &l);
	ck_assert_int_eq(l.parts[HEAP_BREAKDOWN_MMAP], 10 * MIB);
	ck_assert_int_eq(l.parts[HEAP_BREAKDOWN_UNATTRIBUTED], 18 * MIB);
	ck_assert_int_eq(l.parts[HEAP_BREAKDOWN_ABSENT], 0);
}
END_TEST

/* 1000 MiB, so that 5 MiB is worth a word. */
static struct heap_breakdown base_breakdown(void)
{
	return (struct heap_breakdown){
		.known = true,
		.split = true,
		.rss = 1000 * MIB,
		.active = 600 * MIB,
		.parts = { [HEAP_BREAKDOWN_LIVE] = 590 * MIB,
			   [HEAP_BREAKDOWN_SLACK] = 10 * MIB,
			   [HEAP_BREAKDOWN_KEPT] = 100 * MIB,
			   [HEAP_BREAKDOWN_MMAP] = 300 * MIB },
	};
}

START_TEST(what_grew)
{
	struct heap_breakdown a = base_breakdown(), b = base_breakdown();
	struct heap_diagnosis d;
	unsigned i;

	for (i = 0; i < HEAP_BREAKDOWN_PARTS; i++) {
		b = base_breakdown();
		b.parts[i] += 5 * MIB;
		d = heap_diagnose(&a, &b);
		if (i == HEAP_BREAKDOWN_ABSENT ||
		    i == HEAP_BREAKDOWN_INHERITED) {
			ck_assert_int_eq(d.kind, HEAP_DIAGNOSIS_STEADY);
			continue;
		}
		ck_assert_int_eq(d.kind, HEAP_DIAGNOSIS_GREW);
		ck_assert_int_eq(d.part, i);
		ck_assert_int_eq(d.bytes, 5 * MIB);
		b.parts[i] -= MIB;
		d = heap_diagnose(&a, &b);
		ck_assert_int_eq(d.kind, HEAP_DIAGNOSIS_STEADY);
	}
	b = base_breakdown();
	a.rss = b.rss = 4 * MIB;
	b.parts[HEAP_BREAKDOWN_CODE] += MIB / 4;
	ck_assert_int_eq(heap_diagnose(&a, &b).grown, 0);
	b.parts[HEAP_BREAKDOWN_OTHER] += MIB / 4;
	ck_assert_int_eq(heap_diagnose(&a, &b).grown, MIB / 4);
	a = base_breakdown();
	/* What may be anybody's is no answer beside one that is known. */
	b = base_breakdown();
	b.parts[HEAP_BREAKDOWN_UNATTRIBUTED] += 90 * MIB;
	b.parts[HEAP_BREAKDOWN_LIVE] += 10 * MIB;
	d = heap_diagnose(&a, &b);
	ck_assert_int_eq(d.kind, HEAP_DIAGNOSIS_GREW);
	ck_assert_int_eq(d.part, HEAP_BREAKDOWN_LIVE);
	ck_assert_int_eq(d.grown, 10 * MIB);
	b = base_breakdown();
	b.parts[HEAP_BREAKDOWN_LIVE] += 10 * MIB;
	b.coarse = true;
	d = heap_diagnose(&a, &b);
	ck_assert_int_eq(d.kind, HEAP_DIAGNOSIS_STEADY);
	b.coarse = false;
	b.parts[HEAP_BREAKDOWN_FILES] += 9 * MIB;
	d = heap_diagnose(&a, &b);
	ck_assert_int_eq(d.kind, HEAP_DIAGNOSIS_GREW);
	ck_assert_int_eq(d.grown, 19 * MIB);
	b.parts[HEAP_BREAKDOWN_STACKS] += 9 * MIB;
	d = heap_diagnose(&a, &b);
	ck_assert_int_eq(d.kind, HEAP_DIAGNOSIS_MIXED);
	ck_assert_int_eq(d.part, HEAP_BREAKDOWN_LIVE);
}
END_TEST

/* 100,000 objects of 224 bytes more, each of which was sampled: what jemalloc
 * counts of them, and what they are. */
START_TEST(sampling_is_no_growth)
{
	static const struct {
		const char *version;
		int64_t allocated, active; /* for each of them */
	} jemallocs[] = {
		{ "5.3.0-0-g54eaed1d", 16384, 20480 },
		{ "5.3.1-0-g81034ce1", 0, 8192 },
	};
	const int64_t n = 100000;
	struct heap_breakdown a, b;
	struct heap_diagnosis d;
	struct heap_meta o;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(jemallocs); i++) {
		heap_meta_init(&o);
		o.jemalloc_version = jemallocs[i].version;
		o.allocated = o.active = 10 * MIB;
		o.resident = o.active + 3 * MIB;
		o.metadata = 3 * MIB;
		o.mapped = 4096 * MIB;
		o.dirty = o.muzzy = o.tcache = o.retained = 0;
		o.rss = 20 * MIB;
		heap_breakdown_make(&o, &a);
		o.allocated += n * jemallocs[i].allocated;
		o.active += n * jemallocs[i].active;
		o.metadata += n * 170;
		o.resident = o.active + o.metadata;
		o.rss += n * 4270;
		o.sampled_small = n;
		o.sampled_small_bytes = n * 224;
		heap_breakdown_make(&o, &b);
		d = heap_diagnose(&a, &b);
		ck_assert_int_eq(d.kind, HEAP_DIAGNOSIS_GREW);
		ck_assert_int_eq(d.part, HEAP_BREAKDOWN_LIVE);
		ck_assert_int_eq(d.bytes, n * 224);
		ck_assert_int_eq(d.grown, d.bytes);
		heap_meta_release(&o);
	}
}
END_TEST

/* 43 MiB of objects of 4 KiB come and go; of those that are left some fewer
 * were sampled, and what that adds falls below the tenth that is worth telling
 * apart. */
START_TEST(sampling_is_told_apart_in_both)
{
	struct heap_breakdown a, b;
	struct heap_meta before, after;
	struct heap_diagnosis d;

	heap_meta_init(&before);
	before.jemalloc_version = "5.3.0-0-g54eaed1d";
	before.allocated = 43 * MIB;
	before.active = 45 * MIB;
	before.metadata = 3 * MIB;
	before.resident = before.active + before.metadata;
	before.mapped = 4096 * MIB;
	before.dirty = before.muzzy = before.tcache = before.retained = 0;
	before.rss = 60 * MIB;
	before.sampled_small = 300;
	before.sampled_small_bytes = before.sampled_small * 4096;
	after = before;
	after.sampled_small = 280;
	after.sampled_small_bytes = after.sampled_small * 4096;
	heap_breakdown_make(&before, &a);
	heap_breakdown_make(&after, &b);
	ck_assert(a.sampled && !b.sampled);
	heap_breakdown_make_pair(&before, &after, &a, &b);
	ck_assert(a.sampled && b.sampled);
	ck_assert_int_eq(heap_breakdown_growth(&a, &b, HEAP_BREAKDOWN_LIVE), 0);
	d = heap_diagnose(&a, &b);
	ck_assert_int_eq(d.kind, HEAP_DIAGNOSIS_STEADY);
	heap_meta_release(&before);
}
END_TEST

START_TEST(what_it_holds)
{
	struct heap_breakdown l = base_breakdown();
	struct heap_diagnosis d;

	d = heap_diagnose(NULL, &l);
	ck_assert_int_eq(d.kind, HEAP_DIAGNOSIS_STEADY);
	l.parts[HEAP_BREAKDOWN_KEPT] = 250 * MIB;
	d = heap_diagnose(NULL, &l);
	ck_assert_int_eq(d.kind, HEAP_DIAGNOSIS_HOLDS);
	ck_assert_int_eq(d.part, HEAP_BREAKDOWN_KEPT);
	l.parts[HEAP_BREAKDOWN_SLACK] = 150 * MIB;
	d = heap_diagnose(NULL, &l);
	ck_assert_int_eq(d.kind, HEAP_DIAGNOSIS_HOLDS);
	ck_assert_int_eq(d.part, HEAP_BREAKDOWN_SLACK);
	ck_assert_int_eq(d.slack_percent, 25);
	l.parts[HEAP_BREAKDOWN_SLACK] = 149 * MIB;
	d = heap_diagnose(NULL, &l);
	ck_assert_int_eq(d.part, HEAP_BREAKDOWN_KEPT);
	l.known = false;
	d = heap_diagnose(NULL, &l);
	ck_assert_int_eq(d.kind, HEAP_DIAGNOSIS_NONE);
}
END_TEST

int main(void)
{
	return hs_check_run("heap/memory_breakdown", every_part,
			    what_cannot_be_told, by_records, little_is_known,
			    what_grew, sampling_is_no_growth,
			    sampling_is_told_apart_in_both, what_it_holds);
}
