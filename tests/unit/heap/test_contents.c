/* Of samples of size classes: how many objects of each type there are, with
 * which error, in each class and in all of them. */
#include "heap/contents.h"

#include <math.h>

#include "tests/unit/hs_check.h"

static void contents_make(struct heap_contents *c)
{
	heap_contents_init(c);
	c->classes = calloc(2, sizeof(*c->classes));
	c->n_classes = 2;
	c->classes[0] = (struct contents_class){
		.size = 32,
		.live = 100,
		.cached = 3,
		.live_bytes = 3200,
		.cached_bytes = 96,
		.came_bytes = 256,
		.went_bytes = 160,
		.looked_at = 100,
		.came = 8,
		.went = 5,
	};
	c->classes[1] = (struct contents_class){
		.size = 64,
		.live = 12000,
		.looked_at = 4000,
		.came = 8000,
		.live_bytes = 12000 * 64,
		.came_bytes = 8000 * 64,
	};
}

/* Of a class whose objects have @size bytes each. */
static struct contents_count count(uint32_t class, enum contents_kind kind,
				   const char *name, int64_t seen,
				   int64_t leaked)
{
	const int64_t size = class ? 64 : 32;

	return (struct contents_count){
		class,	       kind,
		name,	       seen,
		leaked,	       seen * size,
		leaked * size, (double)(seen * size * size),
	};
}

static void check(const struct contents_type *t, const char *name,
		  int64_t objects, int64_t bytes, double error)
{
	ck_assert_str_eq(t->name, name);
	ck_assert_int_eq(t->objects, objects);
	ck_assert_int_eq(t->bytes, bytes);
	ck_assert_double_eq_tol(sqrt(t->variance), error, 0.01);
}

/* The errors: 12000 sqrt(p (1-p) / 4000 (12000-4000) / (12000-1)), p of 1334,
 * 2665 and 4 of 4002. */
START_TEST(types_of_classes)
{
	const struct contents_count counts[] = {
		count(0, CONTENTS_TEXT, "text", 40, 0),
		count(0, CONTENTS_CXX, "a", 60, 30),
		count(1, CONTENTS_CXX, "b", 3, 0),
		count(1, CONTENTS_CXX, "a", 1333, 1000),
		count(1, CONTENTS_PYTHON, "a", 2664, 0),
	};
	struct heap_contents c;

	contents_make(&c);
	hs_ck_ok(heap_contents_estimate(&c, counts, 5));
	ck_assert_uint_eq(c.classes[0].n_types, 2);
	check(&c.classes[0].types[0], "a", 60, 1920, 0);
	check(&c.classes[0].types[1], "text", 40, 1280, 0);
	ck_assert_uint_eq(c.classes[1].n_types, 3);
	check(&c.classes[1].types[0], "a", 7992, 511488, 73.07);
	check(&c.classes[1].types[1], "a", 3999, 255936, 73.03);
	check(&c.classes[1].types[2], "b", 9, 576, 4.90);
	ck_assert_double_eq_tol(sqrt(c.classes[1].types[2].bytes_variance),
				64 * 4.8951, 0.1);

	/* Of all classes: those of a name and kind are one. */
	ck_assert_uint_eq(c.n_types, 4);
	check(&c.types[0], "a", 7992, 511488, 73.07);
	ck_assert_int_eq(c.types[0].kind, CONTENTS_PYTHON);
	check(&c.types[1], "a", 4059, 257856, 73.03);
	ck_assert_int_eq(c.types[1].leaked, 30 + 3000);
	ck_assert_int_eq(c.types[1].leaked_bytes, 30 * 32 + 3000 * 64);
	ck_assert_int_eq(c.types[1].seen_leaked, 1030);
	check(&c.types[2], "text", 40, 1280, 0);
	ck_assert_int_eq(c.types[2].leaked, 0);
	check(&c.types[3], "b", 9, 576, 4.90);
	heap_contents_release(&c);
}
END_TEST

