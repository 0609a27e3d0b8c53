#include "output/findings.h"

#include <math.h>

#include "output/label.h"

enum finding_level findings_level(const struct limit_verdict *verdict)
{
	if (verdict->above)
		return FINDING_ERROR;
	return verdict->given ? FINDING_NOTE : FINDING_WARNING;
}

bool finding_is(const struct rows *rows, const struct row *row)
{
	if (!rows->before)
		return row_changed(row);
	return row->bytes > 0 && !row_is_noise(row);
}

void finding_add_name(struct strbuf *sb, const struct rows *rows,
		      const struct row *row)
{
	if (row->depth)
		label_add(sb, row_title(rows, row));
	else
		strbuf_adds(sb, "(no stack)");
}

void finding_add_amount(struct strbuf *sb, const struct rows *rows,
			const struct row *row, enum units units)
{
	if (rows->before && row->bytes > 0)
		strbuf_addc(sb, '+');
	units_add_between(sb, row->bytes, llround(row->error), " ± ", units);
	if (row->unsampled || !rows_count_objects(rows))
		return;
	strbuf_adds(sb, " in ");
	units_add_counted(sb, row->objects, "object", rows->before != NULL);
}

void findings_add_none(struct strbuf *sb, const struct rows *rows)
{
	strbuf_adds(sb,
		    rows->before ? "nothing grew for sure" : "nothing is left");
}
