#include "target/unsafe_allocator.h"

#include <string.h>

#include "base/array.h"
#include "target/unsafe_names.h"

struct walk {
	const struct loaded_file *file;
	struct text_ranges allocators;
	struct text_ranges others; /* functions that are exported */
	struct hs_error *err;
};

/* --- overriding the C library's ------------------------------------------- */

static bool note_allocator(const struct elf_symbol *sym, void *arg)
{
	struct walk *walk = arg;

	if (sym->function && !sym->local &&
	    code_name_is_malloc(sym->name, code_name_length(sym->name)))
		walk->err = text_ranges_add(&walk->allocators,
					    walk->file->symbols, sym);
	return !walk->err;
}

/*
 * The malloc() of a static program is the C library's when the name by which
 * the C library itself calls it is at the same place, and what only the C
 * library has inside is there (gperftools takes __libc_malloc(), too): glibc's,
 * musl's, that of musl when the program frees nothing, and that of musl up to
 * 1.1, which has one name only.
 */
static bool is_of_libc(const struct loaded_file *file)
{
	static const struct {
		const char *name, *inner;
	} libcs[] = {
		{ "__libc_malloc", "_int_malloc" },
		{ "default_malloc", "default_malloc" },
		{ "__simple_malloc", "__simple_malloc" },
		{ "malloc", "__bin_chunk" },
	};
	uint64_t at = loaded_file_function(file, "malloc");
	size_t i;

	if (!file->main_program || file->elf->dynamic || !at)
		return false;
	for (i = 0; i < ARRAY_SIZE(libcs); i++)
		if (loaded_file_function(file, libcs[i].name) == at &&
		    loaded_file_function(file, libcs[i].inner))
			return true;
	return false;
}

struct hs_error *unsafe_allocator(const struct loaded_file *file,
				  struct text_ranges *ret)
{
	struct walk walk = { .file = file };
	struct hs_error *err;

	err = elf_file_each_symbol(file->symbols, note_allocator, &walk);
	if (!err)
		err = walk.err;
	if (err || (walk.allocators.n && is_of_libc(file)))
		text_ranges_release(&walk.allocators);
	*ret = walk.allocators;
	return err;
}

/* --- the C library's ------------------------------------------------------- */

static bool note_function(const struct elf_symbol *sym, void *arg)
{
	const struct code_name *row;
	struct walk *walk = arg;

	if (!sym->function || sym->local)
		return true;
	row = code_name_find(sym->name, code_name_length(sym->name));
	walk->err = text_ranges_add(row && code_name_is_allocator(row)
					    ? &walk->allocators
					    : &walk->others,
				    walk->file->symbols, sym);
	return !walk->err;
}

/* Widens @range up to the exported functions that are its neighbours. */
static void widen(const struct text_ranges *others, struct text_range *range)
{
	uint64_t low = 0, high = UINT64_MAX;
	size_t i;

	for (i = 0; i < others->n; i++) {
		const struct text_range *other = &others->items[i];

		if (other->start < range->start && other->end > low)
			low = other->end;
		if (other->start > range->start && other->start < high)
			high = other->start;
	}
	if (low && low < range->start)
		range->start = low;
	if (high != UINT64_MAX && high > range->end)
		range->end = high;
}

struct hs_error *unsafe_libc_allocator(const struct loaded_file *libc,
				       struct text_ranges *ret)
{
	struct walk walk = { .file = libc };
	struct hs_error *err;
	size_t i;

	err = elf_file_each_symbol(libc->symbols, note_function, &walk);
	if (!err)
		err = walk.err;
	for (i = 0; i < walk.allocators.n && !err; i++)
		widen(&walk.others, &walk.allocators.items[i]);
	text_ranges_release(&walk.others);
	if (err)
		text_ranges_release(&walk.allocators);
	*ret = walk.allocators;
	return err;
}
