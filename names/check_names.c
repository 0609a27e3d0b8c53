#include "names/check_names.h"

#include <stdlib.h>
#include <string.h>

#include "base/strbuf.h"
#include "names/modules.h"

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
	for (i = 0; i < r->n_threads && !err; i++)
		err = name_thread(&n, &r->threads[i]);
	modules_destroy(n.modules);
	return err;
}
