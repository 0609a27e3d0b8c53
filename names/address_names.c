#include "names/address_names.h"

#include <stdlib.h>

#include "base/cleanup.h"
#include "cli/errors.h"
#include "target/target_files.h"
#include "names/debug_search.h"
#include "target/mapped_elf.h"
#include "symbol/symbolizer.h"

struct check_names {
	const struct cli_options *options;
	const struct identity *id;
	const struct maps *maps;
	struct cli_places places;
	struct symbolizer *symbolizer;
	/* Of each mapping; that of the file's first one counts. */
	struct symbol_module **modules;
	bool *tried;
};

struct hs_error *check_names_create(const struct cli_options *o,
				    const struct identity *id,
				    const struct maps *maps,
				    struct check_names **ret)
{
	struct check_names *n = calloc(1, sizeof(*n));
	struct hs_error *err;

	if (!n)
		return hs_error_nomem();
	n->options = o;
	n->id = id;
	n->maps = maps;
	n->modules = calloc(maps->n + 1, sizeof(struct symbol_module *));
	n->tried = calloc(maps->n + 1, sizeof(*n->tried));
	err = n->modules && n->tried ? NULL : hs_error_nomem();
	if (!err)
		err = cli_places_init(&n->places, o, live_open_path,
				      (void *)(uintptr_t)id);
	if (!err)
		err = symbolizer_create(
			&(struct symbolizer_options){
				.places = n->places.symbol,
				.no_inlines = true,
			},
			&n->symbolizer);
	if (err) {
		check_names_destroy(n);
		return err;
	}
	*ret = n;
	return NULL;
}

void check_names_destroy(struct check_names *n)
{
	if (!n)
		return;
	symbolizer_destroy(n->symbolizer);
	cli_places_release(&n->places);
	free(n->modules);
	free(n->tried);
	free(n);
}

/* *ret is NULL when the file is of no use, which is warned of once. */
static struct hs_error *find_module(struct check_names *n,
				    const struct mapping *m,
				    struct symbol_module **ret)
{
	struct hs_error *err, *partly = NULL;
	size_t i = 0;
	int fd;

	*ret = NULL;
	if (!mapped_is_elf(m))
		return NULL;
	while (!mapping_same_file(&n->maps->items[i], m))
		i++;
	if (!n->tried[i]) {
		n->tried[i] = true;
		err = mapped_open(n->id->pid, n->maps, m, &fd, &partly);
		errors_warn(n->options, partly);
		if (!err)
			err = symbolizer_add(n->symbolizer, fd, m->path, NULL,
					     &n->modules[i]);
		if (err && hs_error_code(err) == HS_ERROR_NOMEM)
			return err;
		errors_warn(n->options, err);
	}
	*ret = n->modules[i];
	return NULL;
}

struct hs_error *check_names_find(struct check_names *n, uint64_t address,
				  bool caller, struct check_name *ret)
{
	uint64_t at = address - caller;
	const struct mapping *m = maps_find(n->maps, at);
	struct symbol_frames frames = { 0 };
	struct symbol_module *module;
	struct hs_error *err;

	*ret = (struct check_name){ .module = "", .offset = at };
	if (!m)
		return NULL;
	ret->module = m->path;
	ret->offset = at - m->start + m->offset;
	err = find_module(n, m, &module);
	if (!err && module)
		err = symbolizer_lookup(n->symbolizer, module, ret->offset,
					&frames);
	if (err || !frames.n)
		return err;
	ret->function = frames.items[frames.n - 1].function;
	ret->file = frames.items[frames.n - 1].file;
	ret->line = frames.items[frames.n - 1].line;
	return NULL;
}
