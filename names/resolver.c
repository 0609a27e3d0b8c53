#include "names/resolver.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/array.h"
#include "base/cleanup.h"
#include "base/deadline.h"
#include "base/strbuf.h"
#include "cli/errors.h"
#include "names/debug_search.h"
#include "cli/progress.h"
#include "names/jit_names.h"
#include "output/units.h"
#include "proc/file.h"
#include "symbol/elf.h"
#include "symbol/symbolizer.h"
#include "symbol/prefetch.h"

/* A file that was opened, or could not be: asked for once. */
struct known_file {
	char *path;	/* owned */
	char *build_id; /* owned: as the profile said; may be NULL */
	struct symbol_module *module; /* the symbolizer's; NULL: no use */
};

struct resolver {
	const struct cli_options *options;
	struct resolve_source source;
	struct cli_places places;
	struct symbolizer *symbolizer;
	struct known_file *files;
	size_t n_files, files_cap;
};

static const struct mapping *mapping_of(const struct heap_profile *p,
					uint32_t module)
{
	size_t i;

	for (i = 0; i < p->maps.n; i++)
		if (p->maps.items[i].exec &&
		    strcmp(p->maps.items[i].path, p->modules[module].path) == 0)
			return &p->maps.items[i];
	return NULL;
}

static struct hs_error *open_on_disk(void *arg, const struct heap_profile *p,
				     uint32_t module, int *ret,
				     struct hs_error **partly)
{
	const struct cli_options *o = arg;
	const struct heap_module *m = &p->modules[module];
	const struct mapping *mapping = mapping_of(p, module);

	(void)partly;
	if (!m->build_id && mapping && mapping->deleted)
		return hs_error_new(HS_ERROR_NOT_FOUND,
				    "'%s' was deleted or replaced while it was "
				    "in use, and its build-id is not known",
				    m->path);
	if (o->sysroot)
		*ret = file_open_below(o->sysroot, m->path);
	else
		*ret = open(m->path,
			    O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
	if (*ret >= 0)
		return NULL;
	return hs_error_sys(HS_ERROR_NOT_FOUND, errno, "cannot open '%s%s'",
			    o->sysroot ? o->sysroot : "", m->path);
}

struct resolve_source resolve_from_disk(const struct cli_options *o)
{
	return (struct resolve_source){
		.open_module = open_on_disk,
		.arg = (void *)(uintptr_t)o,
	};
}

bool resolve_is_live(const struct resolve_source *source,
		     const struct heap_profile *p)
{
	return source->live && !p->origin.file;
}

struct hs_error *resolver_create(const struct cli_options *o,
				 const struct resolve_source *source,
				 struct resolver **ret)
{
	struct resolver *r = calloc(1, sizeof(*r));
	struct hs_error *err;

