#include "output/frames.h"

#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "base/hash.h"
#include "base/intern.h"
#include "base/str.h"
#include "heap/diff.h"
#include "heap/suppressions.h"
#include "heap/threads.h"

/* The first of @profiles[0..i] that is of the same process as @profiles[i]. */
static uint32_t address_space(const struct heap_profile *const *profiles,
			      size_t i)
{
	size_t j;

	for (j = 0; j < i; j++)
		if (heap_same_address_space(profiles[j], profiles[i]))
			break;
	return (uint32_t)j;
}

struct hs_error *frame_table_init(struct frame_table *t, struct rows *rows,
				  const struct rows_options *options,
				  const struct heap_profile *const *profiles,
				  size_t n)
{
	struct frame_side *side;
	size_t i;

	t->rows = rows;
	t->options = options;
	t->names = (struct function_names){ .demangle = options->demangle,
					    .style = options->style,
					    .strings = &rows->strings };
	t->sides = calloc(n + 1, sizeof(*t->sides));
	if (!t->sides)
		return hs_error_nomem();
	for (i = 0; i < n; i++) {
		side = &t->sides[t->n_sides++];
		side->profile = profiles[i];
		side->space = address_space(profiles, i);
		side->program = program_of(profiles[i]);
		side->runs = calloc(profiles[i]->n_locations + 1,
				    sizeof(*side->runs));
		if (!side->runs)
			return hs_error_nomem();
	}
	return NULL;
}

void frame_table_release(struct frame_table *t)
{
	size_t i;

	for (i = 0; i < t->n_sides; i++)
		free(t->sides[i].runs);
	free(t->sides);
	hash_index_release(&t->by_appearance);
	free(t->groups);
	function_names_release(&t->names);
}

/*
 * Code that came with the system, the compiler or a package manager. The source
 * file decides where it is known, since templates and generic code of libraries
 * end up in the program itself.
 */
static bool is_library(const struct row_frame *f)
{
	static const char *const sources[] = { "/usr/include/", "/usr/lib/",
					       "/usr/src/", "/rustc/" };
	static const char *const modules[] = { "/usr/lib", "/lib", "[" };
	size_t i;

	if (f->file) {
		for (i = 0; i < ARRAY_SIZE(sources); i++)
			if (str_starts_with(f->file, sources[i]))
				return true;
		if (strstr(f->file, "/.cargo/registry/") ||
		    strstr(f->file, "/rustlib/src/"))
			return true;
	}
	if (f->module)
		for (i = 0; i < ARRAY_SIZE(modules); i++)
			if (str_starts_with(f->module, modules[i]))
				return true;
	/* Where every program begins. */
	return f->function && strcmp(f->function, "_start") == 0;
}

static struct hash hash_text(struct hash h, const char *s)
{
	return s ? hash_bytes(h, s, strlen(s)) : h;
}

/* Functions without a file may be different ones with the same name. */
static const char *key_module(const struct row_frame *f)
{
	return f->function && f->file && !f->apart ? NULL : f->module;
}

static uint64_t key_offset(const struct row_frame *f)
{
	return f->function && !f->apart ? 0 : f->offset;
}

/* Another build of a module has other code at the same offset. */
static bool same_build(const struct row_frame *a, const struct row_frame *b)
{
	return (a->function && !a->apart) || !a->code || !b->code ||
	       !a->code->build_id || !b->code->build_id ||
	       strcmp(a->code->build_id, b->code->build_id) == 0;
}

static uint64_t frame_hash(const struct hash_index *index,
			   const struct row_frame *f)
{
	struct hash h = hash_mix(hash_index_begin(index), f->inlined);

	h = hash_text(h, f->function);
	h = hash_text(h, f->file);
	h = hash_text(h, key_module(f));
	h = hash_mix(h, f->line);
	return hash_mix(h, key_offset(f)).value;
}

static bool appears_same(const struct row_frame *a, const struct row_frame *b)
{
	return a->line == b->line && a->inlined == b->inlined &&
	       a->space == b->space && key_offset(a) == key_offset(b) &&
	       same_build(a, b) && str_equal(a->function, b->function) &&
	       str_equal(a->file, b->file) &&
	       str_equal(key_module(a), key_module(b));
}

