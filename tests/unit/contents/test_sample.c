/* Size classes are counted exactly, also what came and went between two looks;
 * what they consist of is estimated by a sample in which each region has the
 * same chance, and its error is what the estimates scatter by. */
#include "contents/sample.h"

#include <math.h>
#include <stdio.h>

#include "tests/unit/hs_check.h"

enum {
	CLASS = 4, /* of 64 bytes */
	BYTES = 64,
	PER_SLAB = 64,
	SLABS = 200,
	ALL = SLABS * PER_SLAB,
	MOST = 400, /* regions that are looked at */
};

#define HEAP UINT64_C(0x7f2000000000)
#define PAGE UINT64_C(4096)

/* A heap of regions of 64 bytes: a third of them, which @shift chooses, has
 * text. */
struct process {
	uint64_t shift;
	struct maps maps;
	struct surroundings around;
	struct monitor monitor;
	struct sample_options options;
	uint64_t absent; /* an address that is not in memory; 0: none */
	size_t reads;
};

/* In no order that a sample could follow. */
static bool has_text(uint64_t i, uint64_t shift)
{
	uint64_t z = (i + shift) * UINT64_C(0x9e3779b97f4a7c15);

	z = (z ^ z >> 29) * UINT64_C(0xff51afd7ed558ccd);
	return (z >> 32) % 3 == 0;
}

static bool read_region(void *arg, uint64_t address, void *buf, size_t len)
{
	struct process *p = arg;
	const uint64_t i = (address - HEAP) / BYTES;

	p->reads++;
	if (address == p->absent)
		return false;
	memset(buf, 0, len);
	if (has_text(i, p->shift))
		memcpy(buf, "some text", 9);
	return true;
}

static bool has_no_names(void *arg, uint64_t address, struct strbuf *name)
{
	(void)arg;
	(void)address;
	(void)name;
	return false;
}

static void process_make(struct process *p, uint64_t shift)
{
	*p = (struct process){ .shift = shift };
	p->around = (struct surroundings){
		.memory = { read_region, p },
		.constants = { read_region, p },
		.maps = &p->maps,
		.name = has_no_names,
	};
	p->options = (struct sample_options){
		.around = &p->around,
		.most = MOST,
		.monitor = &p->monitor,
	};
}

/* @n slabs, the first of them the one of number @first, all in use. */
static void regions_make(struct heap_regions *r, unsigned first, unsigned n)
{
	unsigned i;

	*r = (struct heap_regions){
		.slabs = calloc(n, sizeof(*r->slabs)),
		.n = n,
	};
	for (i = 0; i < n; i++)
		r->slabs[i] = (struct heap_slab){
			.address = HEAP + (first + i) * PAGE,
			.size = BYTES,
			.szind = CLASS,
			.n = PER_SLAB,
		};
	r->classes[CLASS].live = (uint64_t)n * PER_SLAB;
	r->classes[CLASS].live_bytes = (uint64_t)n * PER_SLAB * BYTES;
}

static void set_free(struct heap_regions *r, unsigned slab, unsigned i)
{
	r->slabs[slab].free[i / 64] |= UINT64_C(1) << i % 64;
	r->classes[CLASS].live--;
	r->classes[CLASS].live_bytes -= BYTES;
}

static void look(struct process *p, const struct heap_regions *before,
		 const struct heap_regions *now, struct heap_contents *c)
{
	heap_contents_init(c);
	if (before)
		c->interval_us = 1;
	hs_ck_ok(sample_classes(before, now, c));
	hs_ck_ok(sample_types(before, now, &p->options, c));
}

/* 0: there is none. */
static const struct contents_type *find(const struct heap_contents *c,
					enum contents_kind kind)
{
	size_t i;

	for (i = 0; i < c->n_types; i++)
		if (c->types[i].kind == kind)
			return &c->types[i];
	return NULL;
}

START_TEST(all_are_exact)
{
	struct heap_regions now;
	struct heap_contents c;
	struct process p;
	int64_t text = 0, i;

	process_make(&p, 0);
	regions_make(&now, 0, 3);
	set_free(&now, 1, 7);
	p.absent = HEAP + 2 * PAGE + 5 * BYTES;
	p.options.most = 3 * PER_SLAB;
	look(&p, NULL, &now, &c);
	for (i = 0; i < 3 * PER_SLAB; i++)
		text += i != PER_SLAB + 7 && i != 2 * PER_SLAB + 5 &&
			has_text((uint64_t)i, 0);
	ck_assert_uint_eq(p.reads, 3 * PER_SLAB - 1);
	ck_assert_uint_eq(c.n_classes, 1);
	ck_assert_int_eq(c.classes[0].live, 3 * PER_SLAB - 1);
	ck_assert_int_eq(c.classes[0].looked_at, 3 * PER_SLAB - 1);
	ck_assert_int_eq(find(&c, CONTENTS_TEXT)->objects, text);
	ck_assert_int_eq(find(&c, CONTENTS_ABSENT)->objects, 1);
	ck_assert_int_eq(find(&c, CONTENTS_ZEROS)->objects,
			 3 * PER_SLAB - 2 - text);
	ck_assert_int_eq(find(&c, CONTENTS_TEXT)->bytes, text * BYTES);
	ck_assert(find(&c, CONTENTS_TEXT)->variance == 0);
	heap_contents_release(&c);
	heap_regions_release(&now);
}
END_TEST

