/**
 * @file foreign_options.h - answers the options of jeprof, pprof and other
 * tools with the line to type here.
 */
#ifndef OPTIONS_FOREIGN_OPTIONS_H
#define OPTIONS_FOREIGN_OPTIONS_H

#include "base/error.h"

/**
 * HS_ERROR_USAGE when one of argv[1..argc) is an option that another tool has
 * and heapsnap has not, or the option --base with files alone. Its hint is the
 * whole line as heapsnap takes it: files that are programs are left out, "base"
 * makes a diff of it.
 */
struct hs_error *foreign_options_check(int argc,
				       char *const *argv) hs_must_check;

#endif
