#include "heap/diff.h"

#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "base/cleanup.h"
#include "base/hash.h"
#include "base/hash_index.h"
#include "base/str.h"

/*
 * Each frame gets a number that is the same on both sides when the code is:
 * first the modules, then the positions in them; then stacks are compared as
 * runs of numbers. Each step is one pass with a hash table.
 */

#define NO_IDENTITY UINT32_MAX
#define BY_NAME (UINT32_MAX - 2) /* NO_IDENTITY - 1: the other side's */

/* One side during numbering. */
struct side {
	const struct heap_profile *profile;
	uint32_t *modules;   /* owned; number of each module or NO_IDENTITY */
	uint32_t *locations; /* owned; number of each location */
};

static void side_release(struct side *side)
{
	free(side->modules);
	free(side->locations);
}

static struct hs_error *side_init(struct side *side,
				  const struct heap_profile *p)
{
	*side = (struct side){
		.profile = p,
		.modules = calloc(p->n_modules + 1, sizeof(uint32_t)),
		.locations = calloc(p->n_locations + 1, sizeof(uint32_t)),
	};
	if (side->modules && side->locations)
		return NULL;
	side_release(side);
	return hs_error_nomem();
}

/*
 * Offsets in a file mean the same in another process, also where its name is of
 * another system ("C:\\srv\\app.exe"). Not so in anonymous memory and in what
 * only has the form of a file: memfd_create() (just-in-time compilers map code
 * through one), shared anonymous memory, System V segments.
 */
bool heap_module_has_identity(const struct heap_module *m)
{
	if (m->build_id)
		return true;
	if (m->path[0] == '[')
		return !strcmp(m->path, "[vdso]") ||
		       !strcmp(m->path, "[vsyscall]");
	return !str_starts_with(m->path, "anon_inode:") &&
	       !str_starts_with(m->path, "/memfd:") &&
	       !str_starts_with(m->path, "/SYSV") &&
	       strcmp(m->path, "/dev/zero");
}

bool heap_module_is_rebuilt(const struct heap_module *m,
			    const struct heap_profile *other)
{
	bool rebuilt = false;
	size_t i;

	if (!m->build_id || m->path[0] != '/')
		return false;
	for (i = 0; i < other->n_modules; i++) {
		const struct heap_module *o = &other->modules[i];

		if (!o->build_id)
			continue;
		if (!strcmp(o->build_id, m->build_id))
			return false;
		/* Versions may have different folders. */
		rebuilt |=
			!strcmp(str_base_name(o->path), str_base_name(m->path));
	}
	return rebuilt;
}

static const struct mapping *find_vdso(const struct heap_profile *p)
{
	size_t i;

	for (i = 0; i < p->maps.n; i++)
		if (!strcmp(p->maps.items[i].path, "[vdso]"))
			return &p->maps.items[i];
	return NULL;
}

/*
 * Whether addresses mean the same on both sides: frames without identity have
 * nothing else. After a restart they do not, so it must be the same process, by
 * pid and start time. Plain dumps do not have these; there the vdso, which the
 * kernel puts at a random address in each process, distinguishes processes.
 * Without either (no maps on any side), equal addresses in all frames of a
 * stack are no accident.
 */
bool heap_same_address_space(const struct heap_profile *a,
			     const struct heap_profile *b)
{
	const struct heap_meta *x = &a->meta, *y = &b->meta;
	const struct mapping *vdso_a, *vdso_b;

	if (x->pid >= 0 && y->pid >= 0 && x->start_time && y->start_time)
		return x->pid == y->pid && x->start_time == y->start_time &&
		       (!x->hostname || !y->hostname ||
			!strcmp(x->hostname, y->hostname));
	if (!a->maps.n && !b->maps.n)
		return true;
	vdso_a = find_vdso(a);
	vdso_b = find_vdso(b);
	return vdso_a && vdso_b && vdso_a->start == vdso_b->start;
}

/* The modules by build-id, and those of one side by path. */
struct module_table {
	struct hash_index by_build_id, by_path;
	const struct heap_module **modules; /* owned; first of each number */
	size_t n, cap;
};

static void module_table_release(struct module_table *t)
{
	hash_index_release(&t->by_build_id);
	hash_index_release(&t->by_path);
	free(t->modules);
}

static uint64_t hash_text(const struct hash_index *index, const char *s)
{
	return hash_bytes(hash_index_begin(index), s, strlen(s)).value;
}

