/**
 * @file label.h - makes the labels of frames.
 */
#ifndef OUTPUT_LABEL_H
#define OUTPUT_LABEL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "base/strbuf.h"
#include "output/rows.h"

/** Appends the function of @f, not escaped; without a name the module and
 *  offset ("libz.so.1+0x5d21"), or the bare address. */
void label_add(struct strbuf *sb, const struct row_frame *f);

/** The labels of all frames of rows, numbered from 0. Zero-initialise. */
struct labels {
	const struct rows *rows; /* borrowed */
	bool with_lines;
	uint32_t *of_frame; /* owned; by index in rows.frames: its label */
	uint32_t *frames;   /* owned; by label: the first frame that has it */
	size_t n, cap;
	struct strbuf text; /* scratch */
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

/** The text of label @number, until the next call. Without memory for it @out,
 *  what it is for, fails. */
const char *label_text(struct labels *l, uint32_t number, struct strbuf *out);

#endif
