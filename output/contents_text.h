/**
 * @file contents_text.h - what is in a heap as text.
 */
#ifndef OUTPUT_CONTENTS_TEXT_H
#define OUTPUT_CONTENTS_TEXT_H

#include <stdio.h>

#include "base/error.h"
#include "heap/contents.h"
#include "output/text_options.h"

/** Ignores those @options that concern stacks. An error of @f is
 * HS_ERROR_SYSTEM with its errno. */
struct hs_error *
contents_text_write(FILE *f, const struct heap_contents *c,
		    const struct text_options *options) hs_must_check;

#endif