static bool matches(const regex_t *re, const struct row_frame *f,
		    const char *demangled)
{
	return re &&
	       (regexec(re, demangled, 0, NULL, 0) == 0 ||
		(f->function && regexec(re, f->function, 0, NULL, 0) == 0) ||
		(f->file && regexec(re, f->file, 0, NULL, 0) == 0) ||
		(f->module && regexec(re, f->module, 0, NULL, 0) == 0));
}

static bool suppressed(const struct heap_suppressions *s,
		       const struct row_frame *f, const char *demangled)
{
	return s && (heap_suppressions_match(s, demangled) ||
		     (f->function && heap_suppressions_match(s, f->function)) ||
		     (f->file && heap_suppressions_match(s, f->file)) ||
		     (f->module && heap_suppressions_match(s, f->module)));
}

static struct hs_error *fold_kind_of(const struct rows_options *o,
				     const struct row_frame *f,
				     const char *demangled, enum fold_kind *ret)
{
	_cleanup_strbuf_ struct strbuf name = { 0 };

	*ret = FOLD_KEEP;
	if (o->fold == ROWS_FOLD_NONE)
		return NULL;
	*ret = fold_classify(f->function, demangled, f->module);
	if (*ret != FOLD_KEEP || o->fold != ROWS_FOLD_STD)
		return NULL;
	if (o->demangle)
		o->demangle(&name, f->function, DEMANGLE_SHORT);
	if (fold_is_std(name.len ? strbuf_str(&name) : f->function))
		*ret = FOLD_INNER;
	return strbuf_check(&name);
}

/* Sets the properties that depend on the appearance alone, once for all frames
 * with the same one. */
static struct hs_error *classify(struct frame_table *t, struct row_frame *f)
{
	const struct function_name *name = NULL;
	enum fold_kind fold = FOLD_KEEP;
	const char *demangled = "";
	struct hs_error *err = NULL;

	if (f->function)
		err = function_names_find(&t->names, f->function, &name);
	if (err)
		return err;
	if (name) {
		demangled = name->full;
		f->name = name->shown;
		f->symbol = (uint32_t)(name - t->names.items) + 1;
	}
	f->library = is_library(f);
	f->focus = matches(t->options->focus, f, demangled);
	f->ignore = matches(t->options->ignore, f, demangled);
	f->hide = matches(t->options->hide, f, demangled);
	f->show = matches(t->options->show, f, demangled);
	f->suppressed = suppressed(t->options->suppressions, f, demangled);
	f->wrapper = matches(t->options->wrapper, f, demangled)
			     ? WRAPPER_KNOWN
			     : wrapper_name_of(f->function, f->name);
	err = fold_kind_of(t->options, f, demangled, &fold);
	f->fold = fold;
	return err;
}

/* A frame with the appearance of @f; NULL: none. */
static const struct row_frame *
find_twin(const struct frame_table *t, const struct row_frame *f, uint64_t hash)
{
	struct hash_index_walk walk = { 0 };
	const struct row_frame *twin;

	while (hash_index_next(&t->by_appearance, hash, &walk)) {
		twin = &t->rows->frames[walk.value];
		if (appears_same(twin, f))
			return twin;
	}
	return NULL;
}

static void copy_class(struct row_frame *f, const struct row_frame *twin)
{
	f->name = twin->name;
	f->fold = twin->fold;
	f->wrapper = twin->wrapper;
	f->symbol = twin->symbol;
	f->library = twin->library;
	f->focus = twin->focus;
	f->ignore = twin->ignore;
	f->hide = twin->hide;
	f->show = twin->show;
	f->suppressed = twin->suppressed;
}

/* Appends @f, which gets the key of the frames with its appearance. */
static struct hs_error *add_frame(struct frame_table *t, struct row_frame *f)
{
	const uint64_t hash = frame_hash(&t->by_appearance, f);
	struct rows *rows = t->rows;
	const struct row_frame *twin;
	struct hs_error *err = NULL;

	if (!ARRAY_GROW(rows->frames, rows->frames_cap, rows->n_frames + 1) ||
	    rows->n_frames >= UINT32_MAX)
		return hs_error_nomem();
	twin = find_twin(t, f, hash);
	f->key = twin ? twin->key : t->n_keys++;
	if (!twin)
		err = hash_index_add(&t->by_appearance, hash,
				     (uint32_t)rows->n_frames);
	/* The module affects the class, but is not always part of a frame's
	 * appearance. */
	if (twin && str_equal(twin->module, f->module))
		copy_class(f, twin);
	else if (!err)
		err = classify(t, f);
	rows->frames[rows->n_frames++] = *f;
	return err;
}

