/**
 * @file check_dossier.h - all that a check knows, for those who are to find out
 * why a process was refused.
 */
#ifndef OUTPUT_CHECK_DOSSIER_H
#define OUTPUT_CHECK_DOSSIER_H

#include <stdio.h>

#include "base/error.h"
#include "heap/check_report.h"

/** @facts: lines on the machine and the process, not escaped yet. */
struct check_dossier {
	const struct check_report *report; /* borrowed, as */
	const char *facts, *version;
};

/** Symbols and numbers only: no contents of memory, no arguments, no
 *  environment. */
struct hs_error *
check_dossier_write(FILE *f, const struct check_dossier *d) hs_must_check;

#endif
