#include "base/units.h"

#include <inttypes.h>
#include <math.h>

static void add_sign(struct strbuf *sb, int64_t n, bool sign)
{
	if (n < 0)
		strbuf_addc(sb, '-');
	else if (sign && n > 0)
		strbuf_addc(sb, '+');
}

static const char *const unit_names[] = { "B",	 "KiB", "MiB", "GiB",
					  "TiB", "PiB", "EiB" };

/* The power of 1024 that leaves least before the decimal point. */
static unsigned unit_of(uint64_t bytes)
{
	double value = (double)bytes;
	unsigned i = 0;

	/* 1023.95 would be written as "1024.0". */
	if (value >= 1024)
		for (; value >= 1023.95; i++)
			value /= 1024;
	return i;
}

static void add_in_unit(struct strbuf *sb, uint64_t bytes, unsigned unit)
{
	if (unit == 0)
		strbuf_addf(sb, "%" PRIu64 " B", bytes);
	else
		strbuf_addf(sb, "%.1f %s",
			    (double)bytes / (double)(UINT64_C(1) << 10 * unit),
			    unit_names[unit]);
}

void units_add_bytes(struct strbuf *sb, int64_t bytes, bool sign,
		     enum units units)
{
	uint64_t n = magnitude(bytes);

	add_sign(sb, bytes, sign);
	add_in_unit(sb, n, units == UNITS_BYTES ? 0 : unit_of(n));
}

void units_add_error(struct strbuf *sb, int64_t error, int64_t bytes,
		     enum units units)
{
	unsigned unit = unit_of(magnitude(bytes)),
		 own = unit_of((uint64_t)error);

	if (own > unit || 10 * magnitude(error) < UINT64_C(1) << 10 * unit)
		unit = own;
	add_in_unit(sb, magnitude(error), units == UNITS_BYTES ? 0 : unit);
}

void units_add_between(struct strbuf *sb, int64_t bytes, int64_t error,
		       const char *between, enum units units)
{
	unsigned unit = units == UNITS_BYTES ? 0 : unit_of(magnitude(bytes));
	double one = (double)(UINT64_C(1) << 10 * unit);
	int digits = unit != 0;

	strbuf_addf(sb, "%.*f", digits, (double)bytes / one);
	if (error > 0)
		strbuf_addf(sb, "%s%.*f", between, digits,
			    ceil((double)error / one * 10 - 0.001) / 10);
	strbuf_addf(sb, " %s", unit_names[unit]);
}

void units_add_exact(struct strbuf *sb, uint64_t bytes)
{
	size_t unit = 0;

	for (; bytes && bytes % 1024 == 0; unit++)
		bytes /= 1024;
	strbuf_addf(sb, "%" PRIu64 " %s", bytes, unit_names[unit]);
}

void units_add_count(struct strbuf *sb, int64_t n, bool sign)
{
	uint64_t rest = magnitude(n), unit = 1;

	add_sign(sb, n, sign);
	while (rest / unit >= 1000)
		unit *= 1000;
	strbuf_addf(sb, "%" PRIu64, rest / unit);
	for (rest %= unit; unit > 1; rest %= unit) {
		unit /= 1000;
		strbuf_addf(sb, ",%03" PRIu64, rest / unit);
	}
}

void units_add_counted(struct strbuf *sb, int64_t n, const char *noun,
		       bool sign)
{
	units_add_count(sb, n, sign);
	strbuf_addf(sb, " %s%s", noun, magnitude(n) == 1 ? "" : "s");
}

void units_add_duration(struct strbuf *sb, int64_t us)
{
	int64_t s = us / 1000000;

	if (us < 1000)
		strbuf_addf(sb, "%" PRId64 " us", us);
	else if (us < 10000)
		strbuf_addf(sb, "%.1f ms", (double)us / 1e3);
	else if (us < 1000000)
		strbuf_addf(sb, "%" PRId64 " ms", us / 1000);
	else if (s < 120)
		strbuf_addf(sb, "%.1f s", (double)us / 1e6);
	else if (s < 7200)
		strbuf_addf(sb, "%" PRId64 " min %" PRId64 " s", s / 60,
			    s % 60);
	else if (s < 48 * 3600)
		strbuf_addf(sb, "%" PRId64 " h %" PRId64 " min", s / 3600,
			    s / 60 % 60);
	else
		strbuf_addf(sb, "%" PRId64 " days %" PRId64 " h", s / 86400,
			    s / 3600 % 24);
}

void units_add_about(struct strbuf *sb, double seconds)
{
	static const struct {
		double below, unit; /* seconds */
		const char *name;
	} rows[] = {
		{ 120, 1, "s" },
		{ 120 * 60, 60, "min" },
		{ 48 * 3600, 3600, "h" },
		{ INFINITY, 86400, "days" },
	};
	size_t i = 0;

	while (seconds >= rows[i].below)
		i++;
	strbuf_addf(sb, "%.0f %s", seconds / rows[i].unit, rows[i].name);
}
