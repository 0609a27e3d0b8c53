/* What has no name has a shape: where its pointers are, and that it is empty. */
#include "contents/rules.h"

enum {
	WORD = 8,
	SHOWN = 4, /* words of a struct in which pointers are looked for */
};

bool rule_zeros(struct known *k, const struct region *r, struct strbuf *name)
{
	size_t i;

	(void)k;
	for (i = 0; i < r->len; i++)
		if (r->bytes[i])
			return false;
	strbuf_adds(name, "zeros");
	return true;
}

bool rule_pointers(struct known *k, const struct region *r, struct strbuf *name)
{
	size_t i, at[SHOWN], n = 0;

	for (i = 0; i < SHOWN && (i + 1) * WORD <= r->len; i++)
		if (surroundings_is_pointer(k->around, r->words[i]))
			at[n++] = i * WORD;
	if (!n)
		return false;
	strbuf_adds(name, n > 1 ? "pointers at " : "pointer at ");
	for (i = 0; i < n; i++)
		strbuf_addf(name, "%s%zu", i ? ", " : "", at[i]);
	return true;
}

bool rule_numbers(struct known *k, const struct region *r, struct strbuf *name)
{
	size_t i;

	(void)k;
	for (i = 0; i < r->len / WORD; i++)
		if (r->words[i] > UINT32_MAX)
			return false;
	strbuf_adds(name, "small numbers");
	return true;
}