/* Of many samples: on average right, and they scatter as they say. */
START_TEST(estimates_scatter_as_told)
{
	enum { TIMES = 300 };
	double sum = 0, squares = 0, told = 0, mean, deviation;
	struct heap_regions now;
	struct heap_contents c;
	struct process p;
	unsigned i;

	for (i = 0; i < TIMES; i++) {
		/* The sample is the same each time, and the heap another. */
		process_make(&p, (uint64_t)i * ALL);
		regions_make(&now, 0, SLABS);
		look(&p, NULL, &now, &c);
		ck_assert_uint_eq(p.reads, MOST);
		ck_assert_int_eq(c.classes[0].looked_at, MOST);
		sum += (double)find(&c, CONTENTS_TEXT)->objects;
		squares += pow((double)find(&c, CONTENTS_TEXT)->objects -
				       ALL / 3.0,
			       2);
		told += sqrt(find(&c, CONTENTS_TEXT)->variance);
		heap_contents_release(&c);
		heap_regions_release(&now);
	}
	mean = sum / TIMES;
	deviation = sqrt(squares / TIMES);
	told /= TIMES;
	ck_assert_double_eq_tol(
		told, ALL * sqrt(2 / 9.0 / MOST * (ALL - MOST) / (ALL - 1)),
		told / 100);
	ck_assert_double_eq_tol(mean, ALL / 3.0, 4 * told / sqrt(TIMES));
	ck_assert_double_eq_tol(deviation, told, told / 4);
}
END_TEST

START_TEST(what_came_and_went)
{
	struct heap_regions before, now;
	struct heap_contents c;
	struct process p;

	process_make(&p, 0);
	/* The first slab goes, the third comes; in the second are changes. */
	regions_make(&before, 0, 2);
	regions_make(&now, 1, 2);
	set_free(&before, 1, 3);
	set_free(&before, 1, 4);
	set_free(&now, 0, 4);
	set_free(&now, 0, 5);
	set_free(&now, 0, 63);
	look(&p, &before, &now, &c);
	ck_assert_int_eq(c.classes[0].live, 2 * PER_SLAB - 3);
	ck_assert_int_eq(c.classes[0].came, PER_SLAB + 1);
	ck_assert_int_eq(c.classes[0].went, PER_SLAB + 2);
	ck_assert_int_eq(c.classes[0].came_bytes, (PER_SLAB + 1) * BYTES);
	ck_assert_int_eq(c.classes[0].went_bytes, (PER_SLAB + 2) * BYTES);
	ck_assert_int_eq(c.classes[0].looked_at, PER_SLAB + 1);
	ck_assert_uint_eq(p.reads, PER_SLAB + 1);
	heap_contents_release(&c);

	/* Where it was there is a slab of another size now: nothing stayed. */
	before.slabs[1].szind = CLASS + 1;
	before.classes[CLASS].live = PER_SLAB;
	before.classes[CLASS + 1].live = PER_SLAB - 2;
	look(&p, &before, &now, &c);
	ck_assert_uint_eq(c.n_classes, 2);
	ck_assert_int_eq(c.classes[0].came, 2 * PER_SLAB - 3);
	ck_assert_int_eq(c.classes[0].went, PER_SLAB);
	ck_assert_int_eq(c.classes[1].live, 0);
	ck_assert_int_eq(c.classes[1].went, PER_SLAB - 2);
	heap_contents_release(&c);
	heap_regions_release(&before);
	heap_regions_release(&now);
}
END_TEST

START_TEST(nothing_changed)
{
	struct heap_regions now;
	struct heap_contents c;
	struct process p;

	process_make(&p, 0);
	regions_make(&now, 0, 2);
	look(&p, &now, &now, &c);
	ck_assert_int_eq(c.classes[0].came, 0);
	ck_assert_int_eq(c.classes[0].went, 0);
	ck_assert_uint_eq(c.n_types, 0);
	ck_assert_uint_eq(p.reads, 0);
	heap_contents_release(&c);
	heap_regions_release(&now);
}
END_TEST

START_TEST(stops_when_asked)
{
	static const volatile sig_atomic_t stop = SIGINT;
	struct heap_regions now;
	struct heap_contents c;
	struct hs_error *err;
	struct process p;

	process_make(&p, 0);
	p.monitor.stop = &stop;
	regions_make(&now, 0, 2);
	heap_contents_init(&c);
	hs_ck_ok(sample_classes(NULL, &now, &c));
	err = sample_types(NULL, &now, &p.options, &c);
	ck_assert_ptr_nonnull(err);
	ck_assert_int_eq(hs_error_code(err), HS_ERROR_INTERRUPTED);
	hs_error_free(err);
	heap_contents_release(&c);
	heap_regions_release(&now);
}
END_TEST

int main(void)
{
	return hs_check_run("contents/sample", all_are_exact,
			    estimates_scatter_as_told, what_came_and_went,
			    nothing_changed, stops_when_asked);
}
