#include "launch/folder.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/array.h"
#include "base/parse.h"
#include "base/str.h"

/* In jemalloc's options a comma ends a name. */
static const char *parent_folder(void)
{
	const char *folder = getenv("TMPDIR");

	return folder && *folder == '/' && !strchr(folder, ',') ? folder
								: "/tmp";
}

struct hs_error *launch_folder_make(struct launch_folder *ret)
{
	struct hs_error *err;
	char *path;

	if (asprintf(&path, "%s/heapsnap-run.XXXXXX", parent_folder()) < 0)
		return hs_error_nomem();
	if (!mkdtemp(path)) {
		err = hs_error_sys(HS_ERROR_SYSTEM, errno,
				   "cannot make the folder '%s'", path);
		free(path);
		return hs_error_hint(err, "TMPDIR says where");
	}
	ret->path = path;
	return NULL;
}

void launch_folder_remove(struct launch_folder *folder)
{
	DIR *dir = folder->path ? opendir(folder->path) : NULL;
	struct dirent *entry;

	while (dir && (entry = readdir(dir)))
		(void)unlinkat(dirfd(dir), entry->d_name, 0);
	if (dir)
		closedir(dir);
	if (folder->path)
		(void)rmdir(folder->path);
	free(folder->path);
	folder->path = NULL;
}

/* "snapshot.PID.0.s.heap": as jemalloc's names are. */
static const char *const endings[] = {
	[LAUNCH_LAST] = ".f.heap",
	[LAUNCH_STAND_IN] = ".s.heap",
	[LAUNCH_RUNNING] = ".r.heap",
};

struct hs_error *launch_folder_path(const struct launch_folder *folder,
				    enum launch_dump_kind kind, pid_t pid,
				    char **ret)
{
	if (asprintf(ret, "%s/snapshot.%d.0%s", folder->path, (int)pid,
		     endings[kind]) < 0)
		return hs_error_nomem();
	return NULL;
}

/* Whose @name is, and what; false: it is no such file. */
static bool parse_name(const char *name, struct launch_dump *ret)
{
	const char *end, *dot;
	uint64_t pid;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(endings); i++)
		if (str_ends_with(name, endings[i]))
			break;
	if (i == ARRAY_SIZE(endings))
		return false;
	end = name + strlen(name) - strlen(endings[i]);
	end = memrchr(name, '.', (size_t)(end - name)); /* before SEQ */
	dot = end ? memrchr(name, '.', (size_t)(end - name)) : NULL;
	if (!dot || !parse_u64(dot + 1, (size_t)(end - dot - 1), &pid) ||
	    pid > INT_MAX)
		return false;
	ret->pid = (pid_t)pid;
	ret->kind = (enum launch_dump_kind)i;
	return true;
}

static struct hs_error *add(struct launch_dumps *dumps, const char *folder,
			    const char *name)
{
	struct launch_dump dump;

	if (!parse_name(name, &dump))
		return NULL;
	if (!ARRAY_GROW(dumps->items, dumps->cap, dumps->n + 1) ||
	    asprintf(&dump.path, "%s/%s", folder, name) < 0)
		return hs_error_nomem();
	dumps->items[dumps->n++] = dump;
	return NULL;
}

/* Which comes first of one process. */
static const int best[] = {
	[LAUNCH_LAST] = 0,
	[LAUNCH_RUNNING] = 1,
	[LAUNCH_STAND_IN] = 2,
};

static int compare(const void *x, const void *y, void *arg)
{
	const struct launch_dump *a = x, *b = y;
	const pid_t first = *(const pid_t *)arg;

	if ((a->pid == first) != (b->pid == first))
		return a->pid == first ? -1 : 1;
	if (a->pid != b->pid)
		return a->pid < b->pid ? -1 : 1;
	if (a->kind != b->kind)
		return best[a->kind] < best[b->kind] ? -1 : 1;
	return strcmp(a->path, b->path);
}

/* Drops what there is something better of. A process with two jemallocs has two
 * last dumps. */
static void drop_worse(struct launch_dumps *dumps)
{
	size_t i, n = 0;

	for (i = 0; i < dumps->n; i++) {
		struct launch_dump *dump = &dumps->items[i];
		const struct launch_dump *before = n ? &dumps->items[n - 1]
						     : NULL;

		if (before && before->pid == dump->pid &&
		    before->kind != dump->kind)
			free(dump->path);
		else
			dumps->items[n++] = *dump;
	}
	dumps->n = n;
}

struct hs_error *launch_dumps_read(const struct launch_folder *folder,
				   pid_t first, struct launch_dumps *ret)
{
	DIR *dir = opendir(folder->path);
	struct hs_error *err = NULL;
	struct dirent *entry;

	if (!dir)
		return hs_error_sys(HS_ERROR_SYSTEM, errno, "cannot open '%s'",
				    folder->path);
	while (!err && (entry = readdir(dir)))
		err = add(ret, folder->path, entry->d_name);
	closedir(dir);
	if (ret->n)
		qsort_r(ret->items, ret->n, sizeof(*ret->items), compare,
			&first);
	drop_worse(ret);
	return err;
}

void launch_dumps_keep(struct launch_dumps *dumps, pid_t pid)
{
	size_t i, n = 0;

	for (i = 0; i < dumps->n; i++) {
		if (dumps->items[i].pid == pid)
			dumps->items[n++] = dumps->items[i];
		else
			free(dumps->items[i].path);
	}
	dumps->n = n;
}

void launch_dumps_release(struct launch_dumps *dumps)
{
	size_t i;

	for (i = 0; i < dumps->n; i++)
		free(dumps->items[i].path);
	free(dumps->items);
	*dumps = (struct launch_dumps){ 0 };
}
