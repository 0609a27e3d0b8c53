#include "output/units.h"

#include <inttypes.h>
#include <stddef.h>

#include "base/array.h"

static uint64_t magnitude(int64_t n)
{
	return n < 0 ? -(uint64_t)n : (uint64_t)n;
}

static void add_sign(struct strbuf *sb, int64_t n, bool sign)
{
	if (n < 0)
		strbuf_addc(sb, '-');
	else if (sign && n > 0)
		strbuf_addc(sb, '+');
}

void units_add_bytes(struct strbuf *sb, int64_t bytes, bool sign,
		     enum units units)
{
	static const char *const names[] = { "B",   "KiB", "MiB", "GiB",
					     "TiB", "PiB", "EiB" };
	double value = (double)magnitude(bytes);
	size_t i = 0;

	add_sign(sb, bytes, sign);
	if (units == UNITS_BYTES || value < 1024) {
		strbuf_addf(sb, "%" PRIu64 " B", magnitude(bytes));
		return;
	}
	/* 1023.95 would be written as "1024.0". */
	while (value >= 1023.95 && i + 1 < ARRAY_SIZE(names)) {
		value /= 1024;
		i++;
	}
	strbuf_addf(sb, "%.1f %s", value, names[i]);
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
