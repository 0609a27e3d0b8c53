/**
 * @file page.h - writes the report as a page for browsers.
 *
 * One file that needs no other and no network: the memory breakdown, a flame
 * graph and a table of stacks. Its files are in output/page/; they become
 * constants of the program.
 */
#ifndef OUTPUT_PAGE_H
#define OUTPUT_PAGE_H

#include <stdio.h>

#include "base/error.h"
#include "output/formats.h"
#include "output/rows.h"

/** Writes the page. An error of @f is HS_ERROR_SYSTEM with its errno. */
struct hs_error *page_write(FILE *f, const struct rows *rows,
			    const struct format_options *o) hs_must_check;

#endif
