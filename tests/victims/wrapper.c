/*
 * A pthread_create() that comes before libc's.
 */
#include <dlfcn.h>
#include <pthread.h>

int pthread_create(pthread_t *restrict thread,
		   const pthread_attr_t *restrict attr, void *(*start)(void *),
		   void *restrict arg)
{
	int (*next)(pthread_t *, const pthread_attr_t *, void *(*)(void *),
		    void *);

	*(void **)&next = dlsym(RTLD_NEXT, "pthread_create");
	return next(thread, attr, start, arg);
}
