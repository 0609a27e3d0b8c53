/* A vtable is in the file of its class, behind the offset of the object in the
 * whole one, which is 0 here, and the address of the type's information, which
 * is the type's name and the address of that information's own vtable (Itanium
 * C++ ABI, 2.5.2 and 2.9.5). None of it goes away when a program is stripped.
 * Without type information (-fno-rtti) its symbol has the name. */
#include "contents/rules.h"

#include <string.h>

#include "base/str.h"
#include "symbol/demangle.h"

enum { WORD = 8 };

/* Appends what @mangled is called behind @prefix, if it is. */
static bool add_demangled(const struct surroundings *a, const char *mangled,
			  const char *prefix, struct strbuf *name)
{
	_cleanup_strbuf_ struct strbuf text = { 0 };

	demangle(&text, mangled,
		 a->demangle == DEMANGLE_NONE ? DEMANGLE_FULL : a->demangle);
	if (!str_starts_with(strbuf_str(&text), prefix))
		return false;
	strbuf_adds(name, strbuf_str(&text) + strlen(prefix));
	return true;
}

/* The name of a type with internal linkage begins with a "*". */
static bool name_by_information(const struct surroundings *a, uint64_t at,
				struct strbuf *name)
{
	char mangled[4 + SURROUNDINGS_NAME] = "_ZTI";
	uint64_t own, text;
	char star;

	if (!surroundings_in_file(a, at) ||
	    !surroundings_word(&a->constants, at, &own) ||
	    !surroundings_in_file(a, own) ||
	    !surroundings_word(&a->constants, at + WORD, &text) ||
	    !surroundings_in_file(a, text) ||
	    !a->constants.read(a->constants.arg, text, &star, 1))
		return false;
	if (!surroundings_name(&a->constants, text + (star == '*'), "_$.",
			       mangled + 4))
		return false;
	if (!add_demangled(a, mangled, "typeinfo for ", name))
		return false;
	if (a->demangle == DEMANGLE_NONE) {
		strbuf_clear(name);
		strbuf_adds(name, mangled + 4);
	}
	return true;
}

static bool name_by_symbol(const struct surroundings *a, uint64_t vtable,
			   struct strbuf *name)
{
	_cleanup_strbuf_ struct strbuf symbol = { 0 };

	return a->name(a->arg, vtable - 2 * WORD, &symbol) &&
	       add_demangled(a, strbuf_str(&symbol), "vtable for ", name);
}

static bool find_class(const struct surroundings *a, uint64_t vtable,
		       struct strbuf *name)
{
	uint64_t offset, information, function;

	if (!surroundings_word(&a->constants, vtable - 2 * WORD, &offset) ||
	    offset ||
	    !surroundings_word(&a->constants, vtable - WORD, &information) ||
	    !surroundings_word(&a->constants, vtable, &function) ||
	    (function && !surroundings_is_code(a, function)))
		return false;
	return information ? name_by_information(a, information, name)
			   : name_by_symbol(a, vtable, name);
}

bool rule_cxx(struct known *k, const struct region *r, struct strbuf *name)
{
	const uint64_t vtable = r->words[0];

	return vtable % WORD == 0 && surroundings_in_file(k->around, vtable) &&
	       known_name(k, CONTENTS_CXX, vtable, find_class, name);
}
