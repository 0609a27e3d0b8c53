/* What is in order stays, what is not comes into it: arrays of each length,
 * with one element out of place at each place, or none. */
#include "base/sort.h"

#include <string.h>

#include "tests/unit/hs_check.h"

enum { LONGEST = 12 };

struct item {
	int key;
	char rest[3];
};

static int by_key(const void *x, const void *y)
{
	const struct item *a = x, *b = y;

	return (a->key > b->key) - (a->key < b->key);
}

static void check_sorted(struct item *items, size_t n)
{
	size_t i;

	sort_if_needed(items, n, sizeof(*items), by_key);
	for (i = 0; i < n; i++) {
		ck_assert_int_eq(items[i].key, (int)i);
		ck_assert_int_eq(items[i].rest[0], (char)('a' + i));
	}
}

START_TEST(every_place)
{
	struct item items[LONGEST], one;
	size_t n, from, to, i;

	for (n = 1; n <= LONGEST; n++)
		for (from = 0; from < n; from++)
			for (to = 0; to < n; to++) {
				for (i = 0; i < n; i++)
					items[i] = (struct item){
						(int)i, { (char)('a' + i) }
					};
				one = items[from];
				items[from] = items[to];
				items[to] = one;
				check_sorted(items, n);
			}
}
END_TEST

START_TEST(nothing)
{
	sort_if_needed(NULL, 0, sizeof(struct item), by_key);
}
END_TEST

int main(void)
{
	return hs_check_run("base/sort", every_place, nothing);
}
