#include "target/jemalloc_files.h"

#include <ctype.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "base/hash.h"
#include "base/str.h"
#include "proc/file.h"
#include "proc/mapped_file.h"
#include "symbol/elf_symbols.h"
#include "target/jemalloc.h"

/* "5.3.0-0-g54eaed1d8b56b1aa528be3bdd1877e59c56fa90c": configure.ac makes it
 * from git-describe(1), as a string of its own. */
static bool is_version(const char *s, size_t len)
{
	static const char shape[] = "9.9.9-9-g";
	const char *end = s + len, *p;
	size_t hex = 0;

	for (p = shape; *p; p++) {
		if (*p != '9') {
			if (s == end || *s++ != *p)
				return false;
			continue;
		}
		if (s == end || !isdigit((unsigned char)*s))
			return false;
		while (s < end && isdigit((unsigned char)*s))
			s++;
	}
	for (; s < end && isxdigit((unsigned char)*s); s++)
		hex++;
	return s == end && hex >= 7;
}

const char *jemalloc_find_version(const char *data, size_t len, size_t *n)
{
	enum { BEFORE = 24 }; /* longest "123.45.67-8901" */
	const char *end = data + len, *p = data, *start, *stop;

	while (p < end && (p = memmem(p, (size_t)(end - p), "-g", 2))) {
		start = p;
		while (start > data && start[-1] && p - start < BEFORE)
			start--;
		stop = memchr(p, '\0', (size_t)(end - p));
		if (!stop)
			return NULL;
		if (is_version(start, (size_t)(stop - start))) {
			*n = (size_t)(stop - start);
			return start;
		}
		p += 2;
	}
	return NULL;
}

/* Most files have no such name: this is cheaper than reading all symbols. */
static bool mentions(const struct elf_file *elf, const char *section,
		     const char *name)
{
	const void *data;
	size_t size;

	return elf_file_section(elf, section, &data, &size) &&
	       memmem(data, size, name, strlen(name));
}

static bool note_conf(const struct elf_symbol *sym, void *arg)
{
	struct jemalloc_file *file = arg;

	if (sym->object && str_ends_with(sym->name, "malloc_conf"))
		file->malloc_conf = sym->address;
	return !file->malloc_conf;
}

/* Variables of jemalloc's inside: "opt_prof", "je_opt_prof",
 * "_rjem_je_opt_prof"; prof_active is prof_active_state since 5.3. */
static bool note_variable(const struct elf_symbol *sym, void *arg)
{
	struct jemalloc_found *found = arg;
	size_t len = strlen(found->prefix);
	const char *name = sym->name;

	if (sym->function || sym->code)
		return true;
	if (!strncmp(name, found->prefix, len))
		name += len;
	if (!strncmp(name, "je_", 3))
		name += 3;
	if (!strcmp(name, "opt_prof"))
		found->opt_prof = sym->address;
	else if (!strcmp(name, "prof_active_state") ||
		 !strcmp(name, "prof_active"))
		found->prof_active = sym->address;
	return true;
}

static struct hs_error *add_found(struct jemalloc_file *file,
				  const struct jemalloc *je)
{
	struct jemalloc_found found = { .prefix = strdup(je->prefix) };
	struct hs_error *err;

	if (!found.prefix || !ARRAY_GROW(file->found, file->cap, file->n + 1)) {
		free(found.prefix);
		return hs_error_nomem();
	}
	err = elf_file_each_symbol(file->elf, note_variable, &found);
	hs_error_free(err); /* without them less is known */
	file->found[file->n++] = found;
	return NULL;
}

static struct hs_error *find_jemallocs(struct jemalloc_file *file,
				       const struct mapping *m)
{
	struct jemallocs list = { 0 };
	struct hs_error *err;
	const void *data;
	const char *version;
	size_t i, size, n;

	err = jemallocs_find_in_file(file->elf, m->path, &list);
	for (i = 0; i < list.n && !err; i++)
		err = add_found(file, &list.items[i]);
	jemallocs_release(&list);
	if (err || !file->n ||
	    !elf_file_section(file->elf, ".rodata", &data, &size))
		return err;
	version = jemalloc_find_version(data, size, &n);
	if (!version)
		return NULL;
	file->version = strndup(version, n);
	return file->version ? NULL : hs_error_nomem();
}

static struct hs_error *examine_file(struct jemalloc_file *file, pid_t pid,
				     const struct mapping *m)
{
	struct hs_error *err;
	int fd;

	err = mapped_file_open(pid, m, &fd);
	if (!err)
		err = elf_file_open(fd, m->path, &file->elf);
	if (!err && (mentions(file->elf, ".dynstr", "malloc_conf") ||
		     mentions(file->elf, ".strtab", "malloc_conf")))
		err = elf_file_each_symbol(file->elf, note_conf, file);
	if (!err && (mentions(file->elf, ".dynstr", "mallctl") ||
		     mentions(file->elf, ".strtab", "mallctl")))
		err = find_jemallocs(file, m);
	if (!file->n && !file->malloc_conf) {
		elf_file_close(file->elf);
		file->elf = NULL;
	}
	if (err && hs_error_code(err) == HS_ERROR_NOMEM)
		return err;
	hs_error_free(err);
	return NULL;
}

static void file_destroy(struct jemalloc_file *file)
{
	size_t i;

	for (i = 0; i < file->n; i++)
		free(file->found[i].prefix);
	free(file->found);
	free(file->version);
	elf_file_close(file->elf);
	free(file);
}

static bool is_file(const struct jemalloc_file *file, const struct mapping *m)
{
	return file->inode == m->inode && file->dev_major == m->dev_major &&
	       file->dev_minor == m->dev_minor;
}

static struct hs_error *add_file(struct jemalloc_files *files, uint64_t hash,
				 struct jemalloc_file *file)
{
	if (!ARRAY_GROW(files->items, files->cap, files->n + 1)) {
		file_destroy(file);
		return hs_error_nomem();
	}
	files->items[files->n] = file;
	return hash_index_add(&files->index, hash, (uint32_t)files->n++);
}

static uint64_t file_hash(const struct hash_index *index,
			  const struct mapping *m)
{
	struct hash h = hash_mix(hash_index_begin(index), m->dev_major);

	return hash_mix(hash_mix(h, m->dev_minor), m->inode).value;
}

struct hs_error *jemalloc_files_get(struct jemalloc_files *files, pid_t pid,
				    const struct mapping *m,
				    const struct jemalloc_file **ret)
{
	const uint64_t hash = file_hash(&files->index, m);
	struct hash_index_walk walk = { 0 };
	struct jemalloc_file *file;
	struct hs_error *err;

	while (hash_index_next(&files->index, hash, &walk)) {
		*ret = files->items[walk.value];
		if (is_file(*ret, m))
			return NULL;
	}
	file = calloc(1, sizeof(*file));
	if (!file)
		return hs_error_nomem();
	file->inode = m->inode;
	file->dev_major = m->dev_major;
	file->dev_minor = m->dev_minor;
	err = examine_file(file, pid, m);
	if (err) {
		file_destroy(file);
		return err;
	}
	*ret = file;
	return add_file(files, hash, file);
}

void jemalloc_files_release(struct jemalloc_files *files)
{
	size_t i;

	for (i = 0; i < files->n; i++)
		file_destroy(files->items[i]);
	free(files->items);
	hash_index_release(&files->index);
	*files = (struct jemalloc_files){ 0 };
}
