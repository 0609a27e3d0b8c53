#include "output/formats.h"

#include <inttypes.h>
#include <math.h>

struct measure measure_of(const struct rows *rows, const struct row *row,
			  enum rows_sort sort)
{
	const struct heap_counts before = row_before(rows, row);
	struct measure m = { .before = llround(before.bytes) };

	/* The rows' own rounding, so that sums are the totals exactly. */
	if (sort == ROWS_BY_OBJECTS) {
		m.before = llround(before.objects);
		m.after = m.before + row->objects;
	} else {
		m.after = m.before + row->bytes;
	}
	return m;
}

size_t formats_rows(const struct rows *rows, size_t top)
{
	size_t i, n = 0;

	for (i = 0; i < rows->n && (!top || n < top); i++)
		n += row_changed(&rows->items[i]);
	return i;
}

void formats_add_measure(struct strbuf *sb, int64_t n, bool sign,
			 const struct format_options *o)
{
	if (o->sort == ROWS_BY_OBJECTS)
		units_add_counted(sb, n, "object", sign);
	else
		units_add_bytes(sb, n, sign, o->units);
}

const char *formats_counted(const struct rows *rows)
{
	return rows->counts == ROWS_ALLOCATED ? "allocated" : "live";
}

const char *formats_subject(const struct rows *rows)
{
	static const char *const one[] = {
		[HEAP_LIVE] = "live heap",
		[HEAP_GROWTH] = "growth profile",
		[HEAP_FRAGMENTS] = "fragmentation profile",
	};
	static const char *const two[] = {
		[HEAP_LIVE] = "heap growth",
		[HEAP_GROWTH] = "change of growth profile",
		[HEAP_FRAGMENTS] = "change of fragmentation profile",
	};

	if (rows->counts == ROWS_ALLOCATED)
		return rows->before ? "allocations"
				    : "allocations since the start";
	return rows->before ? two[rows->after->kind] : one[rows->after->kind];
}

void formats_add_title(struct strbuf *sb, const struct rows *rows)
{
	const struct heap_meta *o = &rows->after->meta;

	strbuf_adds(sb, formats_subject(rows));
	if (o->command)
		strbuf_addf(sb, " of %s", o->command);
	if (o->pid >= 0)
		strbuf_addf(sb, " (pid %" PRId64 ")", o->pid);
	if (o->hostname)
		strbuf_addf(sb, " on %s", o->hostname);
}
