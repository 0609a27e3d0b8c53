/*
 * A service as there are many: it takes requests, keeps a session for each
 * visitor, and forgets it when the visitor says good-bye. Alas, most visitors
 * never do, and the tags a login adds are lost even when they do.
 *
 * The visitors are in the process too: three worker threads play one visit
 * after the other, from log-in to page views to, now and then, log-out.
 */
#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

enum { WORKERS = 3, BUCKETS = 4096, VISITS_PER_SECOND = 600, LIFE = 1800 };

struct session {
	struct session *next;
	uint64_t id;
	char *user;
	char **tags;
	void *basket;
	size_t basket_size;
};

static struct {
	pthread_mutex_t lock;
	struct session *buckets[BUCKETS];
} cache = { .lock = PTHREAD_MUTEX_INITIALIZER };

static void *must(void *p)
{
	if (!p) {
		perror("session-service");
		exit(1);
	}
	return p;
}

static uint64_t next_random(uint64_t *seed)
{
	*seed = *seed * 6364136223846793005ull + 1442695040888963407ull;
	return *seed >> 33;
}

__attribute__((noinline)) static char **load_tags(uint64_t id)
{
	char **tags = must(calloc(4, sizeof(*tags)));

	tags[0] = must(strdup(id % 2 ? "returning" : "new"));
	tags[1] = must(malloc(48 + id % 64));
	memset(tags[1], 't', 48);
	return tags;
}

__attribute__((noinline)) static struct session *session_create(uint64_t id)
{
	struct session *s = must(calloc(1, sizeof(*s)));

	s->id = id;
	if (asprintf(&s->user, "visitor-%llu", (unsigned long long)id) < 0)
		must(NULL);
	s->tags = load_tags(id);
	return s;
}

/* Whoever wrote this meant to free the tags as well. */
__attribute__((noinline)) static void session_destroy(struct session *s)
{
	free(s->basket);
	free(s->user);
	free(s);
}

__attribute__((noinline)) static struct session *session_cache_add(uint64_t id)
{
	struct session *s = session_create(id);

	pthread_mutex_lock(&cache.lock);
	s->next = cache.buckets[id % BUCKETS];
	cache.buckets[id % BUCKETS] = s;
	pthread_mutex_unlock(&cache.lock);
	return s;
}

__attribute__((noinline)) static void session_cache_remove(struct session *s)
{
	struct session **link = &cache.buckets[s->id % BUCKETS];

	pthread_mutex_lock(&cache.lock);
	while (*link != s)
		link = &(*link)->next;
	*link = s->next;
	pthread_mutex_unlock(&cache.lock);
	session_destroy(s);
}

__attribute__((noinline)) static void basket_add_item(struct session *s,
						      size_t size)
{
	s->basket = must(realloc(s->basket, s->basket_size + size));
	memset((char *)s->basket + s->basket_size, 'i', size);
	s->basket_size += size;
}

/* A page is built in memory and sent; nothing of it stays. */
__attribute__((noinline)) static size_t render_page(const struct session *s)
{
	size_t size = 8192 + s->id % 4096;
	char *page = must(malloc(size));
	int n = snprintf(page, size, "<p>Hello, %s (%s)</p>", s->user,
			 s->tags[0]);

	free(page);
	return (size_t)n;
}

__attribute__((noinline)) static void handle_visit(uint64_t id, uint64_t *seed)
{
	struct session *s = session_cache_add(id);
	uint64_t views = 1 + next_random(seed) % 4;

	for (; views; views--) {
		basket_add_item(s, 512 + next_random(seed) % 6144);
		if (!render_page(s))
			return;
	}
	if (next_random(seed) % 5 == 0)
		session_cache_remove(s);
}

static void *serve_visitors(void *arg)
{
	struct timespec pause = {
		.tv_nsec = 1000000000 / VISITS_PER_SECOND * WORKERS,
	};
	uint64_t worker = (uintptr_t)arg, seed = worker + 1, n;

	for (n = 0;; n++) {
		handle_visit(n * WORKERS + worker, &seed);
		nanosleep(&pause, NULL);
	}
	return NULL;
}

int main(void)
{
	pthread_t id;
	uintptr_t i;

	alarm(LIFE);
	for (i = 0; i < WORKERS; i++) {
		if (pthread_create(&id, NULL, serve_visitors, (void *)i))
			return 1;
	}
	printf("serving as process %d\n", (int)getpid());
	fflush(stdout);
	pthread_join(id, NULL);
	return 0;
}
