#include "proc/memory_gauge.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/array.h"
#include "base/cleanup.h"
#include "base/parse.h"
#include "base/str.h"
#include "base/words.h"
#include "proc/cgroup.h"
#include "proc/cgroup_walk.h"
#include "proc/proc_path.h"

/* A page is more than enough for all of these files but memory.stat, which is
 * of about 1.5 KiB for version 1 and 2 KiB for version 2 of control groups. */
enum { TEXT_MAX = 8192 };

/* The whole of a small file from its start; *ret is NUL-terminated. False and
 * errno. */
static bool read_again(int fd, char ret[TEXT_MAX])
{
	ssize_t n = fd < 0 ? -1 : pread(fd, ret, TEXT_MAX - 1, 0);

	ret[n > 0 ? n : 0] = '\0';
	return n > 0;
}

/* "max" of version 2 is no number. */
static bool read_bytes(int fd, uint64_t *ret)
{
	char text[TEXT_MAX];

	return read_again(fd, text) &&
	       parse_u64(text, strcspn(text, "\n"), ret);
}

/* Stalls of 150 ms within 2 s; such a window is the only one that a user other
 * than root may ask for (kernel/sched/psi.c, psi_trigger_create()). */
static int open_pressure(const char *folder)
{
	static const char trigger[] = "some 150000 2000000";
	_cleanup_close_ int fd = cgroup_open(folder, "memory.pressure", O_RDWR);

	if (fd < 0 || write(fd, trigger, sizeof(trigger)) < 0)
		return -1;
	return take_fd(fd);
}

struct hs_error *memory_gauge_add(struct memory_gauge *g, const char *folder,
				  bool v1)
{
	struct memory_group group = { .v1 = v1, .events = -1 };
	char unused[TEXT_MAX];

	group.usage = cgroup_open(
		folder, v1 ? "memory.usage_in_bytes" : "memory.current",
		O_RDONLY);
	if (group.usage < 0)
		return NULL; /* it has no such controller, or is not mounted */
	if (!ARRAY_GROW(g->items, g->cap, g->n + 1)) {
		close(group.usage);
		return hs_error_nomem();
	}
	group.limit = cgroup_open(
		folder, v1 ? "memory.limit_in_bytes" : "memory.max", O_RDONLY);
	group.stat = cgroup_open(folder, "memory.stat", O_RDONLY);
	if (!v1)
		group.events = cgroup_open(folder, "memory.events", O_RDONLY);
	/* What it has to tell by now is nothing new. */
	read_again(group.events, unused);
	if (!v1 && !g->n)
		g->pressure = open_pressure(folder);
	g->items[g->n++] = group;
	return NULL;
}

static void close_groups(struct memory_gauge *g)
{
	size_t i;

	for (i = 0; i < g->n; i++) {
		cleanup_close(&g->items[i].limit);
		cleanup_close(&g->items[i].usage);
		cleanup_close(&g->items[i].stat);
		cleanup_close(&g->items[i].events);
	}
	g->n = 0;
	cleanup_close(&g->pressure);
	g->pressure = -1;
	free(take_ptr(g->groups));
}

struct adding {
	struct memory_gauge *gauge;
	struct hs_error *err;
};

static void add_group(void *arg, const char *folder, bool v1)
{
	struct adding *a = arg;

	if (!a->err)
		a->err = memory_gauge_add(a->gauge, folder, v1);
}

/* @text: of /proc/PID/cgroup. */
static struct hs_error *open_groups(struct memory_gauge *g, const char *text)
{
	struct adding adding = { .gauge = g };

	close_groups(g);
	g->groups = strdup(text);
	if (!g->groups)
		return hs_error_nomem();
	cgroup_walk(g->pid, text, "memory", add_group, &adding);
	return adding.err;
}

struct hs_error *memory_gauge_open(pid_t pid, struct memory_gauge *ret)
{
	const int flags = O_RDONLY | O_CLOEXEC;

	*ret = (struct memory_gauge){ .pid = pid, .pressure = -1 };
	ret->cgroup = open(proc_path(pid, "cgroup").text, flags);
	ret->statm = open(proc_path(pid, "statm").text, flags);
	if (ret->statm < 0)
		return hs_error_sys(errno == ENOENT ? HS_ERROR_GONE
						    : HS_ERROR_SYSTEM,
				    errno, "cannot open '%s'",
				    proc_path(pid, "statm").text);
	return NULL;
}

