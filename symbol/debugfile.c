#include "symbol/debugfile.h"

#include <fcntl.h>
#include <limits.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zlib.h>

#include "base/cleanup.h"
#include "base/io.h"
#include "base/str.h"
#include "base/strbuf.h"
#include "symbol/cursor.h"

static const char system_dir[] = "/usr/lib/debug";

struct debugfile_search {
	const struct elf_file *file;
	const char *path;
	const struct debug_paths *debug_paths;
	const char *link; /* of .gnu_debuglink, or NULL */
	uint32_t crc;	  /* of what it names */
	struct elf_file *found;
};

static bool same_checksum(int fd, uint32_t want)
{
	enum { BLOCK = 1 << 16 };
	_cleanup_free_ unsigned char *block = malloc(BLOCK);
	uLong crc = crc32(0, NULL, 0);
	off_t at = 0;
	ssize_t n;

	if (!block)
		return false;
	while ((n = pread(fd, block, BLOCK, at)) > 0) {
		crc = crc32(crc, block, (uInt)n);
		at += n;
	}
	return n == 0 && crc == want;
}

static bool is_proven(const struct debugfile_search *search,
		      const struct elf_file *candidate, bool linked)
{
	if (search->file->build_id)
		return candidate->build_id &&
		       !strcmp(candidate->build_id, search->file->build_id);
	return linked && same_checksum(candidate->fd, search->crc);
}

static bool has_names(const struct elf_file *file)
{
	return elf_file_section(file, ".debug_info", NULL, NULL) ||
	       elf_file_section(file, ".zdebug_info", NULL, NULL) ||
	       elf_file_section(file, ".symtab", NULL, NULL);
}

/* Takes the file at @path when it is the one. A file that cannot be read is
 * treated as absent: the search goes on in other folders. */
static struct hs_error *search_try(struct debugfile_search *search,
				   enum debug_root root, const char *path,
				   bool linked)
{
	struct elf_file *candidate;
	struct hs_error *err =
		debug_paths_open(search->debug_paths, root, path, &candidate);

	if (err || !candidate)
		return err;
	if (is_proven(search, candidate, linked) && has_names(candidate))
		search->found = candidate;
	else
		elf_file_close(candidate);
	return NULL;
}

static struct hs_error *search_tryf(struct debugfile_search *search,
				    enum debug_root first, bool linked,
				    const char *fmt, ...) hs_printf(4, 5);

/* In root @first, then in those after it. */
static struct hs_error *search_tryf(struct debugfile_search *search,
				    enum debug_root first, bool linked,
				    const char *fmt, ...)
{
	_cleanup_free_ char *path = NULL;
	struct hs_error *err = NULL;
	unsigned root;
	va_list args;
	int n;

	if (search->found)
		return NULL;
	va_start(args, fmt);
	n = vasprintf(&path, fmt, args);
	va_end(args);
	if (n < 0) {
		path = NULL;
		return hs_error_nomem();
	}
	for (root = first; root < DEBUG_ROOTS && !err && !search->found; root++)
		err = search_try(search, root, path, linked);
	return err;
}

static struct hs_error *search_build_id(struct debugfile_search *search,
					enum debug_root first, const char *dir)
{
	const char *id = search->file->build_id;

	if (!id || strlen(id) < 3)
		return NULL;
	return search_tryf(search, first, false, "%s/.build-id/%.2s/%s.debug",
			   dir, id, id + 2);
}

static struct hs_error *search_dir(struct debugfile_search *search,
				   const char *dir)
{
	static const char *const suffixes[] = { ".debug", "" };
	const char *names[] = { search->path, str_base_name(search->path) };
	const enum debug_root root = DEBUG_ROOT_THIS;
	struct hs_error *err = search_build_id(search, root, dir);
	size_t i;

	for (i = 0; i < 4 && !err; i++)
		err = search_tryf(search, root, false, "%s/%s%s", dir,
				  names[i / 2], suffixes[i % 2]);
	if (!err && search->link)
		err = search_tryf(search, root, true, "%s/%s", dir,
				  search->link);
	return err;
}

/* @path: of the file, as known to somebody. */
static struct hs_error *search_link(struct debugfile_search *search,
				    const char *path)
{
	const enum debug_root root = DEBUG_ROOT_OTHER;
	const char *slash = strrchr(path, '/');
	struct hs_error *err;
	int n;

	if (!search->link || path[0] != '/' || slash - path > PATH_MAX)
		return NULL;
	n = (int)(slash - path);
	err = search_tryf(search, root, true, "%.*s/%s", n, path, search->link);
	if (!err)
		err = search_tryf(search, root, true, "%.*s/.debug/%s", n, path,
				  search->link);
	if (!err)
		err = search_tryf(search, root, true, "%s%.*s/%s", system_dir,
				  n, path, search->link);
	return err;
}

/* Where the file really is: its path may go through symbolic links, or be of
 * another root. */
static struct hs_error *search_real_link(struct debugfile_search *search)
{
	char real[PATH_MAX + 1];
	ssize_t n;

	n = readlink(io_link(search->file->fd).text, real, PATH_MAX);
	if (n <= 0)
		return NULL;
	real[n] = '\0';
	return search_link(search, real);
}

static struct hs_error *search_servers(struct debugfile_search *search)
{
	const char *id = search->file->build_id;

	if (search->found || !id)
		return NULL;
	return debug_paths_fetch(search->debug_paths, id, search->path,
				 &search->found);
}

/* The name, padded to four bytes, and the checksum of what it names. */
static void read_link(struct debugfile_search *search)
{
	struct slice section;
	const void *data;
	const char *name;
	struct cursor c;

	if (!elf_file_section(search->file, ".gnu_debuglink", &data,
			      &section.size))
		return;
	section.data = data;
	c = cursor_at(section, 0);
	name = cursor_string(&c);
	if (cursor_left(&c) > sizeof(search->crc))
		cursor_skip(&c, cursor_left(&c) - sizeof(search->crc));
	search->crc = cursor_u32(&c);
	/* A name, not a path: it must not lead out of the folders. */
	if (!c.failed && name[0] && !strchr(name, '/'))
		search->link = name;
}

struct hs_error *debugfile_find(const struct elf_file *file, const char *path,
				const struct debug_paths *debug_paths,
				struct elf_file **ret)
{
	struct debugfile_search search = { .file = file,
					   .path = path,
					   .debug_paths = debug_paths };
	struct hs_error *err = NULL;
	size_t i;

	read_link(&search);
	for (i = 0; i < debug_paths->n_debug_dirs && !err; i++)
		err = search_dir(&search, debug_paths->debug_dirs[i]);
	if (!err)
		err = search_build_id(&search, DEBUG_ROOT_OTHER, system_dir);
	if (!err)
		err = search_link(&search, path);
	if (!err)
		err = search_real_link(&search);
	if (!err)
		err = search_servers(&search);
	if (err) {
		elf_file_close(search.found);
		return err;
	}
	*ret = search.found;
	return NULL;
}
