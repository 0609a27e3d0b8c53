#include "proc/usage.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "base/cleanup.h"
#include "base/str.h"
#include "proc/resident.h"
#include "proc/task.h"

/* Without a name, private and not code: made by mmap(2) with MAP_PRIVATE |
 * MAP_ANONYMOUS, for any purpose. */
static bool is_plain(const struct mapping *m)
{
	return !m->path[0] && !m->shared && !m->exec;
}

/* Names of memory that is in no visible file system: mm/shmem.c, mm/memfd.c,
 * ipc/shm.c. */
static bool is_shared_memory(const struct mapping *m)
{
	static const char *const names[] = { "/dev/", "/memfd:", "/SYSV" };
	size_t i;

	for (i = 0; i < ARRAY_SIZE(names); i++) {
		if (str_starts_with(m->path, names[i]))
			return true;
	}
	return false;
}

static enum usage_kind kind_of(const struct mapping *m)
{
	if (mapping_has_file(m))
		return is_shared_memory(m) ? USAGE_SHARED : USAGE_FILE;
	/* glibc since 2.38 names what it maps, glibc.mem.decorate_maps. */
	if (str_starts_with(m->path, "[stack") ||
	    str_starts_with(m->path, "[anon: glibc: pthread stack"))
		return USAGE_STACK;
	if (!strcmp(m->path, "[heap]"))
		return USAGE_BRK;
	if (m->shared)
		return USAGE_SHARED;
	/* jemalloc's names for its mappings, src/pages.c since 5.3.1. */
	if (is_plain(m) || str_starts_with(m->path, "[anon:jemalloc"))
		return USAGE_ANON;
	return USAGE_OTHER;
}

struct interval {
	uint64_t start, end;
};

static int compare_paths(const void *x, const void *y)
{
	const char *const *a = x, *const *b = y;

	return strcmp(*a, *b);
}

/* A file with an executable mapping is a program or a library; all its mappings
 * count as code. */
static struct hs_error *mark_code(struct usage *u)
{
	const struct maps *maps = &u->smaps.maps;
	_cleanup_free_ const char **paths = calloc(maps->n + 1, sizeof(*paths));
	size_t i, n = 0;

	if (!paths)
		return hs_error_nomem();
	for (i = 0; i < maps->n; i++) {
		if (u->kinds[i] == USAGE_FILE && maps->items[i].exec)
			paths[n++] = maps->items[i].path;
	}
	qsort(paths, n, sizeof(*paths), compare_paths);
	for (i = 0; i < maps->n; i++) {
		if (u->kinds[i] == USAGE_FILE &&
		    bsearch(&maps->items[i].path, paths, n, sizeof(*paths),
			    compare_paths))
			u->kinds[i] = USAGE_CODE;
	}
	return NULL;
}

/* The mapping of number @i is the end of a file's data, the last pages of which
 * the program may have made read-only (mprotect(2)), as mariadbd does. */
static bool ends_data(const struct usage *u, size_t i)
{
	const struct mapping *m = &u->smaps.maps.items[i];

	for (; u->kinds[i] == USAGE_CODE && mapping_has_file(m); i--, m--) {
		if (m->write)
			return true;
		if (!i || m[-1].end != m->start || !mapping_same_file(m, m - 1))
			break;
	}
	return false;
}

/* The bss of a file is anonymous and directly follows its data. An allocator's
 * memory may happen to follow that, and the kernel merges the two; but a bss is
 * not much larger than the file's other mappings. */
static void mark_bss(struct usage *u)
{
	enum { BSS_MAX = 64 << 20 };
	const struct maps *maps = &u->smaps.maps;
	size_t i;

	for (i = 1; i < maps->n; i++) {
		const struct mapping *m = &maps->items[i], *data = m - 1;

		if (u->kinds[i] == USAGE_ANON && m->write &&
		    data->end == m->start && ends_data(u, i - 1) &&
		    m->end - m->start <= BSS_MAX)
			u->kinds[i] = USAGE_CODE;
	}
}

/* A stack has inaccessible guard pages below it. */
static bool has_guard(const struct maps *maps, size_t i)
{
	const struct mapping *m = &maps->items[i], *guard = m - 1;

	return i && is_plain(guard) && !guard->read && !guard->write &&
	       guard->end == m->start;
}

/* including its guard */
static uint64_t stack_size(const struct maps *maps, size_t i)
{
	return maps->items[i].end - maps->items[i - 1].start;
}

static int compare_sizes(const void *x, const void *y)
{
	const uint64_t *a = x, *b = y;

	return *a < *b ? -1 : *a > *b;
}

