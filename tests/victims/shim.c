/*
 * A library that puts functions of its own before glibc's malloc() and the
 * like, as those do that count or trace: it takes a lock, and jumps to glibc's.
 */
#include <pthread.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

void *__libc_malloc(size_t size);
void *__libc_calloc(size_t n, size_t size);
void *__libc_realloc(void *p, size_t size);
void *__libc_memalign(size_t alignment, size_t size);
void __libc_free(void *p);

void *malloc(size_t size);
void *calloc(size_t n, size_t size);
void *realloc(void *p, size_t size);
void *memalign(size_t alignment, size_t size);
void free(void *p);

extern pthread_mutex_t shim_lock;
extern void (*shim_inside)(void);

pthread_mutex_t shim_lock = PTHREAD_MUTEX_INITIALIZER;
void (*shim_inside)(void); /* is called with the lock */
static uint64_t calls, bytes;

__attribute__((noinline)) static void count(size_t size)
{
	pthread_mutex_lock(&shim_lock);
	calls++;
	bytes += size;
	if (shim_inside)
		shim_inside();
	pthread_mutex_unlock(&shim_lock);
}

void *malloc(size_t size)
{
	count(size);
	return __libc_malloc(size);
}

void *calloc(size_t n, size_t size)
{
	count(n * size);
	return __libc_calloc(n, size);
}

void *realloc(void *p, size_t size)
{
	count(size);
	return __libc_realloc(p, size);
}

void *memalign(size_t alignment, size_t size)
{
	return __libc_memalign(alignment, size);
}

void free(void *p)
{
	__libc_free(p);
}
