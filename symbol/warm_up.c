#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <unistd.h>

#include "symbol/symbolizer.h"

enum {
	THREADS_MAX = 16,
};

struct warm_up {
	struct symbolizer *symbolizer;
	const struct symbol_query **queries; /* owned; most offsets first */
	size_t n;
	atomic_size_t next;
};

static int compare_queries(const void *pa, const void *pb)
{
	const struct symbol_query *const *a = pa, *const *b = pb;

	return ((*a)->n < (*b)->n) - ((*a)->n > (*b)->n);
}

static void look_up_all(struct symbolizer *s, const struct symbol_query *query)
{
	struct symbol_frames frames;
	size_t i;

	for (i = 0; i < query->n; i++)
		hs_error_free(symbolizer_lookup(s, query->module,
						query->offsets[i], &frames));
}

static void *work(void *arg)
{
	struct warm_up *w = arg;

	for (;;) {
		size_t i = atomic_fetch_add(&w->next, 1);

		if (i >= w->n)
			return NULL;
		look_up_all(w->symbolizer, w->queries[i]);
	}
}

static size_t thread_count(size_t n)
{
	long cores = sysconf(_SC_NPROCESSORS_ONLN);

	if (cores < 1)
		return 1;
	if (n > THREADS_MAX)
		n = THREADS_MAX;
	return n < (size_t)cores ? n : (size_t)cores;
}

void symbolizer_warm_up(struct symbolizer *s,
			const struct symbol_query *queries, size_t n)
{
	struct warm_up w = { .symbolizer = s, .n = n };
	pthread_t threads[THREADS_MAX];
	size_t started = 0, wanted = thread_count(n), i;

	if (wanted < 2)
		return;
	w.queries = calloc(n, sizeof(*w.queries));
	if (!w.queries)
		return;
	for (i = 0; i < n; i++)
		w.queries[i] = &queries[i];
	qsort(w.queries, n, sizeof(*w.queries), compare_queries);
	/* This thread works as well. */
	while (started + 1 < wanted &&
	       !pthread_create(&threads[started], NULL, work, &w))
		started++;
	work(&w);
	for (i = 0; i < started; i++)
		pthread_join(threads[i], NULL);
	free(w.queries);
}
