/**
 * @file cleanup.h - attributes that release our own resources.
 *
 * Declare a resource at its first use, and hand it over with
 * take_ptr()/take_fd(). Only for our own resources (memory, descriptors,
 * streams): the target's state is restored explicitly, in reverse order, with
 * the errors joined.
 */
#ifndef BASE_CLEANUP_H
#define BASE_CLEANUP_H

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#define hs_cleanup(fn) __attribute__((cleanup(fn)))

static inline void cleanup_free(void *p)
{
	free(*(void **)p);
}

static inline void cleanup_close(int *fd)
{
	if (*fd >= 0)
		close(*fd);
}

static inline void cleanup_fclose(FILE **f)
{
	if (*f)
		fclose(*f);
}

/** free()d at the end of the scope. */
#define _cleanup_free_ hs_cleanup(cleanup_free)
/** close()d at the end of the scope when it is not negative. */
#define _cleanup_close_ hs_cleanup(cleanup_close)
/** fclose()d at the end of the scope when it is not NULL. */
#define _cleanup_fclose_ hs_cleanup(cleanup_fclose)

/** The pointer's value; the variable becomes NULL and is not released. */
#define take_ptr(p)                         \
	({                                  \
		__typeof__(p) taken_ = (p); \
		(p) = NULL;                 \
		taken_;                     \
	})

/** The descriptor; the variable becomes -1 and is not closed. */
#define take_fd(fd)                \
	({                         \
		int taken_ = (fd); \
		(fd) = -1;         \
		taken_;            \
	})

#endif
