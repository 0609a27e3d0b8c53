#include "symbol/cache/cache_folder.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/auxv.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/array.h"
#include "base/cleanup.h"
#include "base/io.h"
#include "base/new_file.h"

static const char ending[] = ".names";

static struct hs_error *unusable(const char *path, const char *why)
{
	return hs_error_new(HS_ERROR_NOT_FOUND, "'%s' is not used: %s", path,
			    why);
}

/* The folder above it. *home: it is the home, whose .cache may have to be
 * made. */
static struct hs_error *find_parent(const char **ret, bool *home)
{
	const char *cache = getenv("XDG_CACHE_HOME");

	/* Our environment is not ours in a program with more rights than the
	 * one that started it has. */
	if (getauxval(AT_SECURE))
		return hs_error_new(HS_ERROR_NOT_FOUND,
				    "this program has the rights of another "
				    "user");
	*home = !cache || cache[0] != '/';
	*ret = *home ? getenv("HOME") : cache;
	if (!*ret || **ret != '/')
		return hs_error_new(HS_ERROR_NOT_FOUND,
				    "neither XDG_CACHE_HOME nor HOME is set");
	return NULL;
}

struct hs_error *cache_folder_path(struct strbuf *ret)
{
	const char *parent;
	bool home;
	struct hs_error *err = find_parent(&parent, &home);

	if (err)
		return err;
	strbuf_addf(ret, "%s%s/heapsnap", parent, home ? "/.cache" : "");
	return strbuf_check(ret);
}

/* Root, say, in a session of another user's, whose home must not get files that
 * he cannot remove. */
static struct hs_error *open_parent(const char *path, int *ret)
{
	struct stat st;

	*ret = open(path, O_PATH | O_DIRECTORY | O_CLOEXEC);
	if (*ret < 0)
		return hs_error_sys(HS_ERROR_NOT_FOUND, errno,
				    "'%s' is not used", path);
	if (!fstat(*ret, &st) && st.st_uid == geteuid())
		return NULL;
	close(*ret);
	*ret = -1;
	return unusable(path, "it is another user's");
}

