/**
 * @file rules.h - the rules by which regions are recognised, a file each
 * family.
 *
 * A rule says whether a region is of its kind, and appends the name of its
 * type, which is never text of the region's own.
 */
#ifndef CONTENTS_RULES_H
#define CONTENTS_RULES_H

#include <stdbool.h>

#include "base/strbuf.h"
#include "contents/known.h"
#include "contents/region.h"

typedef bool rule_fn(struct known *k, const struct region *r,
		     struct strbuf *name);

/** rule_python.c: an object of Python's, with the header of its garbage
 *  collector or without. "list" */
rule_fn rule_python;

/** rule_cxx.c: its first word is the vtable of a class. "shop::session" */
rule_fn rule_cxx;

/** rule_text.c: text to a NUL, or to the end of what was read. "text, JSON" */
rule_fn rule_text;

/** rule_text.c: the same behind a header that has its length, or a pointer to
 *  it. "text behind 3 bytes" */
rule_fn rule_counted_text;

/** rule_named.c: its first word is the address of something that has a name.
 *  "points to hashDictType" */
rule_fn rule_named;

/** rule_wrapped.c: an object of C++ or Python that does not begin the region.
 *  "shop::session behind 16 bytes" */
rule_fn rule_wrapped_cxx, rule_wrapped_python;

/** rule_wrapped.c: the same of text and of what points to a name, behind the
 *  size that a wrapper of malloc keeps. */
rule_fn rule_wrapped_text, rule_wrapped_named;

/** rule_shape.c: "zeros" */
rule_fn rule_zeros;

/** rule_shape.c: pointers among the first words. "pointers at 0, 16" */
rule_fn rule_pointers;

/** rule_shape.c: "small numbers" */
rule_fn rule_numbers;

#endif
