/* Calls that are inlined three deep, pieces of functions that gcc moves away
 * (.cold, .part), copies it makes (.constprop, .isra) and local functions. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct point {
	long x, y, z;
};

static inline __attribute__((always_inline)) void *leaf(size_t size)
{
	void *p = malloc(size + 1);

	if (!p)
		abort();
	memset(p, 'l', size + 1);
	return p;
}

static inline __attribute__((always_inline)) char *middle(const char *s)
{
	size_t size = strlen(s) + 1;

	return memcpy(leaf(size), s, size);
}

static __attribute__((noinline)) long weigh(const struct point *p, int times)
{
	long sum = 0;
	int i;

	for (i = 0; i < times; i++) {
		sum += p->x * i;
		if (sum > 1000000)
			printf("heavy %ld\n", sum);
	}
	return sum + p->y;
}

static __attribute__((noinline)) int rare(int x, const char *s)
{
	if (__builtin_expect(x < 0, 0)) {
		fprintf(stderr, "%s: %d\n", s, x);
		abort();
	}
	return (int)strlen(s) + x;
}

char *chain_twice(const char *s)
{
	char *first = middle(s);
	char *second = middle(first);

	free(first);
	return second;
}

int chain_run(int n)
{
	struct point p = { n, 2, 3 };
	char *s = chain_twice("chain");
	long w = weigh(&p, 7) + far_sum(n) + weigh(&p, 7);
	int r = rare(n, s) + rare(n + 1, "again");

	free(s);
	return (int)w + r;
}
