#include "output/function_names.h"

#include <stdlib.h>
#include <string.h>

#include "base/array.h"

void function_names_release(struct function_names *names)
{
	free(names->items);
	hash_index_release(&names->index);
	strbuf_release(&names->text);
}

static struct hs_error *make(struct function_names *names, const char *function,
			     enum demangle_style style, const char **ret)
{
	struct hs_error *err;

	*ret = function;
	if (!names->demangle || style == DEMANGLE_NONE)
		return NULL;
	strbuf_clear(&names->text);
	names->demangle(&names->text, function, style);
	err = strbuf_check(&names->text);
	if (err || strcmp(strbuf_str(&names->text), function) == 0)
		return err;
	return intern_string(names->strings, strbuf_str(&names->text),
			     names->text.len, ret);
}

static struct hs_error *add(struct function_names *names, const char *function,
			    uint64_t hash)
{
	struct function_name *name;
	struct hs_error *err;

	if (names->n >= UINT32_MAX ||
	    !ARRAY_GROW(names->items, names->cap, names->n + 1))
		return hs_error_nomem();
	name = &names->items[names->n];
	name->function = function;
	err = make(names, function, DEMANGLE_FULL, &name->full);
	name->shown = name->full;
	/* A name that is not mangled may still have a shorter form:
	 * "a::B<int>::f". */
	if (!err && names->style != DEMANGLE_FULL)
		err = make(names, function, names->style, &name->shown);
	return err ? err
		   : hash_index_add(&names->index, hash, (uint32_t)names->n++);
}

struct hs_error *function_names_find(struct function_names *names,
				     const char *function,
				     const struct function_name **ret)
{
	const uint64_t hash = hash_bytes(hash_index_begin(&names->index),
					 function, strlen(function))
				      .value;
	struct hash_index_walk walk = { 0 };
	struct hs_error *err;

	while (hash_index_next(&names->index, hash, &walk)) {
		*ret = &names->items[walk.value];
		if (strcmp((*ret)->function, function) == 0)
			return NULL;
	}
	err = add(names, function, hash);
	if (!err)
		*ret = &names->items[names->n - 1];
	return err;
}
