/**
 * @file table.h - aligns cells in columns.
 */
#ifndef OUTPUT_TABLE_H
#define OUTPUT_TABLE_H

#include <stdbool.h>
#include <stddef.h>

#include "base/strbuf.h"
#include "output/style.h"

enum { TABLE_COLUMNS = 9 };

struct table_cell {
	size_t start, len; /* in table.text */
	enum style style;
};

/** Rows of cells; columns are as wide as their widest cell, two spaces apart.
 *  Zero-initialise with columns and right set, table_release(). text.failed
 *  says that memory ran out. */
struct table {
	size_t columns; /* at most TABLE_COLUMNS */
	unsigned right; /* bit i: column i is flush right */
	struct strbuf text;
	struct table_cell *cells; /* owned; row by row */
	size_t n, cap;
};

void table_release(struct table *t);

#define _cleanup_table_ __attribute__((cleanup(table_release)))

/** Begins the next cell; text that is added from then on is in it. */
void table_cell(struct table *t, enum style style);

/** Fills the rest of the row with empty cells. */
void table_end_row(struct table *t);

/** Appends the table to @sb, each row @indent spaces in. Empties it. */
void table_write(struct table *t, struct strbuf *sb, size_t indent, bool color);

#endif
