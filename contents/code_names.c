#include "contents/code_names.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/array.h"
#include "base/search.h"
#include "base/str.h"
#include "symbol/elf_symbols.h"

enum { SYMBOLS_MAX = 4 << 20 }; /* of a file */

struct code_symbol {
	uint64_t address, size;
	const char *name; /* the file's */
	bool local;
};

/* The symbols of a file. */
struct code_table {
	bool made;
	struct code_symbol *items; /* owned; ascending by address */
	size_t n, cap;
	size_t *left; /* more that may be read; borrowed */
	bool failed;
};

struct hs_error *code_names_open(const struct maps *maps,
				 const struct loaded_files *files,
				 const struct memory_source *memory,
				 struct code_names *ret)
{
	*ret = (struct code_names){
		.maps = maps,
		.files = files,
		.memory = *memory,
		.symbols_left = SIZE_MAX,
		.tables = calloc(files->n + 1, sizeof(*ret->tables)),
	};
	return ret->tables ? NULL : hs_error_nomem();
}

void code_names_release(struct code_names *c)
{
	size_t i;

	for (i = 0; c->tables && i < c->files->n; i++)
		free(c->tables[i].items);
	free(c->tables);
	c->tables = NULL;
}

/* --- files ----------------------------------------------------------------- */

/* The mapping of a file that holds @address; that of the data, when it is in
 * the bss behind it. */
static const struct mapping *find_mapping(const struct maps *maps,
					  uint64_t address)
{
	const struct mapping *m = maps_find(maps, address);

	if (m && !m->path[0] && m > maps->items && m[-1].end == m->start)
		m--;
	return m && mapping_has_file(m) ? m : NULL;
}

/* The index of the file; files.n: none. */
static size_t find_file(const struct code_names *c, const struct mapping *m)
{
	size_t i;

	for (i = 0; i < c->files->n; i++)
		if (mapping_same_file(c->files->items[i].first, m))
			break;
	return i;
}

/* --- symbols --------------------------------------------------------------- */

static bool add_symbol(const struct elf_symbol *symbol, void *arg)
{
	struct code_table *t = arg;

	if ((!symbol->object && !symbol->function) || !symbol->size)
		return true;
	if (t->n == SYMBOLS_MAX || !*t->left)
		return false;
	--*t->left;
	t->failed = !ARRAY_GROW(t->items, t->cap, t->n + 1);
	if (t->failed)
		return false;
	t->items[t->n++] = (struct code_symbol){
		.address = symbol->address,
		.size = symbol->size,
		.name = symbol->name,
		.local = symbol->local,
	};
	return true;
}

/* Of several names of one thing the first one is taken: a public one, and the
 * shortest, which is the one without a version's or a compiler's addition. */
static int by_address(const void *a, const void *b)
{
	const struct code_symbol *x = a, *y = b;
	const size_t x_len = strlen(x->name), y_len = strlen(y->name);

	if (x->address != y->address)
		return x->address < y->address ? -1 : 1;
	if (x->local != y->local)
		return x->local ? 1 : -1;
	if (x_len != y_len)
		return x_len < y_len ? -1 : 1;
	return strcmp(x->name, y->name);
}

/* A file whose symbols cannot be read has none. */
static const struct code_table *table_of(struct code_names *c, size_t file)
{
	struct code_table *t = &c->tables[file];
	struct hs_error *err;

	if (t->made)
		return t;
	t->made = true;
	t->left = &c->symbols_left;
	err = elf_file_each_symbol(c->files->items[file].symbols, add_symbol,
				   t);
	c->failed |= t->failed || (err && hs_error_code(err) == HS_ERROR_NOMEM);
	hs_error_free(err);
	if (t->n)
		qsort(t->items, t->n, sizeof(*t->items), by_address);
	return t;
}

static const struct code_symbol *find_symbol(const struct code_table *t,
					     uint64_t address)
{
	size_t at = search_sorted(t->n, i, t->items[i].address <= address);
	const struct code_symbol *s;

	if (!at)
		return NULL;
	s = &t->items[at - 1];
	while (s > t->items && s[-1].address == s->address)
		s--;
	return address - s->address < s->size ? s : NULL;
}

bool code_names_find(void *arg, uint64_t address, struct strbuf *name)
{
	struct code_names *c = arg;
	const struct mapping *m = find_mapping(c->maps, address);
	const struct code_symbol *symbol;
	const struct loaded_file *file;
	size_t i;

	i = m ? find_file(c, m) : c->files->n;
	if (i == c->files->n)
		return false;
	file = &c->files->items[i];
	symbol = find_symbol(table_of(c, i), address - file->bias);
	if (symbol) {
		strbuf_adds(name, symbol->name);
		return true;
	}
	if (m->write || address >= m->end)
		return false;
	strbuf_addf(name, "%s+0x%" PRIx64, str_base_name(m->path),
		    address - file->bias);
	return true;
}

/* --- constants ------------------------------------------------------------- */

static bool read_constants(void *arg, uint64_t addr, void *buf, size_t len)
{
	const struct code_names *c = arg;
	const struct mapping *m;
	size_t i;

	if (c->memory.read(c->memory.arg, addr, buf, len))
		return true;
	m = maps_find(c->maps, addr);
	if (!m || m->write || !mapping_has_file(m) || len > m->end - addr)
		return false;
	i = find_file(c, m);
	return i < c->files->n &&
	       pread(c->files->items[i].elf->fd, buf, len,
		     (off_t)(m->offset + (addr - m->start))) == (ssize_t)len;
}

struct memory_source code_names_constants(struct code_names *c)
{
	return (struct memory_source){ read_constants, c };
}
