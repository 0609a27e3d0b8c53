#include "target/jemalloc.h"

#include <elf.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/array.h"
#include "base/strbuf.h"
#include "proc/file.h"
#include "symbol/debugfile.h"
#include "symbol/elf.h"
#include "symbol/elf_symbols.h"
#include "target/mapped_elf.h"
#include "target/target_files.h"
#include "target/unsafe_names.h"

/* --- loaded files ---------------------------------------------------------- */

/* The lowest mapping of the file that @m maps. */
static const struct mapping *first_mapping(const struct maps *maps,
					   const struct mapping *m)
{
	const struct mapping *first = maps->items;

	while (!mapping_same_file(first, m))
		first++;
	return first;
}

static bool loaded_files_have(const struct loaded_files *files,
			      const struct mapping *m)
{
	size_t i;

	for (i = 0; i < files->n; i++)
		if (mapping_same_file(files->items[i].first, m))
			return true;
	return false;
}

/*
 * The kernel and ld.so map whole pages: the mapping of a segment begins at the
 * page of the file in which the segment begins. So a mapping belongs to the
 * executable segment whose pages hold the mapping's offset, and runtime and
 * ELF addresses differ by the same number as at that offset.
 */
bool loaded_file_bias(const struct elf_file *elf, const struct mapping *m,
		      uint64_t *ret)
{
	uint64_t page = (uint64_t)sysconf(_SC_PAGESIZE);
	size_t i;

	for (i = 0; i < elf->n_segments; i++) {
		const struct elf_segment *s = &elf->segments[i];

		if (!s->exec || m->offset < (s->offset & ~(page - 1)) ||
		    m->offset >= s->offset + s->file_size)
			continue;
		*ret = m->start - (s->address + (m->offset - s->offset));
		return true;
	}
	return false;
}

static struct hs_error *loaded_file_open(const struct identity *id,
					 const struct maps *maps,
					 const struct mapping *m,
					 const struct deadline *d,
					 struct loaded_file *file)
{
	struct hs_error *err;
	int fd;

	err = mapped_open(id->pid, maps, m, &fd, NULL);
	if (err)
		return err;
	err = elf_file_open(fd, m->path, &file->elf);
	if (err)
		return err;
	file->elf->deadline = d;
	if (!loaded_file_bias(file->elf, m, &file->bias)) {
		elf_file_close(file->elf);
		return hs_error_new(HS_ERROR_INPUT,
				    "'%s' is mapped in another way than its "
				    "program headers say",
				    m->path);
	}
	file->symbols = file->elf;
	file->main_program = !strcmp(m->path, id->executable) ||
			     file->elf->type == ET_EXEC;
	return NULL;
}

/* The error of one file is recorded, not fatal: a process that maps its JIT
 * code as a file, or a library that was replaced, does not hide the other
 * files. */
static struct hs_error *loaded_files_add(const struct identity *id,
					 const struct maps *maps,
					 const struct mapping *m,
					 struct loaded_files *files)
{
	struct loaded_file file = { .first = first_mapping(maps, m) };
	struct hs_error *err;

	if (!ARRAY_GROW(files->items, files->cap, files->n + 1))
		return hs_error_nomem();
	err = loaded_file_open(id, maps, m, files->deadline, &file);
	if (err && hs_error_code(err) == HS_ERROR_NOMEM)
		return err;
	if (err)
		files->problems = hs_error_join(files->problems, err);
	else
		files->items[files->n++] = file;
	return NULL;
}

struct hs_error *loaded_files_open(const struct identity *id,
				   const struct maps *maps,
				   const struct deadline *d,
				   struct loaded_files *ret)
{
	struct loaded_files files = { .deadline = d };
	/* A file of JIT code can have thousands of mappings in a row: one try
	 * is enough to find that it is no ELF file. */
	const struct mapping *failed = NULL;
	struct hs_error *err = NULL;
	size_t i;

