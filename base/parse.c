#include "base/parse.h"

#include <string.h>
#include <strings.h>

#include "base/array.h"

bool parse_u64(const char *s, size_t len, uint64_t *ret)
{
	uint64_t v = 0;
	size_t i;

	if (!len)
		return false;
	for (i = 0; i < len; i++) {
		if (s[i] < '0' || s[i] > '9')
			return false;
		if (__builtin_mul_overflow(v, (uint64_t)10, &v) ||
		    __builtin_add_overflow(v, (uint64_t)(s[i] - '0'), &v))
			return false;
	}
	*ret = v;
	return true;
}

static int hex_digit(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	if (c >= 'A' && c <= 'F')
		return c - 'A' + 10;
	return -1;
}

bool parse_hex(const char *s, size_t len, uint64_t *ret)
{
	uint64_t v = 0;
	size_t i;

	if (!len)
		return false;
	for (i = 0; i < len; i++) {
		int digit = hex_digit(s[i]);

		if (digit < 0 || v >> 60)
			return false;
		v = v << 4 | (uint64_t)digit;
	}
	*ret = v;
	return true;
}

bool parse_range(const char *s, uint64_t min, uint64_t max, uint64_t *ret)
{
	uint64_t v;

	if (!parse_u64(s, strlen(s), &v) || v < min || v > max)
		return false;
	*ret = v;
	return true;
}

struct parse_unit {
	const char *name;
	uint64_t factor;
};

/*
 * "12.5<unit>": at most six digits behind the point, the result rounded down.
 * The products stay below 2^128, checked against 2^63 at the end.
 */
static bool parse_with_unit(const char *s, const struct parse_unit *units,
			    size_t n, uint64_t *ret)
{
	size_t digits = strspn(s, "0123456789"), frac = 0, i;
	uint64_t whole, part = 0, scale = 1;
	const char *unit = s + digits;
	unsigned __int128 v;

	if (!parse_u64(s, digits, &whole))
		return false;
	if (*unit == '.') {
		frac = strspn(unit + 1, "0123456789");
		if (frac > 6 || !parse_u64(unit + 1, frac, &part))
			return false;
		unit += 1 + frac;
	}
	for (i = 0; i < frac; i++)
		scale *= 10;
	for (i = 0; i < n; i++) {
		if (strcasecmp(unit, units[i].name))
			continue;
		v = (unsigned __int128)whole * units[i].factor +
		    (unsigned __int128)part * units[i].factor / scale;
		if (v > INT64_MAX)
			return false;
		*ret = (uint64_t)v;
		return true;
	}
	return false;
}

bool parse_duration(const char *s, int64_t *ret)
{
	static const struct parse_unit units[] = {
		{ "", 1000000 },     { "s", 1000000 },	   { "ms", 1000 },
		{ "us", 1 },	     { "m", 60000000 },	   { "min", 60000000 },
		{ "h", 3600000000 }, { "d", 86400000000 },
	};
	uint64_t us;

	if (!parse_with_unit(s, units, ARRAY_SIZE(units), &us))
		return false;
	*ret = (int64_t)us;
	return true;
}

bool parse_size(const char *s, uint64_t *ret)
{
	static const struct parse_unit units[] = {
		{ "", 1 },
		{ "B", 1 },
		{ "K", 1ull << 10 },
		{ "KB", 1ull << 10 },
		{ "KiB", 1ull << 10 },
		{ "M", 1ull << 20 },
		{ "MB", 1ull << 20 },
		{ "MiB", 1ull << 20 },
		{ "G", 1ull << 30 },
		{ "GB", 1ull << 30 },
		{ "GiB", 1ull << 30 },
		{ "T", 1ull << 40 },
		{ "TB", 1ull << 40 },
		{ "TiB", 1ull << 40 },
	};

	return parse_with_unit(s, units, ARRAY_SIZE(units), ret);
}
