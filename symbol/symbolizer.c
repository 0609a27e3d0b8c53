#include "symbol/symbolizer.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/array.h"
#include "base/cleanup.h"
#include "base/intern.h"
#include "symbol/cache/names_cache.h"
#include "symbol/cache/search_trace.h"
#include "symbol/debugfile.h"
#include "symbol/debuginfo.h"
#include "symbol/debuginfod.h"
#include "symbol/dwarf/altfile.h"
#include "symbol/elf.h"
#include "symbol/minidebug.h"
#include "symbol/symtab.h"
#include "symbol/unpack_budget.h"

struct symbol_module {
	struct elf_file *elf;	/* owned */
	struct elf_file *debug; /* owned; its debug file or NULL */
	struct elf_file *mini;	/* owned; the symbols in it, compressed */
	struct debuginfo *info; /* owned; NULL: no DWARF */
	struct symtab symtab;
	struct debug_paths debug_paths; /* the symbolizer's, traced */
	struct cached_names cached;
	struct intern strings;	  /* a file each: threads share nothing */
	struct frame_list frames; /* of the last look-up */
	bool loaded;
};

struct symbolizer {
	struct symbolizer_options options;
	struct symbol_module **modules; /* owned */
	size_t n_modules, modules_cap;
	struct unpack_budget budget;
	struct names_cache cache;
	struct hs_error *no_cache; /* owned; why there is none */
};

struct hs_error *symbolizer_create(const struct symbolizer_options *options,
				   struct symbolizer **ret)
{
	struct symbolizer *s = calloc(1, sizeof(*s));

	if (!s)
		return hs_error_nomem();
	s->options = *options;
	s->options.debug_paths.budget = &s->budget;
	s->no_cache = names_cache_open(options->cache, &s->cache);
	*ret = s;
	return NULL;
}

struct hs_error *symbolizer_check_cache(struct symbolizer *s)
{
	return take_ptr(s->no_cache);
}

bool symbolizer_gives_way(const struct symbolizer *s)
{
	return s->options.gives_way;
}

static void symbol_module_destroy(struct symbol_module *m)
{
	debuginfo_close(m->info);
	symtab_release(&m->symtab);
	elf_file_close(m->mini);
	elf_file_close(m->debug);
	elf_file_close(m->elf);
	frame_list_release(&m->frames);
	cached_names_release(&m->cached);
	intern_release(&m->strings);
	free(m);
}

static bool is_unchanged(const struct symbol_module *m)
{
	return !elf_file_is_changed(m->elf) &&
	       !(m->debug && elf_file_is_changed(m->debug)) &&
	       !(m->info && debuginfo_is_changed(m->info));
}

void symbolizer_destroy(struct symbolizer *s)
{
	size_t i;

	if (!s)
		return;
	for (i = 0; i < s->n_modules; i++) {
		if (is_unchanged(s->modules[i]) && !s->budget.incomplete)
			cached_names_save(&s->modules[i]->cached, &s->cache,
					  s->modules[i]->elf);
		symbol_module_destroy(s->modules[i]);
	}
	free(s->modules);
	names_cache_close(&s->cache);
	hs_error_free(s->no_cache);
	unpack_budget_release(&s->budget);
	free(s);
}

static struct hs_error *check_build_id(const struct elf_file *elf,
				       const char *want)
{
	const char *have = elf->build_id;

	if (!want || (have && !strcasecmp(have, want)))
		return NULL;
	if (!have)
		return hs_error_new(HS_ERROR_NOT_FOUND,
				    "names of '%s' are missing: the file on "
				    "disk is another build (no build-id, not "
				    "%s)",
				    elf->name, want);
	return hs_error_new(HS_ERROR_NOT_FOUND,
			    "names of '%s' are missing: the file on disk is "
			    "another build (build-id %s, not %s)",
			    elf->name, have, want);
}

static struct hs_error *symbolizer_keep(struct symbolizer *s,
					struct elf_file *elf,
					struct symbol_module **ret)
{
	struct symbol_module *m;

	if (!ARRAY_GROW(s->modules, s->modules_cap, s->n_modules + 1))
		return hs_error_nomem();
	m = calloc(1, sizeof(*m));
	if (!m)
		return hs_error_nomem();
	m->elf = elf;
	m->debug_paths = s->options.debug_paths;
	s->modules[s->n_modules++] = m;
	*ret = m;
	return NULL;
}

struct hs_error *symbolizer_add(struct symbolizer *s, int fd, const char *path,
				const char *build_id,
				struct symbol_module **ret)
{
	struct elf_file *elf;
	struct hs_error *err = elf_file_open(fd, path, &elf);

	if (err)
		return err;
	err = check_build_id(elf, build_id);
	if (!err)
		err = symbolizer_keep(s, elf, ret);
	if (err)
		elf_file_close(elf);
	return err;
}

struct hs_error *symbolizer_add_fetched(struct symbolizer *s, const char *path,
					const char *build_id,
					struct symbol_module **ret)
{
	struct debuginfod *servers = s->options.debug_paths.servers;
	struct elf_file *elf = NULL;
	struct hs_error *err = NULL;

	*ret = NULL;
	if (servers && build_id)
		err = debuginfod_find(servers, DEBUGINFOD_EXECUTABLE, build_id,
				      path, &elf);
	if (err || !elf)
		return err;
	err = symbolizer_keep(s, elf, ret);
	if (err)
		elf_file_close(elf);
	return err;
}