	for (i = 0; i < maps->n && !err; i++) {
		const struct mapping *m = &maps->items[i];
		size_t n = files.n;

		if (!m->exec || !mapping_has_file(m) ||
		    loaded_files_have(&files, m) ||
		    (failed && mapping_same_file(failed, m)))
			continue;
		err = loaded_files_check(&files);
		if (!err)
			err = loaded_files_add(id, maps, m, &files);
		if (files.n == n)
			failed = m;
	}
	if (err) {
		loaded_files_release(&files);
		return err;
	}
	*ret = files;
	return NULL;
}

struct hs_error *loaded_files_check(const struct loaded_files *files)
{
	return files->deadline ? deadline_check(files->deadline) : NULL;
}

void loaded_files_release(struct loaded_files *files)
{
	size_t i;

	for (i = 0; i < files->n; i++) {
		elf_file_close(files->items[i].debug);
		elf_file_close(files->items[i].elf);
	}
	free(files->items);
	hs_error_free(files->problems);
	*files = (struct loaded_files){ 0 };
}

/* In .symtab, which strip(1) removes, a function of libc can have two versions:
 * libc's exported symbols are better. */
static bool may_need_debug(const struct loaded_file *file)
{
	return !file->debug && !loaded_file_function(file, "pthread_create") &&
	       !elf_file_section(file->elf, ".symtab", NULL, NULL);
}

struct hs_error *loaded_files_find_debug(struct loaded_files *files,
					 const struct identity *id,
					 const char *const *dirs, size_t n,
					 bool *found)
{
	const struct target_files own = { .id = id };
	const struct file_source source = target_files_source(&own);
	const struct debug_paths debug_paths = {
		.debug_dirs = dirs,
		.n_debug_dirs = n,
		.open = source.open_path,
		.path_of = source.path_of,
		.arg = source.arg,
	};
	struct hs_error *err = NULL;
	size_t i;

	*found = false;
	for (i = 0; i < files->n && !err; i++) {
		struct loaded_file *file = &files->items[i];

		err = loaded_files_check(files);
		if (err || !may_need_debug(file))
			continue;
		err = debugfile_find(file->elf, file->elf->name, &debug_paths,
				     &file->debug);
		if (err || !file->debug)
			continue;
		file->debug->deadline = files->deadline;
		file->symbols = file->debug;
		*found = true;
	}
	return err;
}

bool loaded_file_has_symtab(const struct loaded_file *file)
{
	return elf_file_section(file->elf, ".symtab", NULL, NULL);
}

uint64_t loaded_file_function(const struct loaded_file *file, const char *name)
{
	struct elf_symbol sym;

	if (!elf_file_find_symbol(file->symbols, name, &sym) || !sym.function)
		return 0;
	return sym.address + file->bias;
}

/* --- jemallocs ------------------------------------------------------------- */

enum { MALLCTL, NAMETOMIB, BYMIB, N_SUFFIXES };

static const char *const suffixes[N_SUFFIXES] = {
	[MALLCTL] = "mallctl",
	[NAMETOMIB] = "mallctlnametomib",
	[BYMIB] = "mallctlbymib",
};

/* Functions whose names end in one of the three suffixes, with the same
 * prefix. */
struct found {
	const char *name; /* of one of them, owned by the elf_file */
	size_t prefix_len;
	uint64_t address[N_SUFFIXES]; /* 0: not there */
	size_t n;		      /* how many are there */
	bool local;
};

struct found_list {
	struct found *items;
	size_t n, cap;
	bool inner; /* there are functions of jemalloc's inside */
	bool nomem;
};

static struct found *found_list_get(struct found_list *list, const char *name,
				    size_t prefix_len)
{
	size_t i;

	for (i = 0; i < list->n; i++) {
		struct found *f = &list->items[i];

		if (f->prefix_len == prefix_len &&
		    !memcmp(f->name, name, prefix_len))
			return f;
	}
	list->nomem = !ARRAY_GROW(list->items, list->cap, list->n + 1);
	if (list->nomem)
		return NULL;
	list->items[list->n] = (struct found){ .name = name,
					       .prefix_len = prefix_len,
					       .local = true };
	return &list->items[list->n++];
}

