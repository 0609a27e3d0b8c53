/* Structs of C have no names in memory, but the first member is often the
 * address of something that has: a table of functions, a description of the
 * type. */
#include "contents/rules.h"

#include "symbol/demangle.h"

static bool find_named(const struct surroundings *a, uint64_t address,
		       struct strbuf *name)
{
	_cleanup_strbuf_ struct strbuf symbol = { 0 };

	if (!a->name(a->arg, address, &symbol))
		return false;
	strbuf_adds(name, "points to ");
	demangle(name, strbuf_str(&symbol), a->demangle);
	return true;
}

bool rule_named(struct known *k, const struct region *r, struct strbuf *name)
{
	return surroundings_in_file(k->around, r->words[0]) &&
	       known_name(k, CONTENTS_C, r->words[0], find_named, name);
}
