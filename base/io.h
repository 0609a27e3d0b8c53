/**
 * @file io.h - reads and writes whole files, whatever read(2) and write(2) do
 * in one go.
 */
#ifndef BASE_IO_H
#define BASE_IO_H

#include <stddef.h>

#include "base/error.h"
#include "base/strbuf.h"

/** Writes all of @data. 0, or errno. */
int io_write(int fd, const void *data, size_t len) hs_must_check;

/** Appends the rest of the file. 0, or errno; @sb remembers that memory ran
 *  out. */
int io_read(int fd, struct strbuf *sb) hs_must_check;

struct io_link {
	char text[32];
};

/** "/proc/self/fd/@fd": a link to the file of our descriptor. */
struct io_link io_link(int fd);

#endif
