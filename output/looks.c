#include "output/looks.h"

#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "base/hash.h"
#include "base/str.h"
#include "heap/suppressions.h"

void looks_init(struct looks *l, struct rows *rows,
		const struct rows_options *options)
{
	*l = (struct looks){
		.rows = rows,
		.options = options,
		.names = { .demangle = options->demangle,
			   .style = options->style,
			   .strings = &rows->strings },
	};
}

void looks_release(struct looks *l)
{
	hash_index_release(&l->index);
	function_names_release(&l->names);
}

/*
 * Code that came with the system, the compiler or a package manager. The source
 * file decides where it is known, since templates and generic code of libraries
 * end up in the program itself.
 */
static bool is_library(const struct row_look *look)
{
	static const char *const sources[] = { "/usr/include/", "/usr/lib/",
					       "/usr/src/", "/rustc/" };
	static const char *const modules[] = { "/usr/lib", "/lib", "[" };
	size_t i;

	if (look->file) {
		for (i = 0; i < ARRAY_SIZE(sources); i++)
			if (str_starts_with(look->file, sources[i]))
				return true;
		if (strstr(look->file, "/.cargo/registry/") ||
		    strstr(look->file, "/rustlib/src/"))
			return true;
	}
	if (look->module)
		for (i = 0; i < ARRAY_SIZE(modules); i++)
			if (str_starts_with(look->module, modules[i]))
				return true;
	/* Where every program begins. */
	return look->function && strcmp(look->function, "_start") == 0;
}

static bool matches(const regex_t *re, const struct row_look *look,
		    const char *demangled)
{
	return re &&
	       (regexec(re, demangled, 0, NULL, 0) == 0 ||
		(look->function &&
		 regexec(re, look->function, 0, NULL, 0) == 0) ||
		(look->file && regexec(re, look->file, 0, NULL, 0) == 0) ||
		(look->module && regexec(re, look->module, 0, NULL, 0) == 0));
}

static bool suppressed(const struct heap_suppressions *s,
		       const struct row_look *look, const char *demangled)
{
	return s &&
	       (heap_suppressions_match(s, demangled) ||
		(look->function &&
		 heap_suppressions_match(s, look->function)) ||
		(look->file && heap_suppressions_match(s, look->file)) ||
		(look->module && heap_suppressions_match(s, look->module)));
}

static struct hs_error *fold_kind_of(const struct rows_options *o,
				     const struct row_look *look,
				     const char *demangled, enum fold_kind *ret)
{
	_cleanup_strbuf_ struct strbuf name = { 0 };

	*ret = FOLD_KEEP;
	if (o->fold == ROWS_FOLD_NONE)
		return NULL;
	*ret = fold_classify(look->function, demangled, look->module);
	if (*ret != FOLD_KEEP || o->fold != ROWS_FOLD_STD)
		return NULL;
	if (o->demangle)
		o->demangle(&name, look->function, DEMANGLE_SHORT);
	if (fold_is_std(name.len ? strbuf_str(&name) : look->function))
		*ret = FOLD_INNER;
	return strbuf_check(&name);
}

/* Sets what follows from the names. */
static struct hs_error *classify(struct looks *l, struct row_look *look)
{
	const struct function_name *name = NULL;
	enum fold_kind fold = FOLD_KEEP;
	const char *demangled = "";
	struct hs_error *err = NULL;

	if (look->function)
		err = function_names_find(&l->names, look->function, &name);
	if (err)
		return err;
	if (name) {
		demangled = name->full;
		look->name = name->shown;
		look->symbol = (uint32_t)(name - l->names.items) + 1;
	}
	look->library = is_library(look);
	look->focus = matches(l->options->focus, look, demangled);
	look->ignore = matches(l->options->ignore, look, demangled);
	look->hide = matches(l->options->hide, look, demangled);
	look->show = matches(l->options->show, look, demangled);
	look->suppressed =
		suppressed(l->options->suppressions, look, demangled);
	look->wrapper = matches(l->options->wrapper, look, demangled)
				? WRAPPER_KNOWN
				: wrapper_name_of(look->function, look->name);
	err = fold_kind_of(l->options, look, demangled, &fold);
	look->fold = fold;
	return err;
}

static struct hash hash_text(struct hash h, const char *s)
{
	return s ? hash_bytes(h, s, strlen(s)) : h;
}

/* Of what frames of one key have in common. */
static uint64_t look_hash(const struct hash_index *index,
			  const struct row_look *look)
{
	struct hash h = hash_mix(hash_index_begin(index), look->inlined);

	h = hash_text(h, look->function);
	h = hash_text(h, look->file);
	h = hash_text(h, row_look_module(look));
	return hash_mix(h, look->line).value;
}

/* Strings of one profile are the same only if they are one. */
static bool is_like(const struct row_look *a, const struct row_look *b)
{
	return a->function == b->function && a->file == b->file &&
	       a->line == b->line && a->module == b->module &&
	       a->module_name == b->module_name && a->code == b->code &&
	       a->space == b->space && a->in_file == b->in_file &&
	       a->inlined == b->inlined && a->program == b->program &&
	       a->apart == b->apart;
}

static struct hs_error *add_look(struct looks *l, const struct row_look *like,
				 uint64_t hash, const struct row_look **ret)
{
	struct rows *rows = l->rows;
	struct row_look *look;
	struct hs_error *err;

	if (!ARRAY_GROW(rows->looks, rows->looks_cap, rows->n_looks + 1) ||
	    rows->n_looks >= UINT32_MAX)
		return hs_error_nomem();
	look = malloc(sizeof(*look));
	if (!look)
		return hs_error_nomem();
	*look = *like;
	look->hash = hash;
	*ret = rows->looks[rows->n_looks++] = look;
	err = classify(l, look);
	return err ? err
		   : hash_index_add(&l->index, hash,
				    (uint32_t)rows->n_looks - 1);
}

struct hs_error *looks_find(struct looks *l, const struct row_look *like,
			    const struct row_look **ret)
{
	const uint64_t hash = look_hash(&l->index, like);
	struct hash_index_walk walk = { 0 };

	while (hash_index_next(&l->index, hash, &walk)) {
		*ret = l->rows->looks[walk.value];
		if (is_like(*ret, like))
			return NULL;
	}
	return add_look(l, like, hash, ret);
}