const struct elf_file *symbol_module_elf(const struct symbol_module *m)
{
	return m->elf;
}

static bool has_dwarf(const struct elf_file *file)
{
	return elf_file_section(file, ".debug_info", NULL, NULL) ||
	       elf_file_section(file, ".zdebug_info", NULL, NULL);
}

static struct hs_error *symbolizer_load_symbols(struct symbolizer *s,
						struct symbol_module *m)
{
	struct hs_error *err = symtab_add(&m->symtab, m->elf);

	if (!err && m->debug)
		err = symtab_add(&m->symtab, m->debug);
	else if (!err)
		err = minidebug_open(m->elf, &s->budget, &m->mini);
	if (!err && m->mini)
		err = symtab_add(&m->symtab, m->mini);
	return err ? err : symtab_finish(&m->symtab);
}

static struct hs_error *symbolizer_load_info(struct symbol_module *m,
					     const struct elf_file *dwarf)
{
	struct elf_file *alternate;
	struct hs_error *err;

	err = altfile_find(dwarf, &m->debug_paths, &alternate);
	return err ? err
		   : debuginfo_open(dwarf, m->elf, alternate, &m->strings,
				    &m->debug_paths, &m->info);
}

static struct hs_error *symbolizer_load(struct symbolizer *s,
					struct symbol_module *m)
{
	const struct elf_file *dwarf = NULL;
	struct hs_error *err = NULL;

	if (m->loaded)
		return NULL;
	m->loaded = true;
	if (m->cached.used)
		m->debug_paths.trace = &m->cached.names.trace;
	if (has_dwarf(m->elf))
		dwarf = m->elf;
	else
		err = debugfile_find(m->elf, m->elf->name, &m->debug_paths,
				     &m->debug);
	if (err)
		return err;
	if (m->debug && has_dwarf(m->debug))
		dwarf = m->debug;
	err = symbolizer_load_symbols(s, m);
	if (!err && dwarf)
		err = symbolizer_load_info(m, dwarf);
	return err;
}

/* The symbol table has the outermost function under the name that callers use
 * ("malloc", where DWARF has __libc_malloc). */
static struct hs_error *apply_symbol(struct symbol_module *m, uint64_t address)
{
	const struct symtab_entry *symbol = symtab_find(&m->symtab, address);
	struct symbol_frame *outer;
	struct hs_error *err;

	if (!symbol)
		return NULL;
	if (!m->frames.n) {
		err = frame_list_add(&m->frames, (struct symbol_frame){ 0 });
		if (err)
			return err;
	}
	outer = &m->frames.items[m->frames.n - 1];
	/* Without a size it may be a label inside of what DWARF knows; and of
	 * functions folded into one, take the one whose lines these are. */
	if (outer->function &&
	    (!symbol->size ||
	     symtab_is_alias(&m->symtab, symbol, outer->function)))
		return NULL;
	return intern_string(&m->strings, symbol->name,
			     symbol_base_length(symbol->name),
			     &outer->function);
}

struct hs_error *symbolizer_check_unchanged(const struct symbol_module *m)
{
	if (is_unchanged(m))
		return NULL;
	return hs_error_new(HS_ERROR_NOT_FOUND,
			    "names of '%s' are missing: its file changed while "
			    "it was read",
			    m->elf->name);
}

struct hs_error *symbolizer_check_unpacked(struct symbolizer *s)
{
	return unpack_budget_check(&s->budget);
}

/* Into m->frames, and to what is kept. */
static struct hs_error *look_up(struct symbolizer *s, struct symbol_module *m,
				uint64_t offset)
{
	struct hs_error *err = symbolizer_load(s, m);
	uint64_t address;

	m->frames.n = 0;
	if (!err && elf_file_address(m->elf, offset, &address)) {
		if (m->info)
			err = debuginfo_lookup(m->info, address, &m->frames);
		if (!err)
			err = apply_symbol(m, address);
	}
	/* What failed once is not tried again, so others are not whole. */
	if (err)
		search_trace_set_unsure(&m->cached.names.trace);
	else
		cached_names_add(&m->cached, offset, m->frames.items,
				 m->frames.n);
	return err;
}

struct hs_error *symbolizer_lookup(struct symbolizer *s,
				   struct symbol_module *m, uint64_t offset,
				   struct symbol_frames *ret)
{
	const struct answer *known;
	struct hs_error *err;

	*ret = (struct symbol_frames){ 0 };
	cached_names_open(&m->cached, &s->cache, m->elf, &m->debug_paths);
	known = cached_names_find(&m->cached, offset);
	if (known) {
		if (known->n)
			ret->items =
				&m->cached.names.answers.frames[known->first];
		ret->n = known->n;
	} else {
		err = look_up(s, m, offset);
		if (err)
			return err;
		ret->items = m->frames.items;
		ret->n = m->frames.n;
	}
	if (s->options.no_inlines && ret->n > 1) {
		ret->items += ret->n - 1;
		ret->n = 1;
	}
	return NULL;
}

bool symbolizer_knows(struct symbolizer *s, struct symbol_module *m,
		      const uint64_t *offsets, size_t n)
{
	size_t i;

	/* Whether servers still have the same may take long to find out. */
	if (s->options.debug_paths.servers)
		return false;
	cached_names_open(&m->cached, &s->cache, m->elf, &m->debug_paths);
	for (i = 0; i < n; i++)
		if (!cached_names_find(&m->cached, offsets[i]))
			return false;
	return true;
}