	if (!r)
		return hs_error_nomem();
	progress_init(o);
	r->options = o;
	r->source = *source;
	err = cli_places_init(&r->places, o, source->open_path, source->arg);
	if (!err)
		err = symbolizer_create(
			&(struct symbolizer_options){
				.places = r->places.symbol,
				.no_inlines = o->no_inlines,
			},
			&r->symbolizer);
	if (err) {
		resolver_destroy(r);
		return err;
	}
	*ret = r;
	return NULL;
}

void resolver_destroy(struct resolver *r)
{
	size_t i;

	if (!r)
		return;
	for (i = 0; i < r->n_files; i++) {
		free(r->files[i].path);
		free(r->files[i].build_id);
	}
	free(r->files);
	symbolizer_destroy(r->symbolizer);
	cli_places_release(&r->places);
	free(r);
}

static bool same_text(const char *a, const char *b)
{
	return a == b || (a && b && strcmp(a, b) == 0);
}

/* Without a build-id only the inode tells whether the file at the path is the
 * one that was mapped. */
static void warn_if_other(struct resolver *r, const struct heap_profile *p,
			  uint32_t module, int fd)
{
	const struct mapping *m = mapping_of(p, module);
	struct stat st;

	if (resolve_is_live(&r->source, p) || p->modules[module].build_id ||
	    !m || !m->inode || fstat(fd, &st) < 0 || st.st_ino == m->inode)
		return;
	errors_warn(r->options,
		    hs_error_new(HS_ERROR_NOT_FOUND,
				 "'%s' is not the very file that was in use: "
				 "its names are wrong if it is another build",
				 p->modules[module].path));
}

static struct hs_error *open_found(struct resolver *r,
				   const struct heap_profile *p,
				   uint32_t module, struct symbol_module **ret)
{
	const struct heap_module *m = &p->modules[module];
	struct hs_error *err, *partly = NULL;
	int fd = -1;

	err = r->source.open_module(r->source.arg, p, module, &fd, &partly);
	errors_warn(r->options, partly);
	if (err)
		return err;
	warn_if_other(r, p, module, fd);
	return symbolizer_add(r->symbolizer, fd, m->path, m->build_id, ret);
}

static struct hs_error *open_module(struct resolver *r,
				    const struct heap_profile *p,
				    uint32_t module, struct symbol_module **ret)
{
	const struct heap_module *m = &p->modules[module];
	struct hs_error *more, *err = open_found(r, p, module, ret);

	if (!err || hs_error_code(err) == HS_ERROR_NOMEM)
		return err;
	*ret = NULL;
	more = symbolizer_add_fetched(r->symbolizer, m->path, m->build_id, ret);
	if (!more && !*ret)
		return err;
	hs_error_free(err);
	return more;
}

/* It was completed where it was taken, with what there was to know: what is
 * missing here is nothing to warn of. */
static bool has_names(const struct heap_profile *p)
{
	return p->n_names > 0;
}

/* *ret becomes NULL when the file is of no use. */
static struct hs_error *find_module(struct resolver *r,
				    const struct heap_profile *p,
				    uint32_t module, struct symbol_module **ret)
{
	const struct heap_module *m = &p->modules[module];
	struct known_file *file;
	struct hs_error *err;
	size_t i;

	*ret = NULL;
	for (i = 0; i < r->n_files; i++) {
		file = &r->files[i];
		if (strcmp(file->path, m->path) == 0 &&
		    same_text(file->build_id, m->build_id)) {
			*ret = file->module;
			return NULL;
		}
	}
	if (!ARRAY_GROW(r->files, r->files_cap, r->n_files + 1))
		return hs_error_nomem();
	file = &r->files[r->n_files];
	*file = (struct known_file){ .path = strdup(m->path) };
	if (m->build_id)
		file->build_id = strdup(m->build_id);
	r->n_files++;
	if (!file->path || (m->build_id && !file->build_id))
		return hs_error_nomem();
	err = open_module(r, p, module, &file->module);
	if (err && hs_error_code(err) == HS_ERROR_NOMEM)
		return err;
	if (has_names(p) && !r->options->verbose)
		hs_error_free(err);
	else
		errors_warn(r->options, err);
	*ret = file->module;
	return NULL;
}

/* What the ELF file tells about the module. */
static struct hs_error *describe_module(struct heap_profile *p, uint32_t module,
					const struct symbol_module *symbols)
{
	const struct elf_file *elf = symbol_module_elf(symbols);
	_cleanup_free_ struct heap_segment *segments = NULL;
	size_t i, n = 0;

	segments = calloc(elf->n_segments + 1, sizeof(*segments));
	if (!segments)
		return hs_error_nomem();
	for (i = 0; i < elf->n_segments; i++) {
		if (!elf->segments[i].exec)
			continue;
		segments[n++] = (struct heap_segment){
			.offset = elf->segments[i].offset,
			.size = elf->segments[i].file_size,
			.address = elf->segments[i].address,
		};
	}
	return heap_profile_set_module(p, module, elf->build_id, segments, n);
}

static struct hs_error *name_location(struct resolver *r,
				      struct heap_profile *p, size_t index,
				      struct symbol_module *module)
{
	_cleanup_free_ struct heap_name *names = NULL;
	struct symbol_frames frames = { 0 };
	struct hs_error *err;
	size_t i;

	err = symbolizer_lookup(r->symbolizer, module,
				p->locations[index].offset, &frames);
	if (err || frames.n == 0)
		return err;
	names = calloc(frames.n, sizeof(*names));
	if (!names)
		return hs_error_nomem();
	for (i = 0; i < frames.n; i++)
		names[i] = (struct heap_name){
			.function = frames.items[i].function,
			.file = frames.items[i].file,
			.line = frames.items[i].line,
			.inlined = frames.items[i].inlined,
		};
	return heap_profile_set_names(p, index, names, frames.n);
}

/* A snapshot's own names are those of the machine it was taken on: a module
 * that has some is complete. */
static void mark_named(const struct heap_profile *p, bool *named)
{
	size_t i;

	for (i = 0; i < p->n_locations; i++)
		if (p->locations[i].n_names &&
		    p->locations[i].module != HEAP_NO_MODULE)
			named[p->locations[i].module] = true;
}

static bool has_file(const struct resolver *r, const struct heap_profile *p,
		     const struct heap_module *m)
{
	return m->path[0] == '/' ||
	       (resolve_is_live(&r->source, p) && !strcmp(m->path, "[vdso]"));
}

static bool is_used(const struct heap_profile *p, uint32_t module)
{
	size_t i;

	for (i = 0; i < p->n_locations; i++)
		if (p->locations[i].module == module)
			return true;
	return false;
}

/* What one module is asked: its files are read side by side. */
struct module_work {
	uint32_t index;
	struct symbol_module *symbols;
	uint64_t *offsets; /* owned */
	size_t n;
};

static void free_work(struct module_work *work, size_t n)
{
	size_t i;

	for (i = 0; i < n; i++)
		free(work[i].offsets);
	free(work);
}

/* *n: 0 or 1 more, as the module's file is of use. */
static struct hs_error *prepare_module(struct resolver *r,
				       struct heap_profile *p, uint32_t index,
				       struct module_work *work, size_t *n)
{
	struct module_work *w = &work[*n];
	struct hs_error *err;
	size_t i;