/* @name in @parent; *ret is -1 when it is not there and not to be made. */
static struct hs_error *open_own(int parent, const char *name, bool create,
				 const char *path, int *ret)
{
	_cleanup_close_ int fd = -1;
	struct stat st;

	*ret = -1;
	/* A failure is openat()'s, too. */
	if (create)
		(void)mkdirat(parent, name, 0700);
	fd = openat(parent, name,
		    O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (fd < 0 && errno == ENOENT && !create)
		return NULL;
	if (fd < 0)
		return hs_error_sys(HS_ERROR_NOT_FOUND, errno,
				    "'%s' is not used", path);
	if (fstat(fd, &st) || st.st_uid != geteuid())
		return unusable(path, "it is another user's");
	if (st.st_mode & (S_IWGRP | S_IWOTH))
		return unusable(path, "others may write to it");
	*ret = take_fd(fd);
	return NULL;
}

/* The home's .cache, which may be a link of the user's to another disk. */
static struct hs_error *open_cache(const char *home, bool create, int *ret)
{
	_cleanup_close_ int fd = -1;
	_cleanup_strbuf_ struct strbuf path = { 0 };
	struct hs_error *err = open_parent(home, &fd);

	strbuf_addf(&path, "%s/.cache", home);
	if (!err)
		err = strbuf_check(&path);
	if (err)
		return err;
	if (create)
		(void)mkdirat(fd, ".cache", 0700);
	return open_parent(strbuf_str(&path), ret);
}

struct hs_error *cache_folder_open(bool create, int *ret)
{
	_cleanup_strbuf_ struct strbuf path = { 0 };
	_cleanup_close_ int fd = -1;
	const char *parent = NULL;
	struct hs_error *err;
	bool home = false;

	*ret = -1;
	err = find_parent(&parent, &home);
	if (!err)
		err = cache_folder_path(&path);
	if (!err)
		err = home ? open_cache(parent, create, &fd)
			   : open_parent(parent, &fd);
	return err ? err
		   : open_own(fd, "heapsnap", create, strbuf_str(&path), ret);
}

void cache_folder_name(const char *build_id, unsigned long number, char *ret)
{
	(void)snprintf(ret, CACHE_NAME_MAX, "%.40s-%08lx%s", build_id,
		       number & UINT32_MAX, ending);
}

bool cache_folder_read(int dir, const char *name, bool used, struct strbuf *ret)
{
	/* Without waiting for who would write to it, if it is a FIFO. */
	_cleanup_close_ int fd = openat(dir, name,
					O_RDONLY | O_NOFOLLOW | O_NONBLOCK |
						O_NOCTTY | O_CLOEXEC);
	_cleanup_free_ char *text = NULL;
	struct stat st;
	size_t size;

	if (fd < 0 || fstat(fd, &st) || !S_ISREG(st.st_mode) ||
	    st.st_uid != geteuid() || st.st_mode & (S_IWGRP | S_IWOTH) ||
	    st.st_size <= 0 || st.st_size > CACHE_FILE_MAX)
		return false;
	size = (size_t)st.st_size;
	text = malloc(size);
	if (!text || pread(fd, text, size, 0) != st.st_size)
		return false;
	if (used)
		(void)futimens(fd, NULL);
	strbuf_add(ret, text, size);
	return !strbuf_check(ret);
}

bool cache_folder_write(int dir, const char *name, const struct strbuf *data)
{
	_cleanup_strbuf_ struct strbuf path = { 0 };
	struct new_file file = { .fd = -1 };
	struct hs_error *err;
	int errnum = 0;

	if (data->len > CACHE_FILE_MAX)
		return false;
	strbuf_addf(&path, "%s/%s", io_link(dir).text, name);
	err = strbuf_check(&path);
	if (!err)
		err = new_file_open(strbuf_str(&path), &file);
	if (!err)
		errnum = io_write(file.fd, data->buf, data->len);
	if (!err && !errnum)
		err = new_file_commit(&file);
	else if (!err)
		new_file_discard(&file);
	if (err)
		errnum = EIO;
	hs_error_free(err);
	return !errnum;
}

/* --- how much there is -----------------------------------------------------
 */

struct kept_file {
	char name[NAME_MAX + 1];
	struct timespec used;
	uint64_t size;
};

struct kept_files {
	struct kept_file *items; /* owned */
	size_t n, cap;
	uint64_t size; /* of all */
};

/* Also what a killed heapsnap left, on a file system without O_TMPFILE
 * (base/new_file.h). */
static bool is_ours(const char *name)
{
	const size_t len = strlen(name);

	return (len > strlen(ending) &&
		!strcmp(name + len - strlen(ending), ending)) ||
	       !strncmp(name, ".heapsnap-", strlen(".heapsnap-"));
}

/* The least that a file takes of a disk, so that the number of files is
 * bounded, too. */
enum { BLOCK = 4096 };

static bool add_file(int dir, const char *name, struct kept_files *files)
{
	struct kept_file *f;
	struct stat st;

	if (!is_ours(name) || fstatat(dir, name, &st, AT_SYMLINK_NOFOLLOW) ||
	    !S_ISREG(st.st_mode))
		return true;
	if (!ARRAY_GROW(files->items, files->cap, files->n + 1))
		return false;
	f = &files->items[files->n++];
	(void)snprintf(f->name, sizeof(f->name), "%s", name);
	f->used = st.st_mtim;
	f->size = st.st_size > BLOCK ? (uint64_t)st.st_size : BLOCK;
	files->size += f->size;
	return true;
}

static int compare_use(const void *pa, const void *pb)
{
	const struct kept_file *a = pa, *b = pb;

	if (a->used.tv_sec != b->used.tv_sec)
		return a->used.tv_sec < b->used.tv_sec ? -1 : 1;
	if (a->used.tv_nsec != b->used.tv_nsec)
		return a->used.tv_nsec < b->used.tv_nsec ? -1 : 1;
	return strcmp(a->name, b->name);
}

void cache_folder_trim(int dir, uint64_t most)
{
	struct kept_files files = { 0 };
	int copy = openat(dir, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	DIR *d = copy < 0 ? NULL : fdopendir(copy);
	const struct dirent *e;
	size_t i;

	while (d && (e = readdir(d)) && add_file(dir, e->d_name, &files))
		;
	if (files.n)
		qsort(files.items, files.n, sizeof(*files.items), compare_use);
	for (i = 0; i < files.n && files.size > most; i++) {
		if (!unlinkat(dir, files.items[i].name, 0))
			files.size -= files.items[i].size;
	}
	free(files.items);
	if (d)
		(void)closedir(d);
	else if (copy >= 0)
		close(copy);
}