static bool module_table_find_build_id(const struct module_table *t,
				       const struct heap_module *m,
				       uint32_t *ret)
{
	struct hash_index_walk walk = { 0 };
	uint64_t hash;

	if (!m->build_id)
		return false;
	hash = hash_text(&t->by_build_id, m->build_id);
	while (hash_index_next(&t->by_build_id, hash, &walk)) {
		if (strcmp(t->modules[walk.value]->build_id, m->build_id))
			continue;
		*ret = walk.value;
		return true;
	}
	return false;
}

/* The path decides only where a build-id is missing. */
static bool module_table_find_path(const struct module_table *t,
				   const struct heap_module *m, uint32_t *ret)
{
	const uint64_t hash = hash_text(&t->by_path, m->path);
	struct hash_index_walk walk = { 0 };

	while (hash_index_next(&t->by_path, hash, &walk)) {
		const struct heap_module *known = t->modules[walk.value];

		if (strcmp(known->path, m->path) ||
		    (known->build_id && m->build_id))
			continue;
		*ret = walk.value;
		return true;
	}
	return false;
}

static struct hs_error *module_table_add(struct module_table *t,
					 const struct heap_module *m,
					 uint32_t *ret)
{
	if (!ARRAY_GROW(t->modules, t->cap, t->n + 1))
		return hs_error_nomem();
	*ret = (uint32_t)t->n;
	t->modules[t->n++] = m;
	if (!m->build_id)
		return NULL;
	return hash_index_add(&t->by_build_id,
			      hash_text(&t->by_build_id, m->build_id), *ret);
}

/* Numbers the modules of the first side, and adds them to the table by path.
 * Two of one path (a file replaced while it ran) are two modules. */
static struct hs_error *number_modules_before(struct module_table *t,
					      struct side *side)
{
	const struct heap_profile *p = side->profile;
	size_t i;

	for (i = 0; i < p->n_modules; i++) {
		const struct heap_module *m = &p->modules[i];
		uint32_t *number = &side->modules[i];
		struct hs_error *err;

		*number = NO_IDENTITY;
		if (!heap_module_has_identity(m) ||
		    module_table_find_build_id(t, m, number))
			continue;
		err = module_table_add(t, m, number);
		if (!err)
			err = hash_index_add(&t->by_path,
					     hash_text(&t->by_path, m->path),
					     *number);
		if (err)
			return err;
	}
	return NULL;
}

static struct hs_error *number_modules_after(struct module_table *t,
					     struct side *side)
{
	const struct heap_profile *p = side->profile;
	size_t i;

	for (i = 0; i < p->n_modules; i++) {
		const struct heap_module *m = &p->modules[i];
		uint32_t *number = &side->modules[i];
		struct hs_error *err;

		*number = NO_IDENTITY;
		if (!heap_module_has_identity(m) ||
		    module_table_find_build_id(t, m, number) ||
		    module_table_find_path(t, m, number))
			continue;
		err = module_table_add(t, m, number);
		if (err)
			return err;
	}
	return NULL;
}

struct position {
	uint64_t offset;
	uint32_t module; /* its number; NO_IDENTITY: offset is an address;
			    BY_NAME: it is the number of a list of names */
};

/* The names of code without addresses. */
struct name_list {
	const struct heap_name *names; /* borrowed */
	size_t n;
};

struct position_table {
	struct hash_index index;
	struct position *positions; /* owned */
	size_t n, cap;
	struct hash_index by_names;
	struct name_list *lists; /* owned */
	size_t n_lists, lists_cap;
};

static void position_table_release(struct position_table *t)
{
	hash_index_release(&t->index);
	free(t->positions);
	hash_index_release(&t->by_names);
	free(t->lists);
}

/* Numbers the names of @loc. */
static struct hs_error *number_names(struct position_table *t,
				     const struct heap_profile *p,
				     const struct heap_location *loc,
				     uint64_t *ret)
{
	const struct heap_name *names = p->names + loc->names;
	const uint64_t hash = heap_names_hash(hash_index_begin(&t->by_names),
					      names, loc->n_names)
				      .value;
	struct hash_index_walk walk = { 0 };

	while (hash_index_next(&t->by_names, hash, &walk)) {
		*ret = walk.value;
		if (heap_names_equal(names, loc->n_names,
				     t->lists[walk.value].names,
				     t->lists[walk.value].n))
			return NULL;
	}
	if (!ARRAY_GROW(t->lists, t->lists_cap, t->n_lists + 1))
		return hs_error_nomem();
	*ret = t->n_lists;
	t->lists[t->n_lists++] = (struct name_list){ names, loc->n_names };
	return hash_index_add(&t->by_names, hash, (uint32_t)*ret);
}