	err = find_module(r, p, index, &w->symbols);
	if (err || !w->symbols)
		return err;
	err = describe_module(p, index, w->symbols);
	if (err)
		return err;
	w->offsets = calloc(p->n_locations, sizeof(*w->offsets));
	if (!w->offsets)
		return hs_error_nomem();
	w->index = index;
	for (i = 0; i < p->n_locations; i++)
		if (p->locations[i].module == index)
			w->offsets[w->n++] = p->locations[i].offset;
	++*n;
	return NULL;
}

struct name_progress {
	int64_t since; /* clock_us() */
	size_t total;  /* addresses */
};

enum {
	/* What is over sooner is not talked about. */
	PROGRESS_AFTER_US = 500000,
};

static void show_progress(void *arg, size_t done)
{
	const struct name_progress *p = arg;
	_cleanup_strbuf_ struct strbuf sb = { 0 };

	if (clock_us() - p->since < PROGRESS_AFTER_US)
		return;
	units_add_count(&sb, (int64_t)done, false);
	strbuf_adds(&sb, " of ");
	units_add_count(&sb, (int64_t)p->total, false);
	progress_show("names: %s addresses", strbuf_str(&sb));
}

/* Two modules of one file, as a snapshot of before and after an exec has, are
 * one symbol_module, which only one thread may use. */
static void warm_up(struct resolver *r, const struct module_work *work,
		    size_t n)
{
	_cleanup_free_ struct symbol_query *queries =
		calloc(n, sizeof(*queries));
	struct name_progress p = { .since = clock_us() };
	size_t i, j, n_queries = 0;

	for (i = 0; queries && i < n; i++) {
		for (j = 0; j < i && work[j].symbols != work[i].symbols; j++)
			;
		if (j == i)
			queries[n_queries++] = (struct symbol_query){
				.module = work[i].symbols,
				.offsets = work[i].offsets,
				.n = work[i].n,
			};
		p.total += j == i ? work[i].n : 0;
	}
	if (queries)
		symbolizer_warm_up(r->symbolizer, queries, n_queries,
				   show_progress, &p);
	progress_end();
}

/* No name instead of one from bytes of two files. */
static struct hs_error *forget_if_changed(struct resolver *r,
					  struct heap_profile *p,
					  const struct module_work *work)
{
	struct hs_error *changed = symbolizer_check_unchanged(work->symbols);
	struct hs_error *err = NULL;
	size_t i;

	for (i = 0; changed && !err && i < p->n_locations; i++)
		if (p->locations[i].module == work->index)
			err = heap_profile_set_names(p, i, NULL, 0);
	errors_warn(r->options, changed);
	return err;
}

static struct hs_error *name_module(struct resolver *r, struct heap_profile *p,
				    const struct module_work *work)
{
	struct hs_error *err = NULL;
	size_t i;

	for (i = 0; !err && i < p->n_locations; i++)
		if (p->locations[i].module == work->index)
			err = name_location(r, p, i, work->symbols);
	if (!err)
		err = forget_if_changed(r, p, work);
	return hs_error_wrap(err, "cannot name the frames of '%s'",
			     p->modules[work->index].path);
}

struct hs_error *resolver_names(struct resolver *r, struct heap_profile *p)
{
	_cleanup_free_ bool *named = calloc(p->n_modules + 1, sizeof(*named));
	struct module_work *work = calloc(p->n_modules + 1, sizeof(*work));
	struct hs_error *err = NULL;
	size_t n = 0, i;

	if (!named || !work) {
		free(work);
		return hs_error_nomem();
	}
	mark_named(p, named);
	for (i = 0; !err && i < p->n_modules; i++)
		if (!named[i] && has_file(r, p, &p->modules[i]) &&
		    is_used(p, (uint32_t)i))
			err = prepare_module(r, p, (uint32_t)i, work, &n);
	if (!err)
		warm_up(r, work, n);
	for (i = 0; !err && i < n; i++)
		err = name_module(r, p, &work[i]);
	free_work(work, p->n_modules + 1);
	if (!err)
		err = resolve_made_code(r->options, &r->source, p);
	cli_places_warn(&r->places);
	return err;
}
