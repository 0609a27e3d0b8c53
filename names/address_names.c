#include "names/address_names.h"

#include <stdlib.h>
#include <string.h>

#include "names/modules.h"

struct address_names {
	const struct maps *maps; /* borrowed */
	struct modules *modules; /* owned */
};

struct hs_error *address_names_create(const struct names_options *options,
				      const struct file_source *source,
				      const struct maps *maps,
				      struct address_names **ret)
{
	struct names_options outermost = *options;
	struct address_names *n = calloc(1, sizeof(*n));
	struct hs_error *err;

	if (!n)
		return hs_error_nomem();
	n->maps = maps;
	outermost.no_inlines = true;
	err = modules_create(&outermost, source, &n->modules);
	if (err) {
		address_names_destroy(n);
		return err;
	}
	*ret = n;
	return NULL;
}

void address_names_destroy(struct address_names *n)
{
	if (!n)
		return;
	modules_destroy(n->modules);
	free(n);
}

/* *ret is NULL when there is no file, or it is of no use. */
static struct hs_error *find_module(struct address_names *n,
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

struct hs_error *address_names_find(struct address_names *n, uint64_t address,
				    struct address_name *ret)
{
	const struct mapping *m = maps_find(n->maps, address);
	struct symbol_frames frames = { 0 };
	struct symbol_module *module;
	struct hs_error *err;

	*ret = (struct address_name){ .module = "", .offset = address };
	if (!m)
		return NULL;
	ret->module = m->path;
	ret->offset = address - m->start + m->offset;
	err = find_module(n, m, &module);
	if (err || !module)
		return err;
	err = symbolizer_lookup(modules_symbolizer(n->modules), module,
				ret->offset, &frames);
	if (err || !frames.n)
		return err;
	ret->function = frames.items[0].function;
	ret->file = frames.items[0].file;
	ret->line = frames.items[0].line;
	return NULL;
}
