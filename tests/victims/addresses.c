/*
 * A program that knows where its functions are: before "ready" it prints lines
 * "NAME ADDRESS", the address in hexadecimal. Then it waits in read(2).
 *
 *	--thread N	threads that wait in a condition variable
 */
#include <pthread.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/types.h>
#include <unistd.h>

#include "tests/victims/victim.h"

int mallctl(const char *, void *, size_t *, void *, size_t);
int mallctlnametomib(const char *, size_t *, size_t *);
int mallctlbymib(const size_t *, size_t, void *, size_t *, void *, size_t);

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t never = PTHREAD_COND_INITIALIZER;
static uint64_t threads;

/* In the build whose object file has the name of one of jemalloc's: a local
 * function that is not jemalloc's all the same. */
__attribute__((noinline)) static void *own_function(void *arg)
{
	void *p = malloc(100);

	free(p);
	pthread_mutex_lock(&lock);
	for (;;)
		pthread_cond_wait(&never, &lock);
	return arg;
}

static void tell(const char *name, const void *function)
{
	victim_say("%s %llx", name, (unsigned long long)(uintptr_t)function);
}

static bool option(const char *name, const char *value)
{
	if (strcmp(name, "--thread"))
		return false;
	threads = victim_number(value);
	return true;
}

int main(int argc, char **argv)
{
	uint64_t i;

	victim_begin(argc, argv, option);
	tell("mallctl", mallctl);
	tell("mallctlnametomib", mallctlnametomib);
	tell("mallctlbymib", mallctlbymib);
	tell("malloc", malloc);
	tell("pthread_create", pthread_create);
	tell("pthread_attr_init", pthread_attr_init);
	tell("pthread_attr_setdetachstate", pthread_attr_setdetachstate);
	tell("pthread_attr_setstacksize", pthread_attr_setstacksize);
	tell("pthread_join", pthread_join);
	tell("pthread_exit", pthread_exit);
	tell("sleep", sleep);
	tell("fork", fork);
	tell("exit", exit);
	tell("system", system);
	tell("setuid", setuid);
	tell("read", read);
	tell("own_function", own_function);
	for (i = 0; i < threads; i++)
		victim_thread(own_function, NULL);
	victim_ready();
	victim_obey(NULL);
	return 0;
}
