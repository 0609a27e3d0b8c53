/**
 * @file heap_read.h - heap/format/read.h without options, as most tests read.
 */
#ifndef TESTS_UNIT_HEAP_READ_H
#define TESTS_UNIT_HEAP_READ_H

#include <unistd.h>

#include "heap/format/read.h"

hs_must_check static inline struct hs_error *heap_read(const char *text,
						       size_t len,
						       const char *name,
						       struct heap_profile *ret)
{
	return heap_read_with(text, len, name, NULL, ret);
}

hs_must_check static inline struct hs_error *
heap_read_file(const char *path, struct heap_profile *ret)
{
	struct hs_error *err;
	int fd;

	err = heap_open_file(path, &fd);
	if (err)
		return err;
	err = heap_read_fd(fd, path, NULL, ret);
	close(fd);
	return err;
}

#endif