static struct hs_error *position_table_number(struct position_table *t,
					      struct position position,
					      uint32_t *ret)
{
	const struct hash h =
		hash_mix(hash_index_begin(&t->index), position.module);
	const uint64_t hash = hash_mix(h, position.offset).value;
	struct hash_index_walk walk = { 0 };

	while (hash_index_next(&t->index, hash, &walk)) {
		const struct position *known = &t->positions[walk.value];

		if (known->module == position.module &&
		    known->offset == position.offset) {
			*ret = walk.value;
			return NULL;
		}
	}
	if (!ARRAY_GROW(t->positions, t->cap, t->n + 1))
		return hs_error_nomem();
	t->positions[t->n] = position;
	*ret = (uint32_t)t->n++;
	return hash_index_add(&t->index, hash, *ret);
}

/* @apart: addresses of frames without identity mean nothing here; they must not
 * match those of the other side. */
static struct hs_error *number_locations(struct position_table *t,
					 struct side *side, bool apart)
{
	const struct heap_profile *p = side->profile;
	size_t i;

	for (i = 0; i < p->n_locations; i++) {
		const struct heap_location *loc = &p->locations[i];
		struct position position = { loc->offset, NO_IDENTITY };
		struct hs_error *err = NULL;

		if (loc->module != HEAP_NO_MODULE)
			position.module = side->modules[loc->module];
		if (heap_location_is_by_name(loc)) {
			position.module = BY_NAME;
			err = number_names(t, p, loc, &position.offset);
		} else if (position.module == NO_IDENTITY) {
			position.offset = loc->address;
			position.module -= apart;
		}
		if (!err)
			err = position_table_number(t, position,
						    &side->locations[i]);
		if (err)
			return err;
	}
	return NULL;
}

static struct hs_error *number_sides(struct side *before, struct side *after)
{
	struct module_table modules = { 0 };
	struct position_table positions = { 0 };
	struct hs_error *err;

	err = number_modules_before(&modules, before);
	if (!err)
		err = number_modules_after(&modules, after);
	if (!err)
		err = number_locations(&positions, before, false);
	if (!err)
		err = number_locations(
			&positions, after,
			!heap_same_address_space(before->profile,
						 after->profile));
	module_table_release(&modules);
	position_table_release(&positions);
	return err;
}

static uint64_t stack_hash(const struct hash_index *index,
			   const struct side *side,
			   const struct heap_stack *stack)
{
	const uint32_t *frames = side->profile->frames;
	struct hash h = hash_mix(hash_index_begin(index), stack->depth);
	size_t i;

	for (i = 0; i < stack->depth; i++)
		h = hash_mix(h, side->locations[frames[stack->first + i]]);
	return h.value;
}

static bool stack_equal(const struct side *x, const struct heap_stack *a,
			const struct side *y, const struct heap_stack *b)
{
	size_t i;

	if (a->depth != b->depth)
		return false;
	for (i = 0; i < a->depth; i++)
		if (x->locations[x->profile->frames[a->first + i]] !=
		    y->locations[y->profile->frames[b->first + i]])
			return false;
	return true;
}

/*
 * An index of the stacks of the first side. Several of them may be the same
 * code (a library loaded twice, by dlmopen()): only one of them is in the
 * index, as the head of a list of the others.
 */
struct stack_table {
	struct hash_index index;
	uint32_t *head; /* owned; by indexed stack: next one not yet taken */
	uint32_t *next; /* owned; by stack */
};

static void stack_table_release(struct stack_table *t)
{
	hash_index_release(&t->index);
	free(t->head);
	free(t->next);
}

/* The indexed stack that equals @stack of @side, or HEAP_NO_STACK. */
static uint32_t stack_table_find(const struct stack_table *t,
				 const struct side *before,
				 const struct side *side,
				 const struct heap_stack *stack, uint64_t hash)
{
	const struct heap_stack *stacks = before->profile->stacks;
	struct hash_index_walk walk = { 0 };

	while (hash_index_next(&t->index, hash, &walk))
		if (stack_equal(before, &stacks[walk.value], side, stack))
			return walk.value;
	return HEAP_NO_STACK;
}

/* Indexes the stacks that are not @taken. */
static struct hs_error *stack_table_fill(struct stack_table *t,
					 const struct side *before,
					 const bool *taken)
{
	const struct heap_profile *p = before->profile;
	size_t i;

	t->head = reallocarray(NULL, p->n_stacks + 1, sizeof(*t->head));
	t->next = reallocarray(NULL, p->n_stacks + 1, sizeof(*t->next));
	if (!t->head || !t->next)
		return hs_error_nomem();
	/* Backwards, so that the lists are in the order of the file. */
	for (i = p->n_stacks; i-- > 0;) {
		struct hs_error *err;
		uint32_t known;
		uint64_t hash;

		if (taken[i])
			continue;
		hash = stack_hash(&t->index, before, &p->stacks[i]);
		known = stack_table_find(t, before, before, &p->stacks[i],
					 hash);
		if (known != HEAP_NO_STACK) {
			t->next[i] = t->head[known];
			t->head[known] = (uint32_t)i;
			continue;
		}
		t->next[i] = HEAP_NO_STACK;
		t->head[i] = (uint32_t)i;
		err = hash_index_add(&t->index, hash, (uint32_t)i);
		if (err)
			return err;
	}
	return NULL;
}

