#include "output/frames.h"

#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "base/hash.h"
#include "base/str.h"
#include "heap/diff.h"
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
	looks_init(&t->looks, rows, options);
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
	looks_release(&t->looks);
}

static uint64_t key_offset(const struct row_frame *f)
{
	return f->look->function && !f->look->apart ? 0 : f->offset;
}

/* Another build of a module has other code at the same offset. */
static bool same_build(const struct row_look *a, const struct row_look *b)
{
	return (a->function && !a->apart) || !a->code || !b->code ||
	       !a->code->build_id || !b->code->build_id ||
	       strcmp(a->code->build_id, b->code->build_id) == 0;
}

static bool looks_same(const struct row_look *a, const struct row_look *b)
{
	return a == b ||
	       (a->hash == b->hash && a->line == b->line &&
		a->inlined == b->inlined && a->space == b->space &&
		same_build(a, b) && str_equal(a->function, b->function) &&
		str_equal(a->file, b->file) &&
		str_equal(row_look_module(a), row_look_module(b)));
}

/* Finds the key of the frames with the appearance of @f. */
static struct hs_error *find_key(struct frame_table *t,
				 const struct row_frame *f, uint32_t *ret)
{
	const struct hash h =
		hash_mix(hash_index_begin(&t->by_appearance), f->look->hash);
	const uint64_t hash = hash_mix(h, key_offset(f)).value;
	struct hash_index_walk walk = { 0 };
	const struct row_frame *twin;

	while (hash_index_next(&t->by_appearance, hash, &walk)) {
		twin = &t->rows->frames[walk.value];
		*ret = twin->key;
		if (key_offset(twin) == key_offset(f) &&
		    looks_same(twin->look, f->look))
			return NULL;
	}
	*ret = t->n_keys++;
	return hash_index_add(&t->by_appearance, hash,
			      (uint32_t)t->rows->n_frames);
}

/* Appends the frame at the place of @at that is like @like. */
static struct hs_error *add_frame(struct frame_table *t,
				  const struct row_look *like,
				  const struct heap_location *at)
{
	struct rows *rows = t->rows;
	struct row_frame f = { .address = at->address, .offset = at->offset };
	struct hs_error *err;

	if (!ARRAY_GROW(rows->frames, rows->frames_cap, rows->n_frames + 1) ||
	    rows->n_frames >= UINT32_MAX)
		return hs_error_nomem();
	err = looks_find(&t->looks, like, &f.look);
	if (!err)
		err = find_key(t, &f, &f.key);
	if (err)
		return err;
	t->folds |= fold_is_allocator(f.look->fold);
	rows->frames[rows->n_frames++] = f;
	return NULL;
}

/* What the location itself has, without names. */
static struct row_look bare_look(const struct frame_side *side,
				 const struct heap_location *loc)
{
	const struct heap_module *m = NULL;
	struct row_look look = { 0 };

	if (loc->module != HEAP_NO_MODULE) {
		m = &side->profile->modules[loc->module];
		look.module = m->path;
		look.program = loc->module == side->program.module;
		look.module_name = look.program && side->program.name
					   ? side->program.name
					   : str_base_name(m->path);
		look.code = m;
		look.in_file = heap_module_has_identity(m);
	}
	if (!loc->n_names && !look.in_file)
		look.space = side->space;
	return look;
}

struct hs_error *frame_table_expand_new(struct frame_table *t, size_t side,
					uint32_t index)
{
	const struct heap_profile *p = t->sides[side].profile;
	struct heap_location at = p->locations[index];
	struct frame_run *run = &t->sides[side].runs[index];
	struct row_look look = bare_look(&t->sides[side], &at), named;
	const struct heap_name *name;
	struct hs_error *err;
	uint32_t i;

	look.apart = t->options->addresses;
	/* Its names are what it can be told by. */
	if (heap_location_is_by_name(&at))
		at.offset = 0;
	run->first = (uint32_t)t->rows->n_frames;
	for (i = 0; i < at.n_names; i++) {
		name = &p->names[at.names + i];
		if (name->inlined && t->options->no_inlines)
			continue;
		named = look;
		named.function = name->function;
		named.file = name->file;
		named.line = name->line;
		named.inlined = name->inlined;
		err = add_frame(t, &named, &at);
		if (err)
			return err;
	}
	if (t->rows->n_frames == run->first) {
		err = add_frame(t, &look, &at);
		if (err)
			return err;
	}
	run->n = (uint32_t)t->rows->n_frames - run->first;
	return NULL;
}

/* Makes the look of a group. The group's name is in the function's field, so
 * that every format can show it. */
static struct row_look group_look(const struct row_look *look,
				  enum rows_group group)
{
	struct row_look g = *look;

	g.inlined = false;
	g.apart = false;
	if (group == ROWS_FUNCTIONS)
		g.line = 0;
	if (group == ROWS_FUNCTIONS || group == ROWS_LINES)
		return g;
	g = (struct row_look){ .function = look->module,
			       .module = look->module,
			       .module_name = look->module_name };
	if (group == ROWS_FILES && look->file)
		g = (struct row_look){ .function = look->file,
				       .file = look->file };
	if (!g.function)
		g.function = "[unknown]";
	return g;
}

struct hs_error *frame_table_group(struct frame_table *t, uint32_t frame,
				   uint32_t *ret)
{
	const size_t had = t->groups_cap;
	const struct row_frame *of = &t->rows->frames[frame];
	struct heap_location at = { 0 };
	struct row_look g;
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
	g = group_look(of->look, t->options->group);
	if (t->options->group == ROWS_FUNCTIONS ||
	    t->options->group == ROWS_LINES) {
		at.address = of->address;
		at.offset = of->offset;
	}
	err = add_frame(t, &g, &at);
	if (err)
		return err;
	*ret = (uint32_t)t->rows->n_frames - 1;
	t->groups[frame] = *ret + 1;
	return NULL;
}

struct hs_error *frame_table_text(struct frame_table *t, const char *text,
				  uint32_t *ret)
{
	const struct heap_location nowhere = { 0 };
	struct row_look look = { 0 };
	struct hs_error *err =
		intern_text(&t->rows->strings, text, &look.function);

	if (!err)
		err = add_frame(t, &look, &nowhere);
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

struct hs_error *frame_table_no_stack(struct frame_table *t, size_t side,
				      struct frame_run *ret)
{
	struct frame_run *run = &t->sides[side].no_stack;
	struct hs_error *err = NULL;

	if (!run->n)
		err = frame_table_text(t, ROWS_NO_STACK, &run->first);
	run->n = 1;
	*ret = *run;
	return err;
}

struct hs_error *frame_table_expand_all(struct frame_table *t, size_t side)
{
	const struct heap_profile *p = t->sides[side].profile;
	struct hs_error *err;
	struct frame_run run;
	size_t i, k;

	err = hash_index_reserve(&t->by_appearance, p->n_locations);
	for (i = 0; !err && i < p->n_stacks; i++) {
		const struct heap_stack *s = &p->stacks[i];

		for (k = 0; !err && k < s->depth; k++)
			err = frame_table_expand(t, side,
						 p->frames[s->first + k], &run);
		if (!err && !k)
			err = frame_table_no_stack(t, side, &run);
	}
	return err;
}
