/* A Python object begins with a count of references and the address of its
 * type, which is an object itself: its type is "type", or a metaclass whose
 * type that is, and "type" is its own (Include/object.h, the same since 2.2).
 * In front of it the garbage collector may have two words, and other things two
 * more since 3.11 (Include/internal/pycore_object.h). */
#include "contents/rules.h"

#include <string.h>

enum {
	WORD = 8,
	AT_TYPE = WORD,	    /* in any object */
	AT_NAME = 3 * WORD, /* in a type: tp_name */
	METACLASSES = 4,    /* one above the other */
};

static bool read_name(const struct surroundings *a, uint64_t type, char *ret)
{
	uint64_t at;

	/* The names of types that C code defines are constants. */
	return surroundings_word(&a->constants, type + AT_NAME, &at) &&
	       surroundings_name(&a->constants, at, "_.<>-", ret);
}

/* Whether the types of @type end in the one that is its own. */
static bool is_type(const struct surroundings *a, uint64_t type)
{
	char name[SURROUNDINGS_NAME];
	uint64_t next;
	unsigned i;

	for (i = 0; i < METACLASSES; i++, type = next) {
		if (!surroundings_word(&a->constants, type + AT_TYPE, &next))
			return false;
		if (next == type)
			return read_name(a, type, name) &&
			       !strcmp(name, "type");
	}
	return false;
}

static bool find_type(const struct surroundings *a, uint64_t type,
		      struct strbuf *ret)
{
	char name[SURROUNDINGS_NAME];

	if (!is_type(a, type) || !read_name(a, type, name))
		return false;
	strbuf_adds(ret, name);
	return true;
}

bool rule_python(struct known *k, const struct region *r, struct strbuf *name)
{
	size_t i;

	for (i = 1; i <= 5 && (i + 1) * WORD <= r->len; i += 2) {
		const uint64_t type = r->words[i];

		if (r->words[i - 1] && type % WORD == 0 &&
		    surroundings_is_pointer(k->around, type) &&
		    known_name(k, CONTENTS_PYTHON, type, find_type, name))
			return true;
	}
	return false;
}
