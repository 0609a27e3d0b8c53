/**
 * @file label.h - makes the labels of frames.
 */
#ifndef OUTPUT_LABEL_H
#define OUTPUT_LABEL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "base/intern.h"
#include "base/strbuf.h"
#include "output/rows.h"

/** Appends the function of @f, not escaped; without a name the module and
 *  offset ("libz.so.1+0x5d21"), or the bare address. */
void label_add(struct strbuf *sb, const struct row_frame *f);

/** The labels of all frames of rows, each string once. Zero-initialise. */
struct labels {
	uint32_t *of_frame; /* owned; index in strings, by that in rows.frames */
	struct intern strings;
};

/** @with_lines: with file and line where the rows are lines, which then are
 *  told apart. labels_release() in any case. */
struct hs_error *labels_init(struct labels *l, const struct rows *rows,
			     bool with_lines) hs_must_check;

void labels_release(struct labels *l);

#define _cleanup_labels_ __attribute__((cleanup(labels_release)))

/** The label of frame @i of @row, 0 is the leaf. */
static inline uint32_t label_of(const struct labels *l, const struct rows *rows,
				const struct row *row, uint32_t i)
{
	return l->of_frame[rows->stack[row->first + i]];
}

/** The label's text. */
static inline const char *label_text(const struct labels *l,
				     const struct rows *rows,
				     const struct row *row, uint32_t i)
{
	return l->strings.items[label_of(l, rows, row, i)];
}

#endif
