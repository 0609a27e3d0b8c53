#include "symbol/unpack_budget.h"

#include <stdlib.h>
#include <string.h>

enum {
	TOTAL_MAX = 1 << 30,
	RATIO = 16,
	BEYOND_MAX = 64 << 20,
};

void unpack_budget_release(struct unpack_budget *b)
{
	free(atomic_exchange(&b->refused, NULL));
}

/* Adds @n to *@sum unless that is then above @max. */
static bool add(_Atomic uint64_t *sum, uint64_t n, uint64_t max)
{
	uint64_t had = atomic_load(sum);

	do {
		if (n > max || had > max - n)
			return false;
	} while (!atomic_compare_exchange_weak(sum, &had, had + n));
	return true;
}

/* The first one's name is kept; without memory for it nobody is told. */
static void refuse(struct unpack_budget *b, const char *name)
{
	char *none = NULL, *copy = strdup(name);

	atomic_store(&b->incomplete, true);
	if (!atomic_compare_exchange_strong(&b->refused, &none, copy))
		free(copy);
}

bool unpack_budget_take(struct unpack_budget *b, const char *name,
			uint64_t packed, uint64_t unpacked)
{
	uint64_t beyond = 0;

	if (unpacked / RATIO >= packed)
		beyond = unpacked - packed * RATIO;
	if (!add(&b->beyond, beyond, BEYOND_MAX)) {
		refuse(b, name);
		return false;
	}
	if (add(&b->total, unpacked, TOTAL_MAX))
		return true;
	atomic_fetch_sub(&b->beyond, beyond);
	refuse(b, name);
	return false;
}

struct hs_error *unpack_budget_check(struct unpack_budget *b)
{
	char *name = atomic_exchange(&b->refused, NULL);
	struct hs_error *err;

	if (!name)
		return NULL;
	err = hs_error_new(
		HS_ERROR_NOT_FOUND,
		"names of '%s' may be missing: its debug "
		"information unpacks to more than %d times its size, "
		"or what is unpacked and copied of all files comes to more "
		"than %d GiB",
		name, RATIO, TOTAL_MAX >> 30);
	free(name);
	return err;
}