static bool found_list_add(const struct elf_symbol *sym, void *arg)
{
	struct found_list *list = arg;
	struct found *f;
	size_t len, n, i;

	if (!sym->function)
		return true;
	len = strlen(sym->name);
	list->inner = list->inner ||
		      code_name_private_prefix(sym->name,
					       code_name_length(sym->name));
	for (i = 0; i < N_SUFFIXES; i++) {
		n = strlen(suffixes[i]);
		if (len < n || memcmp(sym->name + len - n, suffixes[i], n))
			continue;
		f = found_list_get(list, sym->name, len - n);
		if (!f)
			return false;
		f->n += !f->address[i];
		f->local = f->local && sym->local;
		if (!f->address[i])
			f->address[i] = sym->address;
	}
	return true;
}

static bool found_are_one(const struct found *a, const struct found *b)
{
	size_t i;

	for (i = 0; i < N_SUFFIXES; i++)
		if (a->address[i] && a->address[i] == b->address[i])
			return true;
	return false;
}

/* Orders two names of one function: first the one with more siblings, then the
 * exported one, then the shorter one. */
static bool found_is_better(const struct found *a, const struct found *b)
{
	if (a->n != b->n)
		return a->n > b->n;
	if (a->local != b->local)
		return b->local;
	return a->prefix_len < b->prefix_len;
}

static bool found_is_best(const struct found_list *list, const struct found *of)
{
	const struct found *f;

	for (f = list->items; f < list->items + list->n; f++)
		if (found_are_one(f, of) && found_is_better(f, of))
			return false;
	return true;
}

/* Whether @file has an allocator's functions with the same prefix. */
static bool found_allocates(const struct loaded_file *file,
			    const struct found *f)
{
	static const char *const names[] = { "malloc", "mallocx", "free",
					     "sdallocx" };
	char full[256];
	size_t i;

	for (i = 0; i < ARRAY_SIZE(names); i++) {
		snprintf(full, sizeof(full), "%.*s%s", (int)f->prefix_len,
			 f->name, names[i]);
		if (loaded_file_function(file, full))
			return true;
	}
	return false;
}

/*
 * A linker that drops unused functions (--gc-sections) may leave one or two of
 * the three. One alone may be some program's own "my_mallctl": it counts only
 * with an allocator under the same prefix, and jemalloc's inner functions,
 * unless strip(1) removed their names. NULL: it counts; else what is missing.
 */
static const char *found_lacks(const struct found_list *list,
			       const struct loaded_file *file,
			       const struct found *f)
{
	size_t i;

	if (f->n > 1)
		return NULL;
	for (i = 0; i < list->n; i++)
		if (list->items[i].n > 1)
			return "another jemalloc there has all of them";
	if (!list->inner &&
	    elf_file_section(file->symbols, ".symtab", NULL, NULL))
		return "nor jemalloc's inner functions";
	if (!found_allocates(file, f))
		return "nor an allocator's functions with the same prefix";
	return NULL;
}

static uint64_t runtime(const struct loaded_file *file, uint64_t address)
{
	return address ? address + file->bias : 0;
}

struct hs_error *jemallocs_add(struct jemallocs *list,
			       const struct jemalloc *je)
{
	if (!ARRAY_GROW(list->items, list->cap, list->n_all + 1))
		return hs_error_nomem();
	list->items[list->n_all++] = *je;
	if (!je->mallctl)
		return NULL;
	/* Those that can be called come first. */
	list->items[list->n_all - 1] = list->items[list->n];
	list->items[list->n++] = *je;
	return NULL;
}

static struct hs_error *jemallocs_take(struct jemallocs *list,
				       const struct loaded_file *file,
				       const struct found *f)
{
	struct jemalloc je = {
		.file = file,
		.prefix = strndup(f->name, f->prefix_len),
		.mallctl = runtime(file, f->address[MALLCTL]),
		.mallctlnametomib = runtime(file, f->address[NAMETOMIB]),
		.mallctlbymib = runtime(file, f->address[BYMIB]),
		.shared = !file->main_program,
	};
	struct hs_error *err;

	if (!je.prefix)
		return hs_error_nomem();
	err = jemallocs_add(list, &je);
	if (err)
		free(je.prefix);
	return err;
}