/* None of a sample was of another type, which is no proof that none is. */
START_TEST(a_whole_sample_is_not_all)
{
	const struct contents_count counts[] = {
		count(1, CONTENTS_CXX, "a", 4000, 0),
	};
	struct heap_contents c;

	contents_make(&c);
	hs_ck_ok(heap_contents_estimate(&c, counts, 1));
	check(&c.types[0], "a", 12000, 768000, 2.45);
	heap_contents_release(&c);
}
END_TEST

/* With an interval it is what came that was looked at. */
START_TEST(types_of_an_interval)
{
	const struct contents_count counts[] = {
		count(0, CONTENTS_CXX, "a", 2, 0),
		count(0, CONTENTS_CXX, "b", 6, 0),
		count(1, CONTENTS_CXX, "a", 1000, 0),
	};
	struct heap_contents c;

	contents_make(&c);
	c.interval_us = 1;
	c.classes[0].looked_at = 8;
	hs_ck_ok(heap_contents_estimate(&c, counts, 3));
	check(&c.classes[0].types[0], "b", 6, 192, 0);
	ck_assert_int_eq(c.classes[1].types[0].objects, 2000);
	heap_contents_release(&c);
}
END_TEST

/* Objects of 64 and 48 bytes, which count as such: half of the sample each. */
START_TEST(objects_of_two_sizes)
{
	const struct contents_count counts[] = {
		{ 1, CONTENTS_CXX, "a", 4000, 1000, 2000 * (64 + 48), 1000 * 48,
		  2000.0 * (64 * 64 + 48 * 48) },
	};
	struct heap_contents c;

	contents_make(&c);
	hs_ck_ok(heap_contents_estimate(&c, counts, 1));
	check(&c.types[0], "a", 12000, 12000 * 56, 2.45);
	ck_assert_int_eq(c.types[0].leaked, 3000);
	ck_assert_int_eq(c.types[0].leaked_bytes, 3000 * 48);
	/* Of objects 2.449 times 56; of sizes, which are 8 from their mean,
	 * 12000 8 / sqrt(4000) sqrt(2 / 3). */
	ck_assert_double_eq_tol(sqrt(c.types[0].bytes_variance), 1247.0, 1);
	heap_contents_release(&c);
}
END_TEST

START_TEST(reach)
{
	struct contents_reach objects, bytes;
	struct heap_contents c;

	contents_make(&c);
	c.classes[0].reach = (struct contents_reach){ 90, 4, 3, 3 };
	c.classes[1].reach = (struct contents_reach){ 11000, 400, 500, 100 };
	c.classes[0].reach_bytes = (struct contents_reach){ 2880, 128, 96, 96 };
	c.classes[1].reach_bytes =
		(struct contents_reach){ 704000, 25600, 32000, 6400 };
	heap_contents_reach(&c, &objects, &bytes);
	ck_assert_int_eq(objects.held, 11090);
	ck_assert_int_eq(objects.direct, 404);
	ck_assert_int_eq(objects.indirect, 503);
	ck_assert_int_eq(objects.moved, 103);
	ck_assert_int_eq(bytes.held, 90 * 32 + 11000 * 64);
	ck_assert_int_eq(bytes.direct, 4 * 32 + 400 * 64);
	ck_assert_int_eq(bytes.indirect, 3 * 32 + 500 * 64);
	ck_assert_int_eq(bytes.moved, 3 * 32 + 100 * 64);
	heap_contents_release(&c);
}
END_TEST

START_TEST(sums)
{
	struct heap_contents c;
	struct contents_sum sum;

	contents_make(&c);
	sum = heap_contents_sum(&c);
	ck_assert_int_eq(sum.objects, 12100);
	ck_assert_int_eq(sum.bytes, 100 * 32 + 12000 * 64);
	ck_assert_int_eq(sum.cached, 3);
	ck_assert_int_eq(sum.cached_bytes, 96);
	ck_assert_int_eq(sum.came, 8008);
	ck_assert_int_eq(sum.came_bytes, 8 * 32 + 8000 * 64);
	ck_assert_int_eq(sum.went, 5);
	ck_assert_int_eq(sum.went_bytes, 160);
	heap_contents_release(&c);
}
END_TEST

int main(void)
{
	return hs_check_run("heap/contents", types_of_classes,
			    a_whole_sample_is_not_all, types_of_an_interval,
			    objects_of_two_sizes, reach, sums);
}
