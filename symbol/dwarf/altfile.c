#include "symbol/dwarf/altfile.h"

#include <limits.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "base/strbuf.h"
#include "symbol/cursor.h"

struct alt_search {
	const struct debug_paths *debug_paths;
	const char *link;   /* the section's */
	struct strbuf id;   /* build-id, hex */
	struct strbuf path; /* being tried */
	struct elf_file *found;
};

static bool read_link(const struct elf_file *file, struct alt_search *search)
{
	struct slice section;
	const void *data;
	struct cursor c;

	if (!elf_file_section(file, ".gnu_debugaltlink", &data, &section.size))
		return false;
	section.data = data;
	c = cursor_at(section, 0);
	search->link = cursor_string(&c);
	while (cursor_left(&c))
		strbuf_addf(&search->id, "%02x", cursor_u8(&c));
	return !c.failed && search->link[0] && search->id.len > 2;
}

static struct hs_error *try_root(struct alt_search *search,
				 enum debug_root root)
{
	struct elf_file *file = NULL;
	struct hs_error *err;

	err = debug_paths_open(search->debug_paths, root,
			       strbuf_str(&search->path), &file);
	if (err || !file)
		return err;
	if (file->build_id && !strcmp(file->build_id, strbuf_str(&search->id)))
		search->found = file;
	else
		elf_file_close(file);
	return NULL;
}

/* What is in search->path, in the roots from @root to @last. */
static struct hs_error *try_path(struct alt_search *search, unsigned root,
				 unsigned last)
{
	struct hs_error *err = strbuf_check(&search->path);

	for (; root <= last && !err && !search->found; root++)
		err = try_root(search, root);
	strbuf_clear(&search->path);
	return err;
}

/* Links count from the folder where the file really is: the name that a
 * build-id gives it may be a symbolic link. */
static struct hs_error *try_link(struct alt_search *search,
				 const struct elf_file *file)
{
	const enum debug_root root =
		debug_paths_root_of(search->debug_paths, file);
	char real[PATH_MAX], *slash;

	if (search->link[0] != '/') {
		if (!debug_paths_real(search->debug_paths, file, real))
			return NULL;
		slash = strrchr(real, '/');
		if (!slash)
			return NULL;
		strbuf_add(&search->path, real, (size_t)(slash - real) + 1);
	}
	strbuf_adds(&search->path, search->link);
	return try_path(search, root, root);
}

static struct hs_error *try_dir(struct alt_search *search, const char *dir)
{
	const char *id = strbuf_str(&search->id);

	if (search->found)
		return NULL;
	strbuf_addf(&search->path, "%s/.build-id/%.2s/%s.debug", dir, id,
		    id + 2);
	return try_path(search, 0, DEBUG_ROOTS - 1);
}

struct hs_error *altfile_find(const struct elf_file *file,
			      const struct debug_paths *debug_paths,
			      struct elf_file **ret)
{
	struct alt_search search = { .debug_paths = debug_paths };
	struct hs_error *err = NULL;
	size_t i;

	if (read_link(file, &search)) {
		err = try_link(&search, file);
		for (i = 0; i < debug_paths->n_debug_dirs && !err; i++)
			err = try_dir(&search, debug_paths->debug_dirs[i]);
		if (!err)
			err = try_dir(&search, "/usr/lib/debug");
		if (!err && !search.found)
			err = debug_paths_fetch(debug_paths,
						strbuf_str(&search.id),
						search.link, &search.found);
	}
	strbuf_release(&search.id);
	strbuf_release(&search.path);
	if (err) {
		elf_file_close(search.found);
		return err;
	}
	*ret = search.found;
	return NULL;
}
