#include "base/array.h"

#include <stdlib.h>

bool array_grow(void **items, size_t *cap, size_t need, size_t size)
{
	size_t n = *cap ? *cap : 16;
	void *p;

	if (need <= *cap)
		return true;
	while (n < need) {
		if (__builtin_mul_overflow(n, (size_t)2, &n))
			return false;
	}
	p = reallocarray(*items, n, size);
	if (!p)
		return false;
	*items = p;
	*cap = n;
	return true;
}