/* Fills in what the location itself has, without names. */
static struct row_frame bare_frame(const struct frame_side *side,
				   const struct heap_location *loc)
{
	const struct heap_profile *p = side->profile;
	const struct heap_module *m = NULL;
	struct row_frame f = {
		.address = loc->address,
		.offset = loc->offset,
	};

	/* Its names are what it can be told by. */
	if (heap_location_is_by_name(loc))
		f.offset = 0;
	if (loc->module != HEAP_NO_MODULE) {
		m = &p->modules[loc->module];
		f.module = m->path;
		f.program = loc->module == side->program.module;
		f.module_name = f.program && side->program.name
					? side->program.name
					: str_base_name(m->path);
		f.code = m;
		f.in_file = heap_module_has_identity(m);
	}
	if (!loc->n_names && !f.in_file)
		f.space = side->space;
	return f;
}

struct hs_error *frame_table_expand_new(struct frame_table *t, size_t side,
					uint32_t index)
{
	const struct heap_profile *p = t->sides[side].profile;
	const struct heap_location *loc = &p->locations[index];
	struct frame_run *run = &t->sides[side].runs[index];
	struct row_frame f, named;
	const struct heap_name *name;
	struct hs_error *err;
	uint32_t i;

	f = bare_frame(&t->sides[side], loc);
	f.apart = t->options->addresses;
	run->first = (uint32_t)t->rows->n_frames;
	for (i = 0; i < loc->n_names; i++) {
		name = &p->names[loc->names + i];
		if (name->inlined && t->options->no_inlines)
			continue;
		named = f;
		named.function = name->function;
		named.file = name->file;
		named.line = name->line;
		named.inlined = name->inlined;
		err = add_frame(t, &named);
		if (err)
			return err;
	}
	if (t->rows->n_frames == run->first) {
		err = add_frame(t, &f);
		if (err)
			return err;
	}
	run->n = (uint32_t)t->rows->n_frames - run->first;
	return NULL;
}

/* Makes the frame of a group. The group's name is in the function's field, so
 * that every format can show it. */
static struct row_frame group_frame(const struct row_frame *f,
				    enum rows_group group)
{
	struct row_frame g = *f;

	g.inlined = false;
	g.apart = false;
	if (group == ROWS_FUNCTIONS)
		g.line = 0;
	if (group == ROWS_FUNCTIONS || group == ROWS_LINES)
		return g;
	g = (struct row_frame){ .function = f->module,
				.module = f->module,
				.module_name = f->module_name };
	if (group == ROWS_FILES && f->file)
		g = (struct row_frame){ .function = f->file, .file = f->file };
	if (!g.function)
		g.function = "[unknown]";
	return g;
}

struct hs_error *frame_table_group(struct frame_table *t, uint32_t frame,
				   uint32_t *ret)
{
	const size_t had = t->groups_cap;
	struct row_frame g;
	struct hs_error *err;

	if (!ARRAY_GROW(t->groups, t->groups_cap, (size_t)frame + 1))
		return hs_error_nomem();
	if (t->groups_cap > had)
		memset(t->groups + had, 0,
		       (t->groups_cap - had) * sizeof(*t->groups));
	if (t->groups[frame]) {
		*ret = t->groups[frame] - 1;
		return NULL;
	}
	g = group_frame(&t->rows->frames[frame], t->options->group);
	err = add_frame(t, &g);
	if (err)
		return err;
	*ret = (uint32_t)t->rows->n_frames - 1;
	t->groups[frame] = *ret + 1;
	return NULL;
}

struct hs_error *frame_table_text(struct frame_table *t, const char *text,
				  uint32_t *ret)
{
	struct row_frame f = { 0 };
	struct hs_error *err =
		intern_text(&t->rows->strings, text, &f.function);

	if (!err)
		err = add_frame(t, &f);
	*ret = (uint32_t)t->rows->n_frames - 1;
	return err;
}

/* "my worker (t1)": several threads may have one name. */
struct hs_error *frame_table_thread(struct frame_table *t, size_t side,
				    uint32_t thread, uint32_t *ret)
{
	const struct heap_profile *p = t->sides[side].profile;
	_cleanup_strbuf_ struct strbuf label = { 0 };
	struct hs_error *err;

	heap_thread_label(&p->threads[thread], &label);
	err = strbuf_check(&label);
	return err ? err : frame_table_text(t, strbuf_str(&label), ret);
}