/*
 * Finds stacks by stack pointers. The kernel shows no stack pointer of a
 * running thread, and libc caches the stacks of ended threads: such stacks are
 * as large as a known one and have a guard like it.
 */
static struct hs_error *mark_stacks(struct usage *u, const uint64_t *sp,
				    size_t n)
{
	const struct maps *maps = &u->smaps.maps;
	_cleanup_free_ uint64_t *sizes = calloc(n + 1, sizeof(*sizes));
	size_t i, n_sizes = 0;

	if (!sizes)
		return hs_error_nomem();
	for (i = 0; i < n; i++) {
		const struct mapping *m = maps_find(maps, sp[i]);
		size_t at = m ? (size_t)(m - maps->items) : 0;

		/* Without a guard it may be a stack that the program itself
		 * allocated, in the middle of an allocator's memory. */
		if (!m || u->kinds[at] != USAGE_ANON || !has_guard(maps, at))
			continue;
		u->kinds[at] = USAGE_STACK;
		sizes[n_sizes++] = stack_size(maps, at);
	}
	qsort(sizes, n_sizes, sizeof(*sizes), compare_sizes);
	for (i = 1; i < maps->n; i++) {
		uint64_t size = stack_size(maps, i);

		if (u->kinds[i] == USAGE_ANON && has_guard(maps, i) &&
		    bsearch(&size, sizes, n_sizes, sizeof(*sizes),
			    compare_sizes))
			u->kinds[i] = USAGE_STACK;
	}
	return NULL;
}

struct hs_error *usage_make(struct smaps *smaps, const uint64_t *sp, size_t n,
			    struct usage *ret)
{
	struct usage u = { .smaps = *smaps };
	struct hs_error *err = NULL;
	size_t i;

	*smaps = (struct smaps){ 0 };
	u.kinds = calloc(u.smaps.n + 1, sizeof(*u.kinds));
	if (!u.kinds)
		err = hs_error_nomem();
	for (i = 0; !err && i < u.smaps.n; i++)
		u.kinds[i] = kind_of(&u.smaps.maps.items[i]);
	if (!err)
		err = mark_code(&u);
	if (!err) {
		mark_bss(&u);
		err = mark_stacks(&u, sp, n);
	}
	if (err)
		usage_release(&u);
	else
		*ret = u;
	return err;
}

/* Stack pointers of the waiting threads; the kernel shows no others. */
static size_t read_stack_pointers(pid_t pid, const struct task_list *tasks,
				  uint64_t *sp)
{
	struct task_syscall call;
	struct hs_error *unread;
	size_t i, n = 0;

	for (i = 0; i < tasks->n; i++) {
		unread = task_syscall_read(pid, tasks->tids[i], &call);
		if (!unread && call.activity != TASK_RUNNING)
			sp[n++] = call.sp;
		hs_error_free(unread);
	}
	return n;
}

/* Reads the mappings alone. */
static struct hs_error *read_mappings(pid_t pid, struct smaps *ret)
{
	struct smaps s = { 0 };
	struct hs_error *err = maps_read(pid, &s.maps);

	if (err)
		return err;
	s.items = calloc(s.maps.n + 1, sizeof(*s.items));
	s.n = s.cap = s.maps.n;
	if (!s.items) {
		smaps_release(&s);
		return hs_error_nomem();
	}
	*ret = s;
	return NULL;
}

struct hs_error *usage_read(pid_t pid, bool walk, struct usage *ret)
{
	_cleanup_free_ uint64_t *sp = NULL;
	struct task_list tasks = { 0 };
	struct smaps smaps = { 0 };
	struct hs_error *err;
	size_t n = 0;

	err = task_list_read(pid, &tasks);
	if (err)
		return err;
	sp = calloc(tasks.n + 1, sizeof(*sp));
	if (sp)
		n = read_stack_pointers(pid, &tasks, sp);
	task_list_release(&tasks);
	if (!sp)
		return hs_error_nomem();
	err = walk ? resident_read(pid, &smaps) : read_mappings(pid, &smaps);
	return err ? err : usage_make(&smaps, sp, n, ret);
}

struct hs_error *usage_read_pss(pid_t pid, struct usage *usage)
{
	struct hs_error *unread;

	usage->pss = calloc(1, sizeof(*usage->pss));
	if (!usage->pss)
		return hs_error_nomem();
	unread = pss_read(pid, usage->pss);
	if (unread) {
		free(usage->pss);
		usage->pss = NULL;
	}
	if (unread && hs_error_code(unread) == HS_ERROR_NOMEM)
		return unread;
	hs_error_free(unread);
	return NULL;
}

void usage_release(struct usage *usage)
{
	smaps_release(&usage->smaps);
	free(usage->kinds);
	free(usage->pss);
	*usage = (struct usage){ 0 };
}
