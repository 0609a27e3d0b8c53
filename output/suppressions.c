#include "output/suppressions.h"

#include <ctype.h>
#include <string.h>

#include "base/escape.h"
#include "base/units.h"
#include "output/label.h"
#include "output/write.h"

/* The rule of an earlier row leaves this one out, too. */
static bool is_known(const struct rows *rows, size_t index,
		     const char *function)
{
	const char *before;
	size_t i;

	for (i = 0; i < index; i++) {
		const struct row *row = &rows->items[i];

		before = row->depth ? row_title(rows, row)->look->function
				    : NULL;
		if (before && !strcmp(before, function))
			return true;
	}
	return false;
}

/* A line break would begin another rule. */
static bool can_be_written(const char *function)
{
	for (; *function; function++)
		if (iscntrl((unsigned char)*function))
			return false;
	return true;
}

static void add_comment(struct strbuf *sb, const struct row *row,
			const struct row_frame *f)
{
	_cleanup_strbuf_ struct strbuf label = { 0 };

	strbuf_adds(sb, "# ");
	units_add_counted(sb, row->bytes, "byte", false);
	strbuf_adds(sb, " in ");
	units_add_counted(sb, row->objects, "object", false);
	if (f) {
		label_add(&label, f);
		strbuf_adds(sb, ": ");
		escape_terminal(sb, strbuf_str(&label), label.len);
	}
	strbuf_addc(sb, '\n');
	sb->failed |= label.failed;
}

struct hs_error *suppressions_write(FILE *f, const struct rows *rows)
{
	_cleanup_strbuf_ struct strbuf sb = { 0 };
	struct hs_error *err = NULL;
	size_t i;

	for (i = 0; i < rows->n && !err; i++) {
		const struct row *row = &rows->items[i];
		const struct row_frame *title =
			row->depth ? row_title(rows, row) : NULL;
		const char *function = title ? title->look->function : NULL;

		add_comment(&sb, row, title);
		if (function && can_be_written(function) &&
		    !is_known(rows, i, function))
			strbuf_addf(&sb, "leak:^%s$\n", function);
		err = write_flush(&sb, f);
	}
	return err;
}
