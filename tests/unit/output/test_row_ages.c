/* Ages and types of rows: of one stack as they are, of several together. */
#include "output/row_ages.h"

#include "base/array.h"
#include "tests/unit/hs_check.h"

/* Ascending by stack. */
static struct heap_samples samples[] = {
	{ 0, 5, 10, 20, 5, 4, "b" },
	{ 1, 2, 300, 400, 2, 2, "a" },
	{ 3, 1, 50, 50, 1, 1, "a" },
	{ 4, 3, 7, 9, 3, 0, NULL },
	{ 6, 9, HEAP_AGE_UNKNOWN, HEAP_AGE_UNKNOWN, 0, 0, NULL },
};

static void add(struct row_ages *ages, uint32_t row, uint32_t stack)
{
	const struct heap_profile p = {
		.samples = samples,
		.n_samples = ARRAY_SIZE(samples),
	};

	hs_ck_ok(row_ages_add(ages, row, &p, stack));
}

START_TEST(each_has_its_own)
{
	struct row_ages ages = { 0 };
	const struct heap_samples *s;

	add(&ages, 7, 0);
	add(&ages, 3, 1);
	add(&ages, 3, 2);
	add(&ages, 9, 6);
	row_ages_finish(&ages);
	s = row_ages_find(&ages, 7);
	ck_assert_mem_eq(s, &samples[0], sizeof(*s));
	s = row_ages_find(&ages, 3);
	ck_assert_mem_eq(s, &samples[1], sizeof(*s));
	ck_assert_int_eq(row_ages_find(&ages, 9)->oldest_ms, HEAP_AGE_UNKNOWN);
	ck_assert_ptr_null(row_ages_find(&ages, 4));
	ck_assert_ptr_null(row_ages_find(&ages, 10));
	row_ages_release(&ages);
}
END_TEST

/* Eleven samples: five of 10, three of 7, one of 50, two of 300. */
START_TEST(several_are_joined)
{
	struct row_ages ages = { 0 };
	const struct heap_samples *s;

	add(&ages, 1, 0);
	add(&ages, 1, 1);
	add(&ages, 1, 3);
	add(&ages, 1, 4);
	row_ages_finish(&ages);
	ck_assert_uint_eq(ages.n, 1);
	s = row_ages_find(&ages, 1);
	ck_assert_uint_eq(s->n, 11);
	ck_assert_int_eq(s->median_ms, 10);
	ck_assert_int_eq(s->oldest_ms, 400);
	ck_assert_uint_eq(s->looked_at, 11);
	/* Four against three. */
	ck_assert_str_eq(s->type, "b");
	ck_assert_uint_eq(s->of_type, 4);
	row_ages_release(&ages);
}
END_TEST

START_TEST(one_type_of_several_stacks)
{
	struct row_ages ages = { 0 };
	const struct heap_samples *s;

	add(&ages, 1, 1);
	add(&ages, 1, 3);
	row_ages_finish(&ages);
	s = row_ages_find(&ages, 1);
	ck_assert_str_eq(s->type, "a");
	ck_assert_uint_eq(s->of_type, 3);
	ck_assert_int_eq(s->median_ms, 300);
	row_ages_release(&ages);
}
END_TEST

int main(void)
{
	return hs_check_run("output/row_ages", each_has_its_own,
			    several_are_joined, one_type_of_several_stacks);
}
