/* Wrappers of malloc() put a header in front of what they hand out, often with
 * its size in it (redis's zmalloc(), MariaDB's my_malloc()), and objects are
 * part of others: of a node of a list or a tree. */
#include "contents/rules.h"

#include "base/array.h"

enum { WORD = 8 };

/* Tries @rule behind each of the first words but the first. */
static bool try_behind(struct known *k, const struct region *r, rule_fn *rule,
		       struct strbuf *name)
{
	enum { LAST = 5 * WORD };
	size_t at;

	for (at = WORD; at <= LAST && at + WORD <= r->len; at += WORD) {
		const struct region inner = region_behind(r, at);

		if (!rule(k, &inner, name))
			continue;
		strbuf_addf(name, " behind %zu bytes", at);
		return true;
	}
	return false;
}

bool rule_wrapped_cxx(struct known *k, const struct region *r,
		      struct strbuf *name)
{
	return try_behind(k, r, rule_cxx, name);
}

/* Not an object that a struct points to: only one with a reference. */
bool rule_wrapped_python(struct known *k, const struct region *r,
			 struct strbuf *name)
{
	const struct region inner = region_behind(r, r->len > WORD ? WORD : 0);

	if (inner.len == r->len || r->words[0] > r->size ||
	    !rule_python(k, &inner, name))
		return false;
	strbuf_addf(name, " behind %d bytes", WORD);
	return true;
}

/* The size that was asked for, without the header of @bytes, is in it: with it,
 * it is more than the next smaller class holds. */
static bool has_size(const struct region *r, size_t bytes)
{
	size_t i;

	for (i = 0; i < bytes / WORD; i++) {
		const uint64_t size = r->words[i];

		if (size && size <= r->size - bytes && size + bytes > r->less)
			return true;
	}
	return false;
}

static bool try_behind_size(struct known *k, const struct region *r,
			    rule_fn *rule, struct strbuf *name)
{
	static const size_t headers[] = { 8, 16, 32 };
	size_t i;

	for (i = 0; i < ARRAY_SIZE(headers) && headers[i] < r->len; i++) {
		const struct region inner = region_behind(r, headers[i]);

		if (!has_size(r, headers[i]) || !rule(k, &inner, name))
			continue;
		strbuf_addf(name, " behind %zu bytes", headers[i]);
		return true;
	}
	return false;
}

bool rule_wrapped_text(struct known *k, const struct region *r,
		       struct strbuf *name)
{
	return try_behind_size(k, r, rule_text, name);
}

bool rule_wrapped_named(struct known *k, const struct region *r,
			struct strbuf *name)
{
	return try_behind_size(k, r, rule_named, name);
}