/* Keeps the first of them that could be asked. */
static void jemallocs_doubt(struct jemallocs *list,
			    const struct loaded_file *file,
			    const struct found *f, const char *lacks)
{
	const int len = (int)f->prefix_len;
	struct hs_error *err;

	if (list->doubtful || !f->address[MALLCTL])
		return;
	err = hs_error_new(HS_ERROR_UNPROFILED,
			   "it has no jemalloc: '%s' has a function "
			   "'%.*smallctl', but not '%.*smallctlnametomib' or "
			   "'%.*smallctlbymib', %s",
			   file->first->path, len, f->name, len, f->name, len,
			   f->name, lacks);
	list->doubtful = hs_error_hint(
		err,
		"if it is one all the same, give --mallctl-address 0x%llx; "
		"else link it with jemalloc, or start it with "
		"LD_PRELOAD=libjemalloc.so.2",
		(unsigned long long)runtime(file, f->address[MALLCTL]));
}

static struct hs_error *jemallocs_find_in(const struct loaded_file *file,
					  struct jemallocs *list)
{
	struct found_list found = { 0 };
	struct hs_error *err;
	size_t i;

	err = elf_file_each_symbol(file->symbols, found_list_add, &found);
	if (!err && found.nomem)
		err = hs_error_nomem();
	for (i = 0; i < found.n && !err; i++) {
		const struct found *f = &found.items[i];
		const char *lacks = found_lacks(&found, file, f);

		if (!found_is_best(&found, f))
			continue;
		if (lacks)
			jemallocs_doubt(list, file, f, lacks);
		else
			err = jemallocs_take(list, file, f);
	}
	free(found.items);
	return err;
}

struct hs_error *jemallocs_find(const struct loaded_files *files,
				struct jemallocs *ret)
{
	struct jemallocs list = { 0 };
	struct hs_error *err = NULL;
	size_t i;

	for (i = 0; i < files->n && !err; i++)
		err = jemallocs_find_in(&files->items[i], &list);
	if (!err)
		err = loaded_files_check(files);
	if (err) {
		jemallocs_release(&list);
		return err;
	}
	*ret = list;
	return NULL;
}

struct hs_error *jemallocs_find_in_file(struct elf_file *elf, const char *path,
					struct jemallocs *ret)
{
	const struct mapping mapping = { .path = path };
	struct loaded_file file = { .first = &mapping,
				    .elf = elf,
				    .symbols = elf };
	const struct loaded_files files = { .items = &file, .n = 1 };
	struct hs_error *err = jemallocs_find(&files, ret);
	size_t i;

	for (i = 0; !err && i < ret->n_all; i++)
		ret->items[i].file = NULL;
	return err;
}

uint64_t jemalloc_function(const struct jemalloc *je, const char *name)
{
	char full[256];

	snprintf(full, sizeof(full), "%s%s", je->prefix, name);
	return je->file ? loaded_file_function(je->file, full) : 0;
}

void jemallocs_release(struct jemallocs *list)
{
	size_t i;

	for (i = 0; i < list->n_all; i++)
		free(list->items[i].prefix);
	free(list->items);
	hs_error_free(list->doubtful);
	*list = (struct jemallocs){ 0 };
}

/* jemalloc's configure: JEMALLOC_CPREFIX is the prefix of the public names
 * through "tr a-z A-Z"; malloc_conf_init() reads CPREFIX "MALLOC_CONF". */
struct hs_error *jemalloc_conf_variable(const struct jemalloc *je, char **ret)
{
	struct strbuf sb = { 0 };
	const char *p;

	for (p = je->prefix; *p; p++)
		strbuf_addc(&sb, *p >= 'a' && *p <= 'z' ? *p - 'a' + 'A' : *p);
	strbuf_adds(&sb, "MALLOC_CONF");
	return strbuf_finish(&sb, ret);
}
