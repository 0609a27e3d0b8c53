/* Hashing, also of what was chosen to do harm, and interning: equal strings are
 * one pointer however many there are, long ones too; and growing arrays, which
 * both stand on. */
#include "base/hash.h"

#include <stdint.h>
#include <stdio.h>

#include "base/array.h"
#include "base/hash_index.h"
#include "base/intern.h"
#include "tests/unit/hs_check.h"

static uint64_t hash_of(const void *data, size_t len)
{
	return hash_bytes(hash_begin(), data, len).value;
}

START_TEST(hash_sees_every_byte_and_the_length)
{
	char data[64] = { 0 };
	uint64_t zero = hash_of(data, sizeof(data));
	size_t i;

	ck_assert_uint_eq(hash_of(data, sizeof(data)), zero);
	ck_assert_uint_ne(
		hash_bytes(hash_mix(hash_begin(), 1), data, sizeof(data)).value,
		zero);
	for (i = 0; i < sizeof(data); i++) {
		ck_assert_uint_ne(hash_of(data, i), zero);
		data[i] = 1;
		ck_assert_uint_ne(hash_of(data, sizeof(data)), zero);
		data[i] = 0;
	}
}
END_TEST

START_TEST(hash_spreads_its_low_bits)
{
	/* Multiples of a page, as frames and mappings are. */
	enum { N = 4096 };
	unsigned char used[N] = { 0 };
	uint64_t word;
	size_t i, n = 0;

	for (i = 0; i < N; i++) {
		word = 0x7f0000000000 + i * 4096;
		n += !used[hash_of(&word, sizeof(word)) % N]++;
	}
	/* By chance alone N * (1 - 1/e) = 2589 would be used. */
	ck_assert_uint_gt(n, 2300);
}
END_TEST

/* x with x * 0x9e3779b97f4a7c15 == product, modulo 2^64. */
static uint64_t divided(uint64_t product)
{
	uint64_t inverse = 1;
	int i;

	/* Newton: each step doubles the low bits that are right. */
	for (i = 0; i < 7; i++)
		inverse *= 2 - 0x9e3779b97f4a7c15 * inverse;
	return product * inverse;
}

/* As the addresses of a dump are looked up. */
static size_t steps_of(struct hash_index *index, uint64_t address)
{
	struct hash_index_walk walk = { 0 };
	const uint64_t hash = hash_mix(hash_index_begin(index), address).value;

	while (hash_index_next(index, hash, &walk))
		;
	hs_ck_ok(hash_index_add(index, hash, (uint32_t)index->n));
	return walk.step;
}

START_TEST(chosen_addresses_do_not_fall_together)
{
	/* Multiplied by what spread hashes before, the upper halves of all are
	 * 0, or the same after they were mixed with the lower ones. */
	enum { N = 20000 };
	struct hash_index plain = { 0 }, mixed = { 0 };
	size_t steps = 0;
	uint64_t i;

	for (i = 1; i <= N; i++) {
		steps += steps_of(&plain, divided(i));
		steps += steps_of(&mixed, divided(i << 32 | i));
	}
	/* Of each about 1.5; together, half of the others. */
	ck_assert_uint_lt(steps, 2 * N * 4);
	hash_index_release(&plain);
	hash_index_release(&mixed);
}
END_TEST

/* Whether @value is among those at @hash. */
static bool is_there(const struct hash_index *index, uint64_t hash,
		     uint32_t value)
{
	struct hash_index_walk walk = { 0 };

	while (hash_index_next(index, hash, &walk))
		if (walk.value == value)
			return true;
	return false;
}

/* So many that the table is in memory of another kind. */
START_TEST(a_large_index_finds_all)
{
	enum { N = 200000 };
	struct hash_index index = { 0 };
	uint32_t i;

	for (i = 0; i < N; i++)
		hs_ck_ok(hash_index_add(
			&index, hash_mix(hash_index_begin(&index), i).value,
			i));
	for (i = 0; i < 2 * N; i++)
		ck_assert(is_there(&index,
				   hash_mix(hash_index_begin(&index), i).value,
				   i) == (i < N));
	hash_index_release(&index);
}
END_TEST

