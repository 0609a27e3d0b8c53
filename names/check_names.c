#include "names/check_names.h"

#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "base/cleanup.h"
#include "base/str.h"
#include "base/strbuf.h"
#include "names/modules.h"
#include "symbol/elf.h"

struct namer {
	const struct maps *maps; /* borrowed */
	struct modules *modules; /* owned */
	enum demangle_style style;
};

/* *ret is NULL when there is no file, or it cannot be used. */
static struct hs_error *find_module(const struct namer *n,
				    const struct mapping *m,
				    struct symbol_module **ret)
{
	const struct module_file file = {
		.path = m->path,
		.maps = n->maps,
		.mapping = m,
		.now = true,
	};

	*ret = NULL;
	if (!mapping_has_file(m) && strcmp(m->path, "[vdso]"))
		return NULL;
	return modules_find(n->modules, &file, false, ret);
}

static struct hs_error *keep(const struct namer *n,
			     const struct symbol_frame *from,
			     struct check_frame *to)
{
	struct strbuf function = { 0 };

	to->line = from->line;
	if (from->file) {
		to->file = strdup(from->file);
		if (!to->file)
			return hs_error_nomem();
	}
	if (!from->function)
		return NULL;
	demangle(&function, from->function, n->style);
	return strbuf_finish(&function, &to->function);
}

static struct hs_error *name_frame(const struct namer *n,
				   struct check_frame *frame)
{
	const struct mapping *m = maps_find(n->maps, frame->address);
	struct symbol_frames frames;
	struct symbol_module *module;
	struct hs_error *err;

	frame->offset = frame->address;
	if (!m)
		return NULL;
	frame->offset += m->offset - m->start;
	frame->module = strdup(m->path);
	if (!frame->module)
		return hs_error_nomem();
	err = find_module(n, m, &module);
	if (err || !module)
		return err;
	err = symbolizer_lookup(modules_symbolizer(n->modules), module,
				frame->offset, &frames);
	if (err || !frames.n)
		return err;
	return keep(n, &frames.items[0], frame);
}

static struct hs_error *name_thread(const struct namer *n,
				    struct check_thread *t)
{
	struct hs_error *err = NULL;
	size_t i;

	if (t->inside)
		err = name_frame(n, t->inside);
	for (i = 0; i < t->n_frames && !err; i++)
		err = name_frame(n, &t->frames[i]);
	return err;
}

struct hs_error *check_names_add(const struct names_options *options,
				 const struct file_source *source,
				 const struct maps *maps,
				 enum demangle_style style,
				 struct check_report *r)
{
	struct names_options outermost = *options;
	struct namer n = { .maps = maps, .style = style };
	struct hs_error *err;
	size_t i;

	outermost.no_inlines = true;
	err = modules_create(&outermost, source, &n.modules);
	for (i = 0; i < r->n_looked && !err; i++)
		err = name_thread(&n, &r->threads[i]);
	modules_destroy(n.modules);
	return err;
}

static bool is_listed(const struct maps *maps, size_t i)
{
	size_t k;

	for (k = 0; k < i; k++)
		if (maps->items[k].exec &&
		    mapping_same_file(&maps->items[k], &maps->items[i]))
			return true;
	return false;
}

/* What glibc says when it is executed (csu/version.c): "GNU C Library (VENDOR)
 * stable release version 2.36." *ret is NULL for other files. */
static struct hs_error *find_glibc_version(const struct elf_file *elf,
					   char **ret)
{
	static const char library[] = "GNU C Library ";
	static const char version[] = "release version ";
	const char *at = NULL, *end;
	const void *data;
	size_t size, len;

	if (!elf_file_section(elf, ".rodata", &data, &size))
		return NULL;
	end = (const char *)data + size;
	at = memmem(data, size, library, strlen(library));
	at = at ? memmem(at, (size_t)(end - at), version, strlen(version))
		: NULL;
	if (!at)
		return NULL;
	at += strlen(version);
	for (len = 0;
	     at + len < end && strchr("0123456789.", at[len]) && at[len];)
		len++;
	if (len && at[len - 1] == '.')
		len--;
	*ret = strndup(at, len);
	return *ret ? NULL : hs_error_nomem();
}

/* Without a build-id when the file cannot be read as ELF. */
static struct hs_error *add_module(const struct file_source *source,
				   const struct maps *maps,
				   const struct mapping *m,
				   struct check_report *r)
{
	const struct module_file file = {
		.path = m->path, .maps = maps, .mapping = m, .now = true
	};
	struct hs_error *warning = NULL, *err;
	struct check_module *module;
	struct elf_file *elf = NULL;
	int fd;

	if (!ARRAY_GROW(r->modules, r->modules_cap, r->n_modules + 1))
		return hs_error_nomem();
	module = &r->modules[r->n_modules++];
	*module =
		(struct check_module){ .name = strdup(str_base_name(m->path)) };
	if (!module->name)
		return hs_error_nomem();
	err = source->open_module(source->arg, &file, &fd, &warning);
	hs_error_free(warning);
	if (!err)
		err = elf_file_open(fd, m->path, &elf);
	if (!err)
		module->build_id = take_ptr(elf->build_id);
	hs_error_free(err);
	err = elf && !strncmp(module->name, "libc.so", 7)
		      ? find_glibc_version(elf, &module->version)
		      : NULL;
	elf_file_close(elf);
	return err;
}

struct hs_error *check_modules_add(const struct file_source *source,
				   const struct maps *maps,
				   struct check_report *r)
{
	struct hs_error *err = NULL;
	size_t i;

	for (i = 0; i < maps->n && !err; i++) {
		const struct mapping *m = &maps->items[i];

		if (m->exec && mapping_has_file(m) && !is_listed(maps, i))
			err = add_module(source, maps, m, r);
	}
	return err;
}
