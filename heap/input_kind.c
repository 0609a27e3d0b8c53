#include "heap/input_kind.h"

#include <string.h>

#include "base/str.h"
#include "heap/diff.h"
#include "heap/dump_name.h"
#include "heap/format/maps_line.h"

static const char *file_of(const struct heap_profile *p)
{
	return p->meta.file ? p->meta.file : "-";
}

/* --- one process ----------------------------------------------------------- */

static bool same_file(const struct heap_profile *a,
		      const struct heap_profile *b)
{
	return a->meta.inode && a->meta.inode == b->meta.inode &&
	       a->meta.device == b->meta.device;
}

/* Copied: the same stacks, byte for byte. Two processes never have addresses
 * and counts in common. */
static bool same_content(const struct heap_profile *a,
			 const struct heap_profile *b)
{
	size_t i;

	if (!a->n_frames || a->n_stacks != b->n_stacks ||
	    a->n_frames != b->n_frames || a->n_locations != b->n_locations ||
	    a->maps.n != b->maps.n ||
	    memcmp(a->frames, b->frames, a->n_frames * sizeof(*a->frames)))
		return false;
	for (i = 0; i < a->n_locations; i++)
		if (a->locations[i].address != b->locations[i].address)
			return false;
	for (i = 0; i < a->maps.n; i++)
		if (a->maps.items[i].start != b->maps.items[i].start)
			return false;
	for (i = 0; i < a->n_stacks; i++)
		if (a->stacks[i].inuse.bytes != b->stacks[i].inuse.bytes ||
		    a->stacks[i].inuse.samples != b->stacks[i].inuse.samples)
			return false;
	return true;
}

/* Of plain dumps the name tells; the same name in two folders may be of two
 * hosts. */
static bool same_by_name(const struct heap_profile *a,
			 const struct heap_profile *b)
{
	struct dump_name x, y;

	return dump_name_parse(file_of(a), &x) &&
	       dump_name_parse(file_of(b), &y) &&
	       dump_name_same_process(&x, &y) && x.base == y.base &&
	       !memcmp(x.path, y.path, x.base);
}

static bool same_process(const struct heap_profile *a,
			 const struct heap_profile *b)
{
	if (a->meta.pid >= 0 && b->meta.pid >= 0 && a->meta.start_time &&
	    b->meta.start_time)
		return heap_same_address_space(a, b);
	return same_by_name(a, b);
}

static struct hs_error *check_pair(const struct heap_profile *a,
				   const struct heap_profile *b)
{
	struct hs_error *err = NULL;

	if (same_file(a, b) || same_content(a, b))
		err = hs_error_new(HS_ERROR_USAGE,
				   "'%s' and '%s' are the same snapshot: "
				   "merged, all of it would count twice",
				   file_of(a), file_of(b));
	else if (same_process(a, b))
		err = hs_error_new(HS_ERROR_USAGE,
				   "'%s' and '%s' are of one process: merged, "
				   "what lives in both would count twice",
				   file_of(a), file_of(b));
	return hs_error_hint(err, "'heapsnap diff' compares snapshots of one "
				  "process; merge is for several processes");
}

struct hs_error *
heap_inputs_check_apart(const struct heap_profile *const *profiles, size_t n)
{
	struct hs_error *err = NULL;
	size_t i, j;

	for (i = 0; i < n; i++)
		for (j = i + 1; !err && j < n; j++)
			err = check_pair(profiles[i], profiles[j]);
	return err;
}

/* --- one program ----------------------------------------------------------- */

/* Without maps, NULL. */
static const struct mapping *main_mapping(const struct heap_profile *p)
{
	size_t i;

	for (i = 0; i < p->maps.n; i++)
		if (p->maps.items[i].exec &&
		    heap_maps_has_file(&p->maps.items[i]))
			return &p->maps.items[i];
	return NULL;
}

static const char *build_id_of(const struct heap_profile *p,
			       const struct mapping *m)
{
	size_t i;

	for (i = 0; i < p->n_modules; i++)
		if (!strcmp(p->modules[i].path, m->path))
			return p->modules[i].build_id;
	return NULL;
}

static bool same_program(const struct heap_profile *a,
			 const struct heap_profile *b)
{
	const struct mapping *x = main_mapping(a), *y = main_mapping(b);
	const char *id;

	if (!x || !y)
		return !a->meta.command || !b->meta.command ||
		       !strcmp(a->meta.command, b->meta.command);
	id = build_id_of(a, x);
	return !strcmp(str_base_name(x->path), str_base_name(y->path)) ||
	       (id && str_equal(id, build_id_of(b, y)));
}

static const char *program_of(const struct heap_profile *p)
{
	const struct mapping *m = main_mapping(p);

	return m ? str_base_name(m->path)
		 : (p->meta.command ? p->meta.command : "?");
}

void heap_inputs_warn_programs(const struct heap_profile *const *profiles,
			       size_t n, const struct monitor *monitor)
{
	size_t i;

	for (i = 1; i < n; i++) {
		if (same_program(profiles[0], profiles[i]))
			continue;
		monitor_warn(monitor,
			     hs_error_new(HS_ERROR_INPUT,
					  "'%s' is of '%s', '%s' of '%s': two "
					  "programs have hardly a stack in "
					  "common, so what grew is what the "
					  "later one has",
					  file_of(profiles[0]),
					  program_of(profiles[0]),
					  file_of(profiles[i]),
					  program_of(profiles[i])));
		return;
	}
}
