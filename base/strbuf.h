/**
 * @file strbuf.h - a string that grows.
 *
 * Zero-initialised is an empty one. It remembers that memory ran out, and
 * strbuf_finish() reports that once: code that builds a text need not check
 * each step. buf is always NUL-terminated once something was added.
 */
#ifndef BASE_STRBUF_H
#define BASE_STRBUF_H

#include <stdbool.h>
#include <stddef.h>

#include "base/error.h"

struct strbuf {
	char *buf;  /* owned; NULL while nothing was added */
	size_t len; /* bytes, without the NUL */
	size_t cap;
	bool failed; /* ran out of memory; later adds do nothing */
};

/** Frees the text; the strbuf is empty again. */
void strbuf_release(struct strbuf *sb);

#define _cleanup_strbuf_ __attribute__((cleanup(strbuf_release)))

/** Makes it empty, keeps the memory. */
void strbuf_clear(struct strbuf *sb);

void strbuf_add(struct strbuf *sb, const void *data, size_t len);
void strbuf_adds(struct strbuf *sb, const char *s);
void strbuf_addc(struct strbuf *sb, char c);
void strbuf_addf(struct strbuf *sb, const char *fmt, ...) hs_printf(2, 3);

/** The text so far, "" when nothing was added. Valid until the next add. */
const char *strbuf_str(const struct strbuf *sb);

/** Hands the text over: *ret is owned by the caller, free(3); the strbuf is
 *  empty again. Fails when memory ran out on the way. */
struct hs_error *strbuf_finish(struct strbuf *sb, char **ret) hs_must_check;

/** Out of memory if an add failed, else NULL. */
struct hs_error *strbuf_check(const struct strbuf *sb) hs_must_check;

#endif