/* Stacks during pairing. */
struct pairing {
	struct heap_diff *diff; /* borrowed; stacks are those of after */
	const struct side *before, *after;
	bool *taken; /* borrowed; by stack of before */
};

static void pairing_pair(struct pairing *p, size_t before, size_t after)
{
	p->taken[before] = true;
	p->diff->stacks[after].before = (uint32_t)before;
}

/*
 * Dumps of one process have their stacks in the same order (jemalloc sorts them
 * by address), except those that came or went. Returns whether this order has
 * paired all stacks of after.
 */
static bool pair_in_order(struct pairing *p)
{
	const struct heap_profile *before = p->before->profile;
	const struct heap_profile *after = p->after->profile;
	const size_t look_ahead = 4;
	size_t i, k, next = 0;
	bool all = true;

	for (i = 0; i < after->n_stacks; i++) {
		for (k = next; k < before->n_stacks && k < next + look_ahead;
		     k++)
			if (stack_equal(p->before, &before->stacks[k], p->after,
					&after->stacks[i]))
				break;
		if (k < before->n_stacks && k < next + look_ahead) {
			pairing_pair(p, k, i);
			next = k + 1;
		} else {
			all = false;
		}
	}
	return all;
}

static void pair_by_table(struct pairing *p, struct stack_table *t)
{
	const struct heap_profile *after = p->after->profile;
	uint32_t known, pair;
	size_t i;

	for (i = 0; i < after->n_stacks; i++) {
		const struct heap_stack *stack = &after->stacks[i];

		if (p->diff->stacks[i].before != HEAP_NO_STACK)
			continue;
		known = stack_table_find(t, p->before, p->after, stack,
					 stack_hash(&t->index, p->after,
						    stack));
		if (known == HEAP_NO_STACK || t->head[known] == HEAP_NO_STACK)
			continue;
		pair = t->head[known];
		t->head[known] = t->next[pair];
		pairing_pair(p, pair, i);
	}
}

static struct hs_error *pair_stacks(struct pairing *p)
{
	struct stack_table table = { 0 };
	struct hs_error *err = NULL;

	if (pair_in_order(p))
		return NULL;
	err = stack_table_fill(&table, p->before, p->taken);
	if (!err)
		pair_by_table(p, &table);
	stack_table_release(&table);
	return err;
}

/* The stacks of after in their order, then those that are gone in the order of
 * before. */
static struct hs_error *diff_sides(struct heap_diff *diff, struct side *before,
				   struct side *after)
{
	const size_t n_before = before->profile->n_stacks;
	const size_t n_after = after->profile->n_stacks;
	_cleanup_free_ bool *taken = calloc(n_before + 1, sizeof(*taken));
	struct pairing pairing = { diff, before, after, taken };
	struct hs_error *err;
	uint32_t i;

	if (!taken ||
	    !ARRAY_GROW(diff->stacks, diff->stacks_cap, n_before + n_after))
		return hs_error_nomem();
	for (i = 0; i < n_after; i++)
		diff->stacks[diff->n_stacks++] =
			(struct heap_diff_stack){ HEAP_NO_STACK, i };
	err = number_sides(before, after);
	if (!err)
		err = pair_stacks(&pairing);
	if (err)
		return err;
	for (i = 0; i < n_before; i++)
		if (!taken[i])
			diff->stacks[diff->n_stacks++] =
				(struct heap_diff_stack){ i, HEAP_NO_STACK };
	return NULL;
}

struct hs_error *heap_diff(const struct heap_profile *before,
			   const struct heap_profile *after,
			   struct heap_diff *ret)
{
	struct side x, y;
	struct hs_error *err;

	*ret = (struct heap_diff){ .before = before, .after = after };
	err = side_init(&x, before);
	if (err)
		return err;
	err = side_init(&y, after);
	if (!err) {
		err = diff_sides(ret, &x, &y);
		side_release(&y);
	}
	side_release(&x);
	if (err)
		heap_diff_release(ret);
	return err;
}

void heap_diff_release(struct heap_diff *diff)
{
	free(diff->stacks);
	*diff = (struct heap_diff){ 0 };
}
