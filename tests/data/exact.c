/* What the dumps jemalloc-5.3.0-*.heap are of: see README.md. */
#define _GNU_SOURCE
#include <jemalloc/jemalloc.h>
#include <pthread.h>
#include <stdlib.h>

void *kept[200000];
static size_t n_kept;

static __attribute__((noinline)) void keep(size_t size, size_t n)
{
	while (n--)
		kept[n_kept++] = malloc(size);
}
__attribute__((noinline)) static void eights(void)
{
	keep(8, 100000);
}
__attribute__((noinline)) static void odd(size_t n)
{
	keep(100, n);
}
__attribute__((noinline)) static void mixed(void)
{
	for (int i = 0; i < 50; i++) {
		kept[n_kept++] = malloc(64);
		kept[n_kept++] = malloc(100000);
	}
}
__attribute__((noinline)) static void churn(void)
{
	for (int i = 0; i < 10000; i++) {
		void *volatile p = malloc(4096);
		free(p);
	}
}
static void *worker(void *arg)
{
	const char *name = "my worker";
	mallctl("thread.prof.name", NULL, NULL, &name, sizeof(name));
	keep(32, 7000);
	return arg;
}
int main(int argc, char **argv)
{
	pthread_t t;
	eights();
	odd(argc > 2 ? 8000 : 3000);
	mixed();
	churn();
	pthread_create(&t, NULL, worker, NULL);
	pthread_join(t, NULL);
	const char *file = argv[1];
	return mallctl("prof.dump", NULL, NULL, &file, sizeof(file));
}
