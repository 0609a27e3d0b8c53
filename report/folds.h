/**
 * @file folds.h - which functions the user wants folded: --fold, the project's
 * .heapsnap and the user's own ~/.config/heapsnap/config.
 */
#ifndef REPORT_FOLDS_H
#define REPORT_FOLDS_H

#include <stddef.h>

#include "base/error.h"
#include "base/strbuf.h"
#include "options/options.h"

/**
 * Sets o->fold and compiles o->wrapper from the words of o->folds and from both
 * files, the first of them in the current folder or the nearest one above that
 * has it. A file counts if it belongs to this user or to root and only they may
 * write to it; of another there is a warning. HS_ERROR_USAGE or
 * HS_ERROR_INPUT: what is wrong in them.
 */
struct hs_error *folds_finish(struct cli_options *o) hs_must_check;

/**
 * Adds the regular expressions of @text[0..len), the lines of such a file, to
 * @pattern, each as an alternative: "fold REGEX", empty ones, and comments,
 * which begin with "#". @name is for errors: HS_ERROR_INPUT for any other line.
 */
struct hs_error *folds_parse(const char *text, size_t len, const char *name,
			     struct strbuf *pattern) hs_must_check;

#endif
