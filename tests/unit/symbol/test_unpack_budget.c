/* What compressed parts of files may come to: together, and beyond 16 times
 * their packed sizes. */
#include "symbol/unpack_budget.h"

#include "tests/unit/hs_check.h"

#define MIB (UINT64_C(1) << 20)

START_TEST(real_sections_cost_nothing_but_their_size)
{
	struct unpack_budget b = { 0 };
	int i;

	for (i = 0; i < 8; i++)
		ck_assert(unpack_budget_take(&b, "a", 8 * MIB, 128 * MIB));
	ck_assert(!unpack_budget_take(&b, "b", 1, 1));
	hs_ck_err(unpack_budget_check(&b), HS_ERROR_NOT_FOUND,
		  "names of 'b' may be missing: its debug information unpacks "
		  "to more than 16 times its size, or what is unpacked and "
		  "copied of all files comes to more than 1 GiB");
	hs_ck_ok(unpack_budget_check(&b));
	unpack_budget_release(&b);
}
END_TEST

START_TEST(what_is_beyond_is_shared)
{
	struct unpack_budget b = { 0 };

	ck_assert(unpack_budget_take(&b, "a", MIB, 48 * MIB)); /* 32 beyond */
	ck_assert(!unpack_budget_take(&b, "b", MIB, 49 * MIB));
	ck_assert(!unpack_budget_take(&b, "c", 0, UINT64_MAX));
	ck_assert(!unpack_budget_take(&b, "d", UINT64_MAX, UINT64_MAX));
	ck_assert(unpack_budget_take(&b, "a", MIB, 48 * MIB));
	ck_assert(!unpack_budget_take(&b, "a", 0, 1));
	ck_assert(unpack_budget_take(&b, "a", 1, 16));
	unpack_budget_release(&b);
}
END_TEST

/* What was too much for the sum has taken nothing of what is beyond. */
START_TEST(a_refusal_takes_nothing)
{
	struct unpack_budget b = { 0 };

	ck_assert(unpack_budget_take(&b, "a", 64 * MIB, 1000 * MIB));
	ck_assert(!unpack_budget_take(&b, "b", 0, 60 * MIB));
	ck_assert(unpack_budget_take(&b, "c", 0, 24 * MIB));
	unpack_budget_release(&b);
}
END_TEST

int main(void)
{
	return hs_check_run("symbol/unpack_budget",
			    real_sections_cost_nothing_but_their_size,
			    what_is_beyond_is_shared, a_refusal_takes_nothing);
}
