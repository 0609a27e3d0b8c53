#include "contents/classify.h"

#include "base/array.h"
#include "contents/rules.h"

/* What proves most comes first. */
static const struct {
	enum contents_kind kind;
	rule_fn *is;
} rules[] = {
	{ CONTENTS_PYTHON, rule_python },
	{ CONTENTS_CXX, rule_cxx },
	{ CONTENTS_ZEROS, rule_zeros },
	{ CONTENTS_TEXT, rule_text },
	{ CONTENTS_C, rule_named },
	{ CONTENTS_CXX, rule_wrapped_cxx },
	{ CONTENTS_PYTHON, rule_wrapped_python },
	{ CONTENTS_TEXT, rule_wrapped_text },
	{ CONTENTS_C, rule_wrapped_named },
	{ CONTENTS_TEXT, rule_counted_text },
	{ CONTENTS_POINTERS, rule_pointers },
	{ CONTENTS_NUMBERS, rule_numbers },
};

enum contents_kind classify(struct known *k, const struct region *r,
			    struct strbuf *name)
{
	size_t i;

	for (i = 0; i < ARRAY_SIZE(rules); i++)
		if (rules[i].is(k, r, name))
			return rules[i].kind;
	strbuf_adds(name, "other");
	return CONTENTS_OTHER;
}
