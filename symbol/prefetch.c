#include "symbol/prefetch.h"

#include <errno.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#include "base/give_way.h"

enum {
	THREADS_MAX = 16,
	POLL_NS = 100000000, /* between two reports of progress */
	SECOND_NS = 1000000000,
};

struct prefetch {
	struct symbolizer *symbolizer;
	const struct symbol_query **queries; /* owned; most offsets first */
	size_t n;
	atomic_size_t next;
	atomic_size_t done; /* offsets */
	atomic_bool stop;   /* the rest is not wanted */
	symbol_progress_fn *progress;
	void *arg;
};

static int compare_queries(const void *pa, const void *pb)
{
	const struct symbol_query *const *a = pa, *const *b = pb;

	return ((*a)->n < (*b)->n) - ((*a)->n > (*b)->n);
}

static void look_up_all(struct prefetch *w, const struct symbol_query *query,
			symbol_progress_fn *progress)
{
	struct symbol_frames frames;
	size_t i, done;

	for (i = 0; i < query->n && !atomic_load(&w->stop); i++) {
		hs_error_free(symbolizer_lookup(w->symbolizer, query->module,
						query->offsets[i], &frames));
		done = atomic_fetch_add(&w->done, 1) + 1;
		if (progress && !progress(w->arg, done))
			atomic_store(&w->stop, true);
	}
}

static void work(struct prefetch *w, symbol_progress_fn *progress)
{
	size_t i;

	while ((i = atomic_fetch_add(&w->next, 1)) < w->n)
		look_up_all(w, w->queries[i], progress);
}

static void *work_beside(void *arg)
{
	struct prefetch *w = arg;

	if (symbolizer_gives_way(w->symbolizer))
		give_way();
	work(w, NULL);
	return NULL;
}

static void join(struct prefetch *w, pthread_t thread)
{
	struct timespec until;
	int status = ETIMEDOUT;

	while (w->progress && status == ETIMEDOUT) {
		clock_gettime(CLOCK_REALTIME, &until);
		until.tv_nsec += POLL_NS;
		until.tv_sec += until.tv_nsec / SECOND_NS;
		until.tv_nsec %= SECOND_NS;
		status = pthread_timedjoin_np(thread, NULL, &until);
		if (!w->progress(w->arg, atomic_load(&w->done)))
			atomic_store(&w->stop, true);
	}
	if (status)
		pthread_join(thread, NULL);
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

/* What is known need not wait for threads that wait for others. */
static void find_work(struct prefetch *w, const struct symbol_query *queries,
		      size_t n)
{
	size_t i;

	for (i = 0; i < n; i++) {
		if (symbolizer_knows(w->symbolizer, queries[i].module,
				     queries[i].offsets, queries[i].n))
			w->done += queries[i].n;
		else
			w->queries[w->n++] = &queries[i];
	}
	qsort(w->queries, w->n, sizeof(*w->queries), compare_queries);
}

void symbolizer_prefetch(struct symbolizer *s,
			 const struct symbol_query *queries, size_t n,
			 symbol_progress_fn *progress, void *arg)
{
	struct prefetch w = { .symbolizer = s,
			      .progress = progress,
			      .arg = arg };
	pthread_t threads[THREADS_MAX];
	const size_t own = symbolizer_gives_way(s) ? 0 : 1;
	size_t started = 0, wanted, i;

	if (!n)
		return;
	w.queries = calloc(n, sizeof(*w.queries));
	if (!w.queries)
		return;
	find_work(&w, queries, n);
	wanted = thread_count(w.n);
	/* This thread works as well, unless it is to give way: it could not go
	 * back, and may be the one for which a service waits next. */
	while (started + own < wanted &&
	       !pthread_create(&threads[started], NULL, work_beside, &w))
		started++;
	if (own || !started)
		work(&w, progress);
	for (i = 0; i < started; i++)
		join(&w, threads[i]);
	free(w.queries);
}
