/**
 * @file gzip.h - compresses a stream on its way to a file.
 */
#ifndef OUTPUT_GZIP_H
#define OUTPUT_GZIP_H

#include <stddef.h>
#include <stdio.h>
#include <zlib.h>

#include "base/error.h"

struct gzip {
	FILE *f; /* borrowed */
	z_stream z;
};

/** gzip_release() on success. */
struct hs_error *gzip_init(struct gzip *g, FILE *f) hs_must_check;

void gzip_release(struct gzip *g);

struct hs_error *gzip_write(struct gzip *g, const void *data,
			    size_t len) hs_must_check;

/** Writes the rest, and the end. */
struct hs_error *gzip_finish(struct gzip *g) hs_must_check;

#endif