/* Texts that differ where a multiplication does not carry. */
START_TEST(texts_that_cancel_out_do_not_fall_together)
{
	const uint64_t word[2][2] = {
		{ 0x0123456789abcdef, 0x1111111111111111 },
		{ 0x8123456789abcdef, 0x9111111191111111 },
	};

	ck_assert_uint_ne(hash_of(word[0], 16), hash_of(word[1], 16));
}
END_TEST

START_TEST(equal_strings_are_one)
{
	struct intern table = { 0 };
	const char *a, *b, *c, *empty;

	hs_ck_ok(intern_string(&table, "malloc", 6, &a));
	hs_ck_ok(intern_string(&table, "malloc_usable", 6, &b));
	hs_ck_ok(intern_string(&table, "malloc", 3, &c));
	hs_ck_ok(intern_string(&table, "", 0, &empty));
	ck_assert_ptr_eq(a, b);
	ck_assert_ptr_ne(a, c);
	ck_assert_str_eq(a, "malloc");
	ck_assert_str_eq(c, "mal");
	ck_assert_str_eq(empty, "");
	ck_assert_uint_eq(table.n, 3);
	intern_release(&table);
	ck_assert_uint_eq(table.cap, 0);
	hs_ck_ok(intern_string(&table, "again", 5, &a));
	ck_assert_str_eq(a, "again");
	intern_release(&table);
}
END_TEST

START_TEST(many_strings_stay_where_they_are)
{
	enum { N = 20000 };
	static const char *first[N];
	struct intern table = { 0 };
	const char *again;
	char name[32];
	int i, len;

	for (i = 0; i < N; i++) {
		len = snprintf(name, sizeof(name), "function_%d", i);
		hs_ck_ok(intern_string(&table, name, (size_t)len, &first[i]));
	}
	ck_assert_uint_eq(table.n, N);
	for (i = 0; i < N; i++) {
		len = snprintf(name, sizeof(name), "function_%d", i);
		ck_assert_str_eq(first[i], name);
		hs_ck_ok(intern_string(&table, name, (size_t)len, &again));
		ck_assert_ptr_eq(again, first[i]);
	}
	ck_assert_uint_eq(table.n, N);
	intern_release(&table);
}
END_TEST

START_TEST(long_strings_fit)
{
	enum { LONG = 300000 };
	static char text[LONG];
	struct intern table = { 0 };
	const char *big, *small, *again;

	memset(text, 'x', LONG);
	hs_ck_ok(intern_string(&table, "before", 6, &small));
	hs_ck_ok(intern_string(&table, text, LONG, &big));
	hs_ck_ok(intern_string(&table, text, LONG, &again));
	ck_assert_ptr_eq(big, again);
	ck_assert_uint_eq(strlen(big), LONG);
	ck_assert_str_eq(small, "before");
	hs_ck_ok(intern_string(&table, "after", 5, &again));
	ck_assert_str_eq(again, "after");
	ck_assert_uint_eq(strlen(big), LONG);
	intern_release(&table);
}
END_TEST

START_TEST(arrays_double)
{
	int *items = NULL;
	size_t cap = 0;

	ck_assert(ARRAY_GROW(items, cap, 1));
	ck_assert_uint_eq(cap, 16);
	items[15] = 7;
	ck_assert(ARRAY_GROW(items, cap, 16));
	ck_assert_uint_eq(cap, 16);
	ck_assert(ARRAY_GROW(items, cap, 100));
	ck_assert_uint_eq(cap, 128);
	ck_assert_int_eq(items[15], 7);
	ck_assert(!ARRAY_GROW(items, cap, SIZE_MAX));
	ck_assert(!ARRAY_GROW(items, cap, SIZE_MAX / sizeof(*items)));
	ck_assert_uint_eq(cap, 128);
	ck_assert_int_eq(items[15], 7);
	free(items);
}
END_TEST

int main(void)
{
	return hs_check_run("base/hash", hash_sees_every_byte_and_the_length,
			    hash_spreads_its_low_bits,
			    chosen_addresses_do_not_fall_together,
			    a_large_index_finds_all,
			    texts_that_cancel_out_do_not_fall_together,
			    equal_strings_are_one,
			    many_strings_stay_where_they_are, long_strings_fit,
			    arrays_double);
}
