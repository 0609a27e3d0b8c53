/**
 * @file write.h - writes the finished part of a report to its stream.
 *
 * An error of the stream is HS_ERROR_SYSTEM with its errno.
 */
#ifndef OUTPUT_WRITE_H
#define OUTPUT_WRITE_H

#include <stddef.h>
#include <stdio.h>

#include "base/error.h"
#include "base/strbuf.h"

struct hs_error *write_bytes(FILE *f, const void *data,
			     size_t len) hs_must_check;

/** Writes what is in @sb and empties it: reports can be larger than one wants
 *  in memory. Fails, too, when @sb ran out of memory. */
struct hs_error *write_flush(struct strbuf *sb, FILE *f) hs_must_check;

#endif
