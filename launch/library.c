#include "launch/library.h"

#include <elf.h>
#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/array.h"
#include "base/cleanup.h"
#include "base/io.h"
#include "base/strbuf.h"
#include "symbol/elf.h"

/* struct cache_file_new: its magic, the number of entries, what else there is;
 * then the entries, and at offsets from its start the strings. */
struct cache_head {
	char magic[20];
	uint32_t n, strings_len, flags, extensions, unused[3];
};

struct cache_entry {
	int32_t flags;
	uint32_t name, path; /* offsets of strings */
	uint32_t os_version;
	uint64_t hardware;
};

static const char magic[] = "glibc-ld.so.cache1.1";

/* The string at @offset; NULL: it is not whole. */
static const char *string_at(const char *data, size_t len, uint32_t offset)
{
	if (offset >= len || !memchr(data + offset, '\0', len - offset))
		return NULL;
	return data + offset;
}

bool library_cache_each(const char *data, size_t len, const char *name,
			bool (*fn)(const char *path, void *arg), void *arg)
{
	const char *start = memmem(data, len, magic, sizeof(magic) - 1);
	const char *key, *path;
	struct cache_entry entry;
	struct cache_head head;
	size_t i;

	if (!start || len - (size_t)(start - data) < sizeof(head))
		return false;
	len -= (size_t)(start - data);
	memcpy(&head, start, sizeof(head));
	if (head.n > (len - sizeof(head)) / sizeof(entry))
		return false;
	for (i = 0; i < head.n; i++) {
		memcpy(&entry, start + sizeof(head) + i * sizeof(entry),
		       sizeof(entry));
		key = string_at(start, len, entry.name);
		path = string_at(start, len, entry.path);
		if (key && path && !strcmp(key, name) && fn(path, arg))
			return true;
	}
	return false;
}

struct search {
	char *found; /* owned; NULL: not yet */
	struct hs_error *err;
};

/* ELF files of this machine are those that are like ourselves. */
static struct hs_error *is_of_this_machine(const char *path, bool *ret)
{
	struct elf_file *own = NULL, *file = NULL;
	struct hs_error *err;

	err = elf_file_open_path("/proc/self/exe", &own);
	if (!err)
		err = elf_file_open_path(path, &file);
	*ret = own && file && file->elf_class == own->elf_class &&
	       file->machine == own->machine && file->type == ET_DYN;
	elf_file_close(own);
	elf_file_close(file);
	return err;
}

static bool try_path(const char *path, void *arg)
{
	struct search *s = arg;
	bool fits;

	s->err = is_of_this_machine(path, &fits);
	if (s->err || !fits)
		return s->err;
	s->found = strdup(path);
	if (!s->found)
		s->err = hs_error_nomem();
	return true;
}

static bool try_cache(const char *name, struct search *s)
{
	_cleanup_close_ int fd = open("/etc/ld.so.cache", O_RDONLY | O_CLOEXEC);
	_cleanup_strbuf_ struct strbuf text = { 0 };

	return fd >= 0 && !io_read(fd, &text) && !text.failed &&
	       library_cache_each(strbuf_str(&text), text.len, name, try_path,
				  s);
}

/* Where musl's ld.so looks, and what has no cache. */
static bool try_folders(const char *name, struct search *s)
{
	static const char *const folders[] = { "/usr/local/lib", "/usr/lib64",
					       "/usr/lib", "/lib64", "/lib" };
	size_t i;

	for (i = 0; i < ARRAY_SIZE(folders); i++) {
		_cleanup_free_ char *path = NULL;

		if (asprintf(&path, "%s/%s", folders[i], name) < 0) {
			path = NULL;
			s->err = hs_error_nomem();
			return true;
		}
		if (try_path(path, s))
			return true;
	}
	return false;
}

struct hs_error *library_find(const char *name, char **ret)
{
	struct search s = { 0 };

	if (!try_cache(name, &s))
		(void)try_folders(name, &s);
	*ret = s.found;
	return s.err;
}

struct hs_error *library_check(const char *path, char **ret)
{
	_cleanup_free_ char *full = realpath(path, NULL);
	struct hs_error *err;
	bool fits;

	if (!full)
		return hs_error_sys(HS_ERROR_INPUT, errno, "cannot open '%s'",
				    path);
	err = is_of_this_machine(full, &fits);
	if (err)
		return err;
	if (!fits)
		return hs_error_new(HS_ERROR_INPUT,
				    "'%s' is not a shared library of this "
				    "machine",
				    path);
	/* They separate the names there. */
	if (strpbrk(full, " :"))
		return hs_error_new(HS_ERROR_INPUT,
				    "'%s' has a space or a colon in its name: "
				    "LD_PRELOAD cannot have it",
				    full);
	*ret = take_ptr(full);
	return NULL;
}
