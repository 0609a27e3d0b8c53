#include "symbol/symtab.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "symbol/elf_symbols.h"

void symtab_release(struct symtab *table)
{
	free(table->items);
	range_map_release(&table->map);
	*table = (struct symtab){ 0 };
}

struct symtab_adding {
	struct symtab *table;
	bool failed;
};

/* "$x", "$d": where ARM code and data begin; ".L1": labels of an assembler. */
static bool is_marker(const struct elf_symbol *symbol)
{
	return !symbol->function &&
	       (symbol->name[0] == '$' || !strncmp(symbol->name, ".L", 2));
}

static bool symtab_add_symbol(const struct elf_symbol *symbol, void *arg)
{
	struct symtab_adding *adding = arg;
	struct symtab *table = adding->table;

	if (!symbol->code || is_marker(symbol))
		return true;
	/* A symbol without size ends at the next one, which may be missing. */
	if (!symbol->size && symbol->dynamic)
		return true;
	if (!ARRAY_GROW(table->items, table->cap, table->n + 1)) {
		adding->failed = true;
		return false;
	}
	table->items[table->n++] = (struct symtab_entry){
		.address = symbol->address,
		.size = symbol->size,
		.limit = symbol->code_limit,
		.name = symbol->name,
		.length = (uint32_t)strlen(symbol->name),
		.underscores = (uint32_t)strspn(symbol->name, "_"),
		.code = !symbol->object,
		.local = symbol->local,
	};
	return true;
}

struct hs_error *symtab_add(struct symtab *table, const struct elf_file *file)
{
	struct symtab_adding adding = { .table = table };
	struct hs_error *err;

	err = elf_file_each_symbol(file, symtab_add_symbol, &adding);
	if (!err && adding.failed)
		err = hs_error_nomem();
	return err;
}

static int compare(uint64_t a, uint64_t b)
{
	return (a > b) - (a < b);
}

/* By address; of one address the best name first: code, with a size, global,
 * few leading underscores, short. */
static int entry_compare(const void *pa, const void *pb)
{
	const struct symtab_entry *a = pa, *b = pb;
	int r = compare(a->address, b->address);

	if (!r)
		r = compare(!a->code, !b->code);
	if (!r)
		r = compare(!a->size, !b->size);
	if (!r)
		r = compare(a->local, b->local);
	if (!r)
		r = compare(a->underscores, b->underscores);
	if (!r)
		r = compare(a->length, b->length);
	return r ? r : strcmp(a->name, b->name);
}

/* The end of a symbol without size. */
static uint64_t next_address(const struct symtab *table, size_t i)
{
	const struct symtab_entry *entry = &table->items[i];
	size_t next = i + 1;

	while (next < table->n && table->items[next].address == entry->address)
		next++;
	if (next < table->n && table->items[next].address < entry->limit)
		return table->items[next].address;
	return entry->limit;
}

static struct hs_error *symtab_map_entry(struct symtab *table, size_t i,
					 uint64_t from, uint64_t to)
{
	if (!table->items[i].code || i > UINT32_MAX)
		return NULL;
	return range_map_add(&table->map, from, to, 0, (uint32_t)i);
}

struct hs_error *symtab_finish(struct symtab *table)
{
	uint64_t group_end = 0; /* of the names of one address */
	uint64_t sized_end = 0; /* of all with a size so far */
	size_t i;

	if (table->n)
		qsort(table->items, table->n, sizeof(*table->items),
		      entry_compare);
	for (i = 0; i < table->n; i++) {
		const struct symtab_entry *e = &table->items[i];
		struct hs_error *err;
		uint64_t end;

		if (!i || e[-1].address != e->address)
			group_end = e->address;
		if (!e->size && e->address < sized_end)
			continue; /* a label in a function */
		if (!e->size)
			end = next_address(table, i);
		else if (__builtin_add_overflow(e->address, e->size, &end))
			continue;
		if (end <= group_end)
			continue;
		err = symtab_map_entry(table, i, group_end, end);
		if (err)
			return err;
		group_end = end;
		if (e->size && end > sized_end)
			sized_end = end;
	}
	return range_map_flatten(&table->map);
}

const struct symtab_entry *symtab_find(const struct symtab *table,
				       uint64_t address)
{
	const struct range *r = range_map_find(&table->map, address);

	return r ? &table->items[r->id] : NULL;
}

bool symtab_is_alias(const struct symtab *table,
		     const struct symtab_entry *entry, const char *name)
{
	const struct symtab_entry *end = table->items + table->n, *e = entry;

	while (e > table->items && e[-1].address == entry->address)
		e--;
	for (; e < end && e->address == entry->address; e++) {
		size_t len = symbol_base_length(e->name);

		if (e->code && e->local == entry->local &&
		    e->underscores == entry->underscores &&
		    strlen(name) == len && !memcmp(e->name, name, len))
			return true;
	}
	return false;
}

static bool is_number(const char *s, size_t len)
{
	size_t i;

	for (i = 0; i < len; i++)
		if (!isdigit((unsigned char)s[i]))
			return false;
	return len > 0;
}

/* gcc: .cold .part.N .isra.N .constprop.N .lto_priv.N .localalias; clang:
 * .llvm.N of ThinLTO and .cold. */
static bool is_piece(const char *s, size_t len)
{
	static const char *const words[] = { "cold",	  "part",     "isra",
					     "constprop", "lto_priv", "llvm",
					     "localalias" };
	size_t i;

	for (i = 0; i < ARRAY_SIZE(words); i++)
		if (strlen(words[i]) == len && !memcmp(words[i], s, len))
			return true;
	return false;
}

size_t symbol_base_length(const char *name)
{
	size_t len = strlen(name), end = len;

	for (;;) {
		const char *dot = memrchr(name, '.', end);
		size_t at = dot ? (size_t)(dot - name) : 0;

		if (!at)
			return len;
		if (is_piece(dot + 1, end - at - 1))
			len = at;
		else if (!is_number(dot + 1, end - at - 1) || end != len)
			return len;
		end = at;
	}
}
