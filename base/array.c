#include "base/array.h"

#include <stdint.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

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

void array_give_back(void *items, size_t size)
{
	const uintptr_t page = (uintptr_t)sysconf(_SC_PAGESIZE);
	const uintptr_t start = ((uintptr_t)items + page - 1) & ~(page - 1);
	const uintptr_t end = ((uintptr_t)items + size) & ~(page - 1);

	if (start < end)
		(void)madvise((void *)start, end - start, MADV_DONTNEED);
}