void memory_gauge_close(struct memory_gauge *g)
{
	if (!g->pid)
		return;
	close_groups(g);
	free(g->items);
	cleanup_close(&g->statm);
	cleanup_close(&g->cgroup);
	*g = (struct memory_gauge){ 0 };
}

static void read_limit(struct memory_group *group)
{
	if (!read_bytes(group->limit, &group->most) || !group->most ||
	    !cgroup_is_limit(group->most))
		group->most = UINT64_MAX;
}

static void look_at(const struct memory_group *group, unsigned percent,
		    struct memory_reading *r)
{
	const uint64_t limit = group->most;
	uint64_t used, cache = 0;
	char text[TEXT_MAX];

	if (limit == UINT64_MAX || !read_bytes(group->usage, &used))
		return;
	if (used / percent >= limit / 100 && read_again(group->stat, text))
		cache = cgroup_page_cache(text, group->v1);
	used -= cache < used ? cache : used;
	if (used > limit)
		used = limit;
	if (r->limited &&
	    (double)r->used / (double)r->limit >= (double)used / (double)limit)
		return;
	r->limited = true;
	r->limit = limit;
	r->used = used;
}

/* It may have been moved to another group. */
static struct hs_error *find_limits(struct memory_gauge *g)
{
	struct hs_error *err = NULL;
	char text[TEXT_MAX];
	size_t i;

	if (read_again(g->cgroup, text) && !str_equal(text, g->groups))
		err = open_groups(g, text);
	for (i = 0; i < g->n && !err; i++)
		read_limit(&g->items[i]);
	return err;
}

static struct hs_error *look_at_groups(struct memory_gauge *g, unsigned percent,
				       struct memory_reading *ret)
{
	enum { EACH = 10 };
	struct hs_error *err = NULL;
	size_t i;

	if (g->reads++ % EACH == 0)
		err = find_limits(g);
	for (i = 0; i < g->n && !err; i++)
		look_at(&g->items[i], percent, ret);
	return err;
}

/* "2304 411 364 7 0 99 0": pages in all, and resident. proc(5) */
static bool parse_statm(const char *text, uint64_t *rss)
{
	struct word rest = { text, strcspn(text, "\n") }, word;
	uint64_t pages;

	words_next(&rest);
	word = words_next(&rest);
	if (!parse_u64(word.s, word.len, &pages))
		return false;
	*rss = pages * (uint64_t)sysconf(_SC_PAGESIZE);
	return true;
}

struct hs_error *memory_gauge_read(struct memory_gauge *g, unsigned percent,
				   struct memory_reading *ret)
{
	char text[TEXT_MAX];

	*ret = (struct memory_reading){ 0 };
	if (!read_again(g->statm, text))
		return hs_error_sys(
			errno == ESRCH ? HS_ERROR_GONE : HS_ERROR_SYSTEM, errno,
			"cannot read '%s'", proc_path(g->pid, "statm").text);
	if (!parse_statm(text, &ret->rss))
		return hs_error_new(HS_ERROR_SYSTEM, "%s:1: no sizes in pages",
				    proc_path(g->pid, "statm").text);
	return percent ? look_at_groups(g, percent, ret) : NULL;
}

size_t memory_gauge_wakers(const struct memory_gauge *g, struct pollfd *fds)
{
	size_t i, n = 0;

	if (g->pressure >= 0)
		fds[n++] = (struct pollfd){ g->pressure, POLLPRI, 0 };
	for (i = 0; i < g->n && n < MEMORY_WAKERS; i++)
		if (g->items[i].events >= 0)
			fds[n++] = (struct pollfd){ g->items[i].events, POLLPRI,
						    0 };
	return n;
}

/* fs/kernfs/file.c, kernfs_generic_poll(): what was read last is compared with.
 * Of a group that was removed nothing can be read, and poll(2) returns at once:
 * then it is not asked again. */
void memory_gauge_woken(struct memory_gauge *g)
{
	struct pollfd pressure = { g->pressure, POLLPRI, 0 };
	char unused[TEXT_MAX];
	size_t i;

	for (i = 0; i < g->n; i++) {
		if (read_again(g->items[i].events, unused))
			continue;
		cleanup_close(&g->items[i].events);
		g->items[i].events = -1;
	}
	if (g->pressure >= 0 && poll(&pressure, 1, 0) > 0 &&
	    pressure.revents & POLLERR) {
		close(g->pressure);
		g->pressure = -1;
	}
}
