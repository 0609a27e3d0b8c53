/* Text is told by its characters alone, and what it is like by the first of
 * them. Of what it says nothing is kept. */
#include "contents/rules.h"

#include <ctype.h>

#include "base/array.h"
#include "base/utf8.h"

enum {
	WORD = 8,
	SHORTEST = 4, /* bytes; less is chance */
	HEX_SHORTEST = 16,
};

static bool is_character(uint32_t cp)
{
	if (cp < 0x20)
		return cp == '\t' || cp == '\n' || cp == '\r';
	return cp != 0x7f && (cp < 0x80 || cp >= 0xa0);
}

/* Bytes of text from @at on. *end: it goes to a NUL, or to the end of what was
 * read, which may be amid a character. */
static size_t text_length(const struct region *r, size_t at, bool *end)
{
	enum { LONGEST = 4 };
	size_t i = at, n;
	uint32_t cp;

	*end = true;
	for (; i < r->len && r->bytes[i]; i += n) {
		n = utf8_sequence(r->bytes + i, r->len - i, &cp);
		if (!n && r->bytes[i] >= 0xc2 && r->len - i < LONGEST)
			return r->len - at;
		if (!n || !is_character(cp)) {
			*end = false;
			break;
		}
	}
	return i - at;
}

/* --- what it is like ------------------------------------------------------- */

static bool begins(const unsigned char *s, size_t n, const char *with)
{
	const size_t len = strlen(with);

	return n >= len && !memcmp(s, with, len);
}

static bool is_json(const unsigned char *s, size_t n)
{
	size_t i = 1;

	if (s[0] != '{' && s[0] != '[')
		return false;
	while (i < n && isspace(s[i]))
		i++;
	return i < n && (strchr("\"{[}]-", s[i]) || isdigit(s[i]));
}

static bool is_markup(const unsigned char *s, size_t n)
{
	return s[0] == '<' && n > 1 &&
	       (isalpha(s[1]) || s[1] == '?' || s[1] == '!');
}

static bool is_url(const unsigned char *s, size_t n)
{
	size_t i = 0;

	while (i < n && isalpha(s[i]))
		i++;
	return i && begins(s + i, n - i, "://");
}

static bool is_path(const unsigned char *s, size_t n)
{
	return s[0] == '/' && n > 1 && isalpha(s[1]);
}

static bool is_number(const unsigned char *s, size_t n)
{
	size_t i;

	for (i = 0; i < n; i++)
		if (!isdigit(s[i]) && !strchr("+-.,:", s[i]))
			return false;
	return true;
}

static bool is_hex(const unsigned char *s, size_t n)
{
	size_t i;

	for (i = 0; i < n; i++)
		if (!isxdigit(s[i]) && s[i] != '-')
			return false;
	return n >= HEX_SHORTEST;
}

static const char *shape_of(const unsigned char *s, size_t n)
{
	static const struct {
		bool (*is)(const unsigned char *s, size_t n);
		const char *name;
	} shapes[] = {
		{ is_json, "text like JSON" }, { is_markup, "text like XML" },
		{ is_url, "text like a URL" }, { is_path, "text like a path" },
		{ is_number, "digits" },       { is_hex, "hexadecimal digits" },
	};
	size_t i;

	for (i = 0; i < ARRAY_SIZE(shapes); i++)
		if (shapes[i].is(s, n))
			return shapes[i].name;
	return "text";
}

/* The lower bytes of an address may be characters, and are followed by NULs. */
bool rule_text(struct known *k, const struct region *r, struct strbuf *name)
{
	bool end;
	const size_t n = text_length(r, 0, &end);

	if (!end || n < SHORTEST ||
	    (n < WORD && surroundings_is_pointer(k->around, r->words[0])))
		return false;
	strbuf_adds(name, shape_of(r->bytes, n));
	return true;
}

/* --- behind a header ------------------------------------------------------- */

/* Whether @want bytes of text are there, or as many as were read. */
static bool has_text(const struct region *r, size_t at, uint64_t want)
{
	size_t n;
	bool end;

	if (!want || at >= r->len || want > r->size - at)
		return false;
	n = text_length(r, at, &end);
	return end && (n == want || (at + n == r->len && n < want));
}

static uint64_t number_at(const struct region *r, size_t at, size_t bytes)
{
	uint64_t n = 0;

	memcpy(&n, r->bytes + at, bytes);
	return n;
}

/* Redis's strings: length, what there is room for, and in the lowest bits of a
 * byte how large these are (src/sds.h). Returns where the text begins; 0: it is
 * none. */
static size_t sds_text(const struct region *r)
{
	size_t bytes = 1, kind;

	if (has_text(r, 1, r->bytes[0] >> 3) && !(r->bytes[0] & 7))
		return 1;
	for (kind = 1; kind <= 3; kind++, bytes *= 2) {
		const size_t at = 2 * bytes + 1;
		const uint64_t length = number_at(r, 0, bytes);

		if (at < r->len && (r->bytes[at - 1] & 7) == kind &&
		    number_at(r, bytes, bytes) >= length &&
		    has_text(r, at, length))
			return at;
	}
	return 0;
}

/* One of the words points into the region itself. */
static size_t own_text(const struct region *r)
{
	size_t i, at, n;
	bool end;

	for (i = 0; i < 4 && (i + 1) * WORD <= r->len; i++) {
		if (r->words[i] - r->address >= r->len)
			continue;
		at = (size_t)(r->words[i] - r->address);
		n = at > i * WORD ? text_length(r, at, &end) : 0;
		if (n && end)
			return at;
	}
	return 0;
}

/* A header of whole words, one of which, or a half of it, is the length. */
static size_t counted_text(const struct region *r)
{
	enum { HEADER = 4 * WORD, HALF = 4 };
	size_t at, i, n;
	bool end;

	for (at = HALF; at <= HEADER && at < r->len; at += HALF) {
		n = text_length(r, at, &end);
		if (!end || n < SHORTEST)
			continue;
		for (i = 0; i + HALF <= at; i += HALF)
			if (has_text(r, at, number_at(r, i, HALF)))
				return at;
	}
	return 0;
}

bool rule_counted_text(struct known *k, const struct region *r,
		       struct strbuf *name)
{
	size_t at = sds_text(r), n;
	bool end;

	(void)k;
	if (!at)
		at = own_text(r);
	if (!at)
		at = counted_text(r);
	if (!at)
		return false;
	n = text_length(r, at, &end);
	strbuf_addf(name, "%s behind %zu bytes", shape_of(r->bytes + at, n),
		    at);
	return true;
}
