#include "proc/passive_memory.h"

#include <stdbool.h>
#include <string.h>
#include <sys/uio.h>
#include <time.h>
#include <unistd.h>

#include "base/deadline.h"
#include "base/sched_boost.h"
#include "base/str.h"
#include "proc/pagemap.h"

enum {
	PIECE = 64 << 10,     /* bytes of one system call */
	PAGES = PIECE / 4096, /* that a piece may touch */
	US = 1000000,
};

struct hs_error *passive_memory_open(pid_t pid, const struct maps *maps,
				     uint64_t rate, struct passive_memory *ret)
{
	*ret = (struct passive_memory){
		.pid = pid,
		.pagemap = -1,
		.maps = maps,
		.page = (uint64_t)sysconf(_SC_PAGESIZE),
		.rate = rate,
		.began = clock_us(),
	};
	return pagemap_open(pid, &ret->pagemap);
}

void passive_memory_close(struct passive_memory *m)
{
	if (m->pagemap >= 0)
		close(m->pagemap);
	m->pagemap = -1;
}

/* Reading a device's memory may have effects. */
static bool may_be_read(const struct mapping *m)
{
	return m->read && !m->shared && !str_starts_with(m->path, "/dev/") &&
	       !str_starts_with(m->path, "[v") &&
	       !str_starts_with(m->path, "/anon_hugepage");
}

/* Whether all of [at, at + len) may be read. */
static bool is_readable(const struct maps *maps, uint64_t at, uint64_t len)
{
	while (len) {
		const struct mapping *m = maps_find(maps, at);
		uint64_t now;

		if (!m || !may_be_read(m))
			return false;
		now = m->end - at < len ? m->end - at : len;
		at += now;
		len -= now;
	}
	return true;
}

/* Sleeps when more was read than the rate allows. */
static void keep_rate(const struct passive_memory *m)
{
	int64_t ahead;

	if (!m->rate)
		return;
	ahead = (int64_t)((double)m->bytes / (double)m->rate * US) -
		(clock_us() - m->began);
	if (ahead > 0) {
		const struct timespec wait = { ahead / US, ahead % US * 1000 };

		(void)nanosleep(&wait, NULL);
	}
}

static bool read_run(struct passive_memory *m, uint64_t at, char *to,
		     size_t len)
{
	struct iovec here = { to, len };
	struct iovec there = { (void *)(uintptr_t)at, len };
	struct sched_boost boost = { 0 };
	bool whole;

	m->bytes += len;
	sched_boost_begin(&boost);
	whole = process_vm_readv(m->pid, &here, 1, &there, 1, 0) ==
		(ssize_t)len;
	sched_boost_end(&boost);
	return whole;
}

/* Reads a piece, of which @entries are the pages. */
static bool read_pages(struct passive_memory *m, uint64_t at, char *to,
		       size_t len, const uint64_t *entries)
{
	size_t run = 0, i = 0;

	/* [to - run, to) is in memory and not yet read. */
	while (len) {
		const uint64_t left = m->page - at % m->page;
		const size_t now = left < len ? (size_t)left : len;
		const bool present = entries[i] & PAGEMAP_PRESENT;

		if (!present) {
			if (run && !read_run(m, at - run, to - run, run))
				return false;
			run = 0;
			memset(to, 0, now);
			if (entries[i] & PAGEMAP_SWAPPED)
				m->swapped++;
			else
				m->untouched++;
		}
		run += present ? now : 0;
		at += now;
		to += now;
		len -= now;
		i++;
	}
	return !run || read_run(m, at - run, to - run, run);
}

static bool all_present(const uint64_t *entries, size_t n)
{
	size_t i;

	for (i = 0; i < n; i++) {
		if (!(entries[i] & PAGEMAP_PRESENT))
			return false;
	}
	return true;
}

static bool read_piece(struct passive_memory *m, uint64_t at, char *to,
		       size_t len, bool whole)
{
	const uint64_t first = at / m->page;
	const size_t n = (size_t)((at + len - 1) / m->page - first) + 1;
	uint64_t entries[PAGES];
	const size_t bytes = n * sizeof(*entries);

	if (n > PAGES ||
	    pread(m->pagemap, entries, bytes,
		  (off_t)(first * sizeof(*entries))) != (ssize_t)bytes)
		return false;
	if (whole && !all_present(entries, n))
		return false;
	keep_rate(m);
	return read_pages(m, at, to, len, entries);
}

static bool read_all(struct passive_memory *m, uint64_t at, char *to,
		     size_t len, bool whole)
{
	if (at > UINT64_MAX - len || !is_readable(m->maps, at, len))
		return false;
	while (len) {
		/* To the end of a page, so that none is counted twice. */
		const size_t most = PIECE - (size_t)(at % m->page);
		const size_t now = len < most ? len : most;

		if (!read_piece(m, at, to, now, whole))
			return false;
		at += now;
		to += now;
		len -= now;
	}
	return true;
}

static bool read_zeros(void *arg, uint64_t addr, void *buf, size_t len)
{
	return read_all(arg, addr, buf, len, false);
}

static bool read_present(void *arg, uint64_t addr, void *buf, size_t len)
{
	return read_all(arg, addr, buf, len, true);
}

struct memory_source passive_memory_source(struct passive_memory *m)
{
	return (struct memory_source){ read_zeros, m };
}

struct memory_source passive_memory_present(struct passive_memory *m)
{
	return (struct memory_source){ read_present, m };
}
