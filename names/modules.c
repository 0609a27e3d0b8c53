#include "names/modules.h"

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/array.h"
#include "base/str.h"
#include "proc/maps.h"
#include "symbol/debuginfod.h"

/* A file that was opened, or could not be; each is tried once. */
struct known_file {
	char *path;	/* owned */
	char *build_id; /* owned: as requested; may be NULL */
	bool now;	/* requested as a file that is mapped now, here: */
	struct mapping mapping;
	struct symbol_module *module; /* the symbolizer's; NULL: unusable */
};

struct modules {
	struct names_options options;
	struct file_source source;
	struct debuginfod *servers; /* owned; NULL: use no servers */
	struct symbolizer *symbolizer;
	struct known_file *files;
	size_t n_files, files_cap;
	bool hinted; /* what to do about missing files was said */
};

static struct hs_error *start(struct modules *m)
{
	const struct names_options *o = &m->options;
	struct hs_error *err;

	if (o->debuginfod) {
		err = debuginfod_create(o->monitor.stop, &m->servers);
		if (err)
			return err;
	}
	return symbolizer_create(
		&(struct symbolizer_options){
			.debug_paths = {
				.debug_dirs = o->debug_dirs,
				.n_debug_dirs = o->n_debug_dirs,
				.open = m->source.open_path,
				.path_of = m->source.path_of,
				.arg = m->source.arg,
				.servers = m->servers,
			},
			.no_inlines = o->no_inlines,
			.gives_way = o->gives_way,
			.cache = o->cache,
		},
		&m->symbolizer);
}

/* It is only slower without. */
static void note_cache(const struct modules *m)
{
	struct hs_error *why = symbolizer_check_cache(m->symbolizer);

	if (why && m->options.verbose)
		monitor_note(&m->options.monitor,
			     "names are not kept for the next run: %s",
			     hs_error_message(why));
	hs_error_free(why);
}

struct hs_error *modules_create(const struct names_options *options,
				const struct file_source *source,
				struct modules **ret)
{
	struct modules *m = calloc(1, sizeof(*m));
	struct hs_error *err;

	if (!m)
		return hs_error_nomem();
	m->options = *options;
	m->source = *source;
	err = start(m);
	if (err) {
		modules_destroy(m);
		return err;
	}
	note_cache(m);
	*ret = m;
	return NULL;
}

void modules_destroy(struct modules *m)
{
	size_t i;

	if (!m)
		return;
	for (i = 0; i < m->n_files; i++) {
		free(m->files[i].path);
		free(m->files[i].build_id);
	}
	free(m->files);
	symbolizer_destroy(m->symbolizer);
	debuginfod_destroy(m->servers);
	free(m);
}

/* Device and inode are comparable on one machine at one time only; snapshots of
 * several share just path and build-id. */
static bool is_same(const struct known_file *known,
		    const struct module_file *file)
{
	if (strcmp(known->path, file->path) ||
	    !str_equal(known->build_id, file->build_id))
		return false;
	return !known->now || !file->now || !file->mapping ||
	       mapping_same_file(&known->mapping, file->mapping);
}

static struct known_file *find_known(const struct modules *m,
				     const struct module_file *file)
{
	size_t i;

	for (i = 0; i < m->n_files; i++)
		if (is_same(&m->files[i], file))
			return &m->files[i];
	return NULL;
}

static struct hs_error *add_known(struct modules *m,
				  const struct module_file *file,
				  struct known_file **ret)
{
	struct known_file *known;

	if (!ARRAY_GROW(m->files, m->files_cap, m->n_files + 1))
		return hs_error_nomem();
	known = &m->files[m->n_files++];
	*known = (struct known_file){ .path = strdup(file->path) };
	if (file->build_id)
		known->build_id = strdup(file->build_id);
	if (!known->path || (file->build_id && !known->build_id))
		return hs_error_nomem();
	if (file->mapping) {
		known->now = file->now;
		known->mapping = *file->mapping;
		known->mapping.path = known->path;
	}
	*ret = known;
	return NULL;
}

/* Without a build-id only the inode shows whether the file at the path is the
 * one that was mapped. */
static void warn_if_other(const struct modules *m,
			  const struct module_file *file, int fd)
{
	struct stat st;

	if (file->now || file->build_id || !file->mapping ||
	    !file->mapping->inode || fstat(fd, &st) < 0 ||
	    st.st_ino == file->mapping->inode)
		return;
	monitor_warn(&m->options.monitor,
		     hs_error_new(HS_ERROR_NOT_FOUND,
				  "'%s' is not the very file that was in use: "
				  "its names are wrong if it is another build",
				  file->path));
}

static struct hs_error *open_found(struct modules *m,
				   const struct module_file *file,
				   struct symbol_module **ret)
{
	struct hs_error *err, *warning = NULL;
	int fd = -1;

	err = m->source.open_module(m->source.arg, file, &fd, &warning);
	monitor_warn(&m->options.monitor, warning);
	if (err)
		return err;
	warn_if_other(m, file, fd);
	return symbolizer_add(m->symbolizer, fd, file->path, file->build_id,
			      ret);
}

static struct hs_error *open_module(struct modules *m,
				    const struct module_file *file,
				    struct symbol_module **ret)
{
	struct hs_error *more, *err = open_found(m, file, ret);

	if (!err || hs_error_code(err) == HS_ERROR_NOMEM)
		return err;
	*ret = NULL;
	more = symbolizer_add_fetched(m->symbolizer, file->path, file->build_id,
				      ret);
	if (!more && !*ret)
		return err;
	hs_error_free(err);
	return more;
}

/* The first file of a dump that cannot be used says what helps with all. */
static struct hs_error *hint_once(struct modules *m,
				  const struct module_file *file,
				  struct hs_error *err)
{
	if (!err || file->now || m->hinted || !m->options.elsewhere)
		return err;
	m->hinted = true;
	return hs_error_hint(err, "%s", m->options.elsewhere);
}

struct hs_error *modules_find(struct modules *m, const struct module_file *file,
			      bool quiet, struct symbol_module **ret)
{
	struct known_file *known = find_known(m, file);
	struct hs_error *err;

	*ret = NULL;
	if (!known) {
		err = add_known(m, file, &known);
		if (err)
			return err;
		err = open_module(m, file, &known->module);
		if (err && hs_error_code(err) == HS_ERROR_NOMEM)
			return err;
		if (quiet)
			hs_error_free(err);
		else
			monitor_warn(&m->options.monitor,
				     hint_once(m, file, err));
	}
	*ret = known->module;
	return NULL;
}

struct symbolizer *modules_symbolizer(const struct modules *m)
{
	return m->symbolizer;
}

void modules_warn_of_servers(struct modules *m)
{
	if (m->servers)
		monitor_warn(&m->options.monitor,
			     debuginfod_problem(m->servers));
}
