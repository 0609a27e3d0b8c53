/**
 * @file check_text.h - the result of `heapsnap check' as text.
 */
#ifndef OUTPUT_CHECK_TEXT_H
#define OUTPUT_CHECK_TEXT_H

#include <stdio.h>

#include "base/error.h"
#include "base/strbuf.h"
#include "heap/check_report.h"
#include "output/text_options.h"

/** Uses only the color of @o. An error of @f is HS_ERROR_SYSTEM with its
 *  errno. */
struct hs_error *check_text_write(FILE *f, const struct check_report *r,
				  const struct text_options *o) hs_must_check;

/** The same of one thread and of the conditions, without colour. */
void check_text_add_thread(struct strbuf *sb, const struct check_thread *t);
void check_text_add_conditions(struct strbuf *sb, const struct check_report *r);

#endif
