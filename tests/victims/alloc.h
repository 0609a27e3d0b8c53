/**
 * @file alloc.h - malloc and friends under the name this victim's jemalloc has.
 *
 * PREFIX is set by the build of the victims that are linked with a jemalloc
 * whose public names carry a prefix, as by its --with-jemalloc-prefix.
 */
#ifndef TESTS_VICTIMS_ALLOC_H
#define TESTS_VICTIMS_ALLOC_H

#include <malloc.h>
#include <stdlib.h>

#ifdef PREFIX
#define PREFIXED_(prefix, name) prefix##name
#define PREFIXED(prefix, name) PREFIXED_(prefix, name)
#define malloc PREFIXED(PREFIX, malloc)
#define realloc PREFIXED(PREFIX, realloc)
#define free PREFIXED(PREFIX, free)
#define malloc_usable_size PREFIXED(PREFIX, malloc_usable_size)
#define mallctl PREFIXED(PREFIX, mallctl)

void *malloc(size_t size);
void *realloc(void *p, size_t size);
void free(void *p);
size_t malloc_usable_size(void *p);
#endif

/** NULL in a victim that has no jemalloc. */
__attribute__((weak)) int mallctl(const char *name, void *old, size_t *old_len,
				  void *value, size_t len);

#endif
