#include "names/resolver.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/array.h"
#include "base/cleanup.h"
#include "base/deadline.h"
#include "base/strbuf.h"
#include "base/units.h"
#include "names/jit_names.h"
#include "names/modules.h"
#include "symbol/elf.h"
#include "symbol/prefetch.h"
#include "symbol/symbolizer.h"

struct resolver {
	struct names_options options;
	struct file_source source;
	struct modules *modules; /* owned */
};

struct hs_error *resolver_create(const struct names_options *options,
				 const struct file_source *source,
				 struct resolver **ret)
{
	struct resolver *r = calloc(1, sizeof(*r));
	struct hs_error *err;

	if (!r)
		return hs_error_nomem();
	r->options = *options;
	r->source = *source;
	err = modules_create(options, source, &r->modules);
	if (err) {
		resolver_destroy(r);
		return err;
	}
	*ret = r;
	return NULL;
}

void resolver_destroy(struct resolver *r)
{
	if (!r)
		return;
	modules_destroy(r->modules);
	free(r);
}

/* The profile was taken just now; the same source may also name older
 * profiles. */
static bool is_live(const struct resolver *r, const struct heap_profile *p)
{
	return r->source.live && !p->meta.file;
}

/* Of the file itself, with its code if there is such a mapping. */
static const struct mapping *mapping_of(const struct heap_profile *p,
					const char *path)
{
	const struct mapping *m, *without_code = NULL;
	size_t i;

	for (i = 0; i < p->maps.n; i++) {
		m = &p->maps.items[i];
		if (m->moved || strcmp(m->path, path))
			continue;
		if (m->exec)
			return m;
		if (!without_code)
			without_code = m;
	}
	return without_code;
}

/* A profile with names was completed where it was taken, as far as possible
 * then: a file that is missing here deserves no warning. */
static bool is_complete(const struct resolver *r, const struct heap_profile *p)
{
	return p->n_names > 0 && !r->options.verbose;
}

/* *ret becomes NULL when the file cannot be used. */
static struct hs_error *find_module(struct resolver *r,
				    const struct heap_profile *p,
				    uint32_t index, struct symbol_module **ret)
{
	const struct heap_module *m = &p->modules[index];
	const struct module_file file = {
		.path = m->path,
		.build_id = m->build_id,
		.maps = &p->maps,
		.mapping = mapping_of(p, m->path),
		.now = is_live(r, p),
	};

	return modules_find(r->modules, &file, is_complete(r, p), ret);
}

/* Sets the build-id and segments that the ELF file gives. */
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

	err = symbolizer_lookup(modules_symbolizer(r->modules), module,
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

/* A snapshot's names come from the machine it was taken on: a module that has
 * some is complete. */
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
	       (is_live(r, p) && !strcmp(m->path, "[vdso]"));
}

static bool is_used(const struct heap_profile *p, uint32_t module)
{
	size_t i;

	for (i = 0; i < p->n_locations; i++)
		if (p->locations[i].module == module)
			return true;
	return false;
}

/* The addresses to look up in one module; modules are read in parallel. */
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

/* Increments *n if the module's file can be used. */
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
	if (p->modules[index].own_addresses &&
	    !heap_profile_place_module(p, index)) {
		monitor_warn(&r->options.monitor,
			     hs_error_new(HS_ERROR_NOT_FOUND,
					  "'%s' has no code where it was in "
					  "use: it is another build, and gives "
					  "no names",
					  p->modules[index].path));
		return heap_profile_set_module(
			p, index, p->modules[index].build_id, NULL, 0);
	}
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
	const struct monitor *monitor;
	int64_t since; /* clock_us() */
	size_t total;  /* addresses */
};

enum {
	/* Shorter work shows no progress. */
	PROGRESS_AFTER_US = 500000,
};

/* The user wants to stop: names that are missing do no harm. */
static bool is_to_stop(const struct monitor *monitor)
{
	return monitor->stop && *monitor->stop;
}

static bool show_progress(void *arg, size_t done)
{
	const struct name_progress *p = arg;
	_cleanup_strbuf_ struct strbuf sb = { 0 };

	if (is_to_stop(p->monitor))
		return false;
	if (clock_us() - p->since < PROGRESS_AFTER_US)
		return true;
	units_add_count(&sb, (int64_t)done, false);
	strbuf_adds(&sb, " of ");
	units_add_count(&sb, (int64_t)p->total, false);
	monitor_progress(p->monitor, "names: %s addresses", strbuf_str(&sb));
	return true;
}

/* Two modules of one file, as in a snapshot from before and after an exec,
 * share one symbol_module, which only one thread may use. */
static void prefetch(struct resolver *r, const struct module_work *work,
		     size_t n)
{
	_cleanup_free_ struct symbol_query *queries =
		calloc(n, sizeof(*queries));
	struct name_progress p = {
		.monitor = &r->options.monitor,
		.since = clock_us(),
	};
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
		symbolizer_prefetch(modules_symbolizer(r->modules), queries,
				    n_queries, show_progress, &p);
	monitor_progress_end(&r->options.monitor);
}

/* The code of @loc stands where that of its file would be, but is another one:
 * it was made at run time, or changed. */
static bool is_other_code(const struct resolver *r,
			  const struct heap_profile *p,
			  const struct heap_location *loc,
			  const struct symbol_module *symbols)
{
	enum { AROUND = 16 }; /* bytes; the last ones of a call are in them */
	const struct mapping *m = maps_find(&p->maps, loc->address);
	unsigned char here[AROUND], file[AROUND];

	if (!m || !m->moved || loc->offset < AROUND || !is_live(r, p) ||
	    !r->source.read_memory)
		return false;
	return r->source.read_memory(r->source.arg, loc->address - AROUND + 1,
				     here, AROUND) &&
	       pread(symbol_module_elf(symbols)->fd, file, AROUND,
		     (off_t)(loc->offset - AROUND + 1)) == AROUND &&
	       memcmp(here, file, AROUND) != 0;
}

/* Better no name than one from bytes of two files. */
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
	monitor_warn(&r->options.monitor, changed);
	return err;
}

static struct hs_error *name_module(struct resolver *r, struct heap_profile *p,
				    const struct module_work *work)
{
	struct hs_error *err = NULL;
	size_t i;

	for (i = 0; !err && i < p->n_locations; i++) {
		struct heap_location *loc = &p->locations[i];

		if (loc->module != work->index ||
		    is_to_stop(&r->options.monitor))
			continue;
		if (is_other_code(r, p, loc, work->symbols))
			heap_location_leave_module(loc);
		else
			err = name_location(r, p, i, work->symbols);
	}
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
		if (!named[i] && !is_to_stop(&r->options.monitor) &&
		    has_file(r, p, &p->modules[i]) && is_used(p, (uint32_t)i))
			err = prepare_module(r, p, (uint32_t)i, work, &n);
	if (!err)
		prefetch(r, work, n);
	for (i = 0; !err && i < n; i++)
		err = name_module(r, p, &work[i]);
	if (!err)
		monitor_warn(&r->options.monitor,
			     symbolizer_check_unpacked(
				     modules_symbolizer(r->modules)));
	free_work(work, p->n_modules + 1);
	if (!err && r->source.open_perf_map && is_live(r, p))
		err = jit_names_add(&r->source, &r->options.monitor, p);
	modules_warn_of_servers(r->modules);
	return err;
}
