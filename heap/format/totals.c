#include "heap/format/totals.h"

#include <math.h>

#include "base/strbuf.h"
#include "base/units.h"
#include "heap/remarks.h"

/* The longest line of gperftools: 32 addresses and some numbers. */
enum { LONGEST_STACK = 4096 };

void heap_totals_add(struct heap_totals *t, uint64_t objects, uint64_t bytes,
		     const struct heap_counts *estimate, uint64_t period)
{
	const double n = (double)objects;
	double seen, ratio, slope;

	t->sum_objects += n;
	t->sum_bytes += (double)bytes;
	if (period <= 1 || !objects || !(estimate->objects > 0))
		return;
	/* d/dn of bytes / (1 - exp(-bytes / (n * period))) */
	seen = n / estimate->objects;
	ratio = (double)bytes / n / (double)period;
	slope = estimate->bytes * (1 - seen) * ratio / (n * seen);
	/* A number that was rounded is off by a variance of 1/12. */
	t->rounding += slope * slope / 12;
}

static bool is_complete(const struct heap_totals *t,
			const struct heap_profile *p)
{
	const double off = p->total.bytes - t->header.bytes;
	const double limit = 3 * sqrt(t->rounding) + 0.02 * t->header.bytes;

	if (t->may_exceed)
		return t->sum_bytes >= t->bytes && t->sum_objects >= t->objects;
	/* The bytes alone are the same by chance when few are sampled. */
	if (t->sum_bytes == t->bytes && t->sum_objects == t->objects)
		return true;
	return t->prepared && fabs(off) <= limit;
}

/* "41%": never rounded to all, nor to nothing when there is something. */
static void add_share(struct strbuf *sb, double part, double whole)
{
	const double percent = 100 * part / whole;

	if (percent > 99)
		strbuf_adds(sb, "not quite all");
	else if (percent < 1 && percent > 0)
		strbuf_adds(sb, "less than 1%");
	else
		strbuf_addf(sb, "%.0f%%", floor(percent));
}

static void add_bytes(struct strbuf *sb, double bytes)
{
	units_add_bytes(sb, llround(fmin(bytes, 0x1p62)), false, UNITS_IEC);
}

static void add_difference(struct strbuf *sb, const struct heap_totals *t,
			   const struct heap_profile *p)
{
	const double is = t->prepared ? p->total.bytes : t->sum_bytes;
	const double all = t->prepared ? t->header.bytes : t->bytes;

	if (is > all && !t->may_exceed) {
		strbuf_adds(sb, "its stacks have more than the bytes that its "
				"header names: ");
		add_bytes(sb, is);
		strbuf_adds(sb, " of ");
		add_bytes(sb, all);
	} else if (is >= all) {
		add_share(sb, t->sum_objects, t->objects);
		strbuf_adds(sb, " of the objects that its header names are in "
				"it: stacks are missing");
	} else {
		add_share(sb, is, all);
		strbuf_adds(sb, " of the bytes that its header names are in "
				"it, ");
		add_bytes(sb, is);
		strbuf_adds(sb, " of ");
		add_bytes(sb, all);
		strbuf_adds(sb, ": stacks are missing");
	}
}

struct hs_error *heap_totals_compare(const struct heap_totals *t,
				     struct heap_profile *p, uint64_t size)
{
	static const char cut[] =
		"gperftools writes no more than 1 MiB of a profile: the stacks "
		"that hold most are there, those that hold least are not";
	const bool full = t->limit && size <= t->limit &&
			  size + LONGEST_STACK > t->limit;
	_cleanup_strbuf_ struct strbuf sb = { 0 };
	struct hs_error *err;

	if (!t->known)
		return NULL;
	if (!is_complete(t, p))
		add_difference(&sb, t, p);
	else if (full)
		strbuf_adds(&sb, "it may lack stacks: it is as long as such a "
				 "dump can be");
	else
		return NULL;
	err = strbuf_check(&sb);
	return err ? err
		   : heap_remark_add(p, full ? cut : NULL, "%s: %s",
				     p->meta.file, strbuf_str(&sb));
}
