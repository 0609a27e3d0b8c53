/**
 * @file findings.h - the rows that a test is about: those that grew for sure,
 * of one snapshot all. What formats for programs that count tests and problems
 * share.
 */
#ifndef OUTPUT_FINDINGS_H
#define OUTPUT_FINDINGS_H

#include <stdbool.h>

#include "base/strbuf.h"
#include "base/units.h"
#include "output/limit_verdict.h"
#include "output/rows.h"

/** How bad a finding is: over a limit, or there is none, or within it. */
enum finding_level { FINDING_ERROR, FINDING_WARNING, FINDING_NOTE };

enum finding_level findings_level(const struct limit_verdict *verdict);

/** @row is one. */
bool finding_is(const struct rows *rows, const struct row *row);

/** Appends "leak_test", the function that is responsible. Not escaped. */
void finding_add_name(struct strbuf *sb, const struct rows *rows,
		      const struct row *row);

/** Appends "4.0 MiB in 4,096 objects"; of a change "+2.0 ± 0.2 MiB in +12
 *  objects". */
void finding_add_amount(struct strbuf *sb, const struct rows *rows,
			const struct row *row, enum units units);

/** Appends what there is to say where no row is one: "nothing is left",
 * "nothing grew for sure". */
void findings_add_none(struct strbuf *sb, const struct rows *rows);

#endif
