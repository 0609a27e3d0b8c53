#include "symbol/cache/names_cache.h"

#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zlib.h>

#include "base/io.h"
#include "symbol/cache/cache_folder.h"
#include "symbol/cache/file_stamp.h"
#include "symbol/cache/search_again.h"

struct hs_error *names_cache_open(enum names_cache_use use,
				  struct names_cache *ret)
{
	struct stat st;

	*ret = (struct names_cache){ .dir = -1, .use = use };
	if (use == NAMES_CACHE_NONE)
		return NULL;
	/* Another heapsnap may give other names. */
	if (stat("/proc/self/exe", &st))
		return hs_error_new(HS_ERROR_NOT_FOUND, "there is no /proc");
	ret->program = file_stamp_of(&st);
	return cache_folder_open(use == NAMES_CACHE_WRITE, &ret->dir);
}

void names_cache_close(struct names_cache *cache)
{
	if (cache->wrote)
		cache_folder_trim(cache->dir, CACHE_FOLDER_MAX);
	if (cache->dir >= 0)
		close(cache->dir);
	cache->dir = -1;
}

static void add_text(struct strbuf *sb, const char *s)
{
	strbuf_add(sb, s, strlen(s) + 1);
}

static void add_stamp(struct strbuf *sb, const struct file_stamp *stamp)
{
	strbuf_add(sb, stamp->words, sizeof(stamp->words));
}

/* Where the search begins, and whose answers these are. */
static bool make_tag(const struct names_cache *cache,
		     const struct elf_file *elf,
		     const struct debug_paths *debug_paths, struct strbuf *tag)
{
	struct file_stamp stamp;
	char real[PATH_MAX];
	struct stat st;
	ssize_t n;
	size_t i;

	if (fstat(elf->fd, &st) || !S_ISREG(st.st_mode) || !st.st_nlink)
		return false;
	n = readlink(io_link(elf->fd).text, real, sizeof(real) - 1);
	if (n <= 0)
		return false;
	real[n] = '\0';
	stamp = file_stamp_of(&st);
	add_stamp(tag, &cache->program);
	add_stamp(tag, &stamp);
	add_text(tag, elf->build_id);
	add_text(tag, elf->name);
	add_text(tag, real);
	add_text(tag, debug_paths->servers ? "servers" : "");
	for (i = 0; i < debug_paths->n_debug_dirs; i++)
		add_text(tag, debug_paths->debug_dirs[i]);
	return !tag->failed;
}

static void name_file(const struct cached_names *c, const struct elf_file *elf,
		      char *ret)
{
	cache_folder_name(elf->build_id,
			  crc32_z(0, (const void *)c->tag.buf, c->tag.len),
			  ret);
}

/* A search by two roots is not the one by this machine's alone. */
static bool is_usable(const struct kept_names *names,
		      const struct debug_paths *debug_paths, const char *name)
{
	return (names->other_root || !debug_paths->open) &&
	       search_again(&names->trace, debug_paths, name);
}

void cached_names_open(struct cached_names *c, const struct names_cache *cache,
		       const struct elf_file *elf,
		       const struct debug_paths *debug_paths)
{
	char name[CACHE_NAME_MAX];

	if (c->opened)
		return;
	c->opened = true;
	c->used = cache->dir >= 0 && elf->build_id && !elf->copy &&
		  make_tag(cache, elf, debug_paths, &c->tag);
	if (!c->used)
		return;
	name_file(c, elf, name);
	if (!cache_folder_read(cache->dir, name,
			       cache->use == NAMES_CACHE_WRITE, &c->data) ||
	    !kept_names_read(&c->data, &c->tag, &c->names) ||
	    !is_usable(&c->names, debug_paths, elf->name))
		kept_names_release(&c->names);
	c->names.other_root = debug_paths->open != NULL;
}

const struct answer *cached_names_find(const struct cached_names *c,
				       uint64_t offset)
{
	return c->used ? answers_find(&c->names.answers, offset) : NULL;
}

void cached_names_add(struct cached_names *c, uint64_t offset,
		      const struct symbol_frame *frames, size_t n)
{
	struct hs_error *err;

	if (!c->used)
		return;
	err = answers_add(&c->names.answers, offset, frames, n);
	if (err)
		c->names.trace.unsure = true;
	hs_error_free(err);
	c->added = true;
}

void cached_names_save(const struct cached_names *c, struct names_cache *cache,
		       const struct elf_file *elf)
{
	_cleanup_strbuf_ struct strbuf data = { 0 };
	char name[CACHE_NAME_MAX];
	struct hs_error *err;

	if (!c->added || c->names.trace.unsure ||
	    cache->use != NAMES_CACHE_WRITE)
		return;
	err = kept_names_write(&c->names, &c->tag, &data);
	if (!err) {
		name_file(c, elf, name);
		cache->wrote |= cache_folder_write(cache->dir, name, &data);
	}
	hs_error_free(err);
}

void cached_names_release(struct cached_names *c)
{
	kept_names_release(&c->names);
	strbuf_release(&c->tag);
	strbuf_release(&c->data);
}
