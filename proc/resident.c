#include "proc/resident.h"

#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/str.h"
#include "proc/pagemap.h"
#include "proc/status.h"

enum {
	ENTRIES = 1 << 16, /* per read: 512 KiB, 256 MiB of addresses */
};

/* The most pages that are read in all: half a second of our own time. */
#define PAGES_MAX (UINT64_C(1) << 26)

void resident_count_add(struct resident_count *count, const uint64_t *entries,
			size_t n, bool anonymous)
{
	size_t i;

	for (i = 0; i < n; i++) {
		uint64_t e = entries[i];

		if (e & PAGEMAP_SWAPPED)
			count->swapped++;
		/* The huge page of zeros counts as a file's. */
		if (!(e & PAGEMAP_PRESENT) ||
		    (anonymous && (e & PAGEMAP_OF_FILE)))
			continue;
		count->present++;
		if (e & PAGEMAP_OF_FILE) {
			count->file_shared += !(e & PAGEMAP_EXCLUSIVE);
			continue;
		}
		count->anonymous++;
		if (!(e & PAGEMAP_EXCLUSIVE))
			count->shared++;
	}
}

void resident_take_zeros(struct resident_count *counts, size_t n, uint64_t anon)
{
	uint64_t total = 0, shared = 0, excess, zeros;
	size_t i;

	for (i = 0; i < n; i++) {
		total += counts[i].anonymous;
		shared += counts[i].shared;
	}
	if (total <= anon || !shared)
		return;
	excess = total - anon < shared ? total - anon : shared;
	for (i = 0; i < n; i++) {
		zeros = (uint64_t)((unsigned __int128)counts[i].shared *
				   excess / shared);
		counts[i].present -= zeros;
		counts[i].anonymous -= zeros;
		counts[i].shared -= zeros;
	}
}

struct reader {
	int fd; /* owned */
	uint64_t page;
	uint64_t *entries; /* owned; ENTRIES items */
};

/* Sets the bits from @first on of those of anonymous memory's @entries[0..n)
 * that are in memory. */
static void mark_pages(uint64_t *pages, uint64_t first, const uint64_t *entries,
		       size_t n)
{
	size_t i;

	for (i = 0; i < n; i++) {
		if ((entries[i] & PAGEMAP_PRESENT) &&
		    !(entries[i] & PAGEMAP_OF_FILE))
			pages[(first + i) / 64] |= UINT64_C(1)
						   << (first + i) % 64;
	}
}

/* A mapping that has just gone has no entries. @pages: the bits of anonymous
 * memory; NULL: a file's. */
static struct hs_error *count_pages(const struct reader *r,
				    const struct mapping *m, uint64_t *pages,
				    struct resident_count *count)
{
	uint64_t start = m->start, end = m->end;

	while (start < end) {
		uint64_t now = (end - start) / r->page;
		ssize_t n;

		if (now > ENTRIES)
			now = ENTRIES;
		n = pread(r->fd, r->entries, now * sizeof(*r->entries),
			  (off_t)(start / r->page * sizeof(*r->entries)));
		if (n < 0)
			return hs_error_sys(HS_ERROR_SYSTEM, errno,
					    "cannot read its pagemap");
		now = (uint64_t)n / sizeof(*r->entries);
		if (!now)
			break;
		resident_count_add(count, r->entries, now, pages);
		if (pages)
			mark_pages(pages, (start - m->start) / r->page,
				   r->entries, now);
		start += now * r->page;
	}
	return NULL;
}

static struct hs_error *reader_open(pid_t pid, struct reader *r)
{
	struct hs_error *err = pagemap_open(pid, &r->fd);

	if (err)
		return err;
	r->page = (uint64_t)sysconf(_SC_PAGESIZE);
	r->entries = malloc(ENTRIES * sizeof(*r->entries));
	if (r->entries)
		return NULL;
	close(r->fd);
	return hs_error_nomem();
}

static void reader_close(struct reader *r)
{
	close(r->fd);
	free(r->entries);
}

static bool is_anonymous(const struct mapping *m)
{
	return !mapping_has_file(m) && !m->shared;
}

/* Reserved huge pages do not count as memory in use, and inaccessible memory
 * was hardly ever touched (reserved address space). */
static bool is_looked_at(const struct mapping *m)
{
	return (m->read || m->write || m->exec) &&
	       !str_starts_with(m->path, "/anon_hugepage");
}

/* Counts mapping @i of @s, of so many pages. */
static struct hs_error *count_mapping(const struct reader *r, struct smaps *s,
				      size_t i, uint64_t pages,
				      struct resident_count *count)
{
	const struct mapping *m = &s->maps.items[i];

	if (is_anonymous(m)) {
		s->items[i].pages = calloc(pages / 64 + 1, sizeof(uint64_t));
		if (!s->items[i].pages)
			return hs_error_nomem();
	}
	return count_pages(r, m, s->items[i].pages, count);
}

/* *rest: the first mapping that is too large to be read; s->n: none. */
static struct hs_error *count_all(const struct reader *r, struct smaps *s,
				  struct resident_count *counts, size_t *rest)
{
	struct hs_error *err = NULL;
	uint64_t left = PAGES_MAX;
	size_t i;

	*rest = s->n;
	for (i = 0; i < s->n && !err; i++) {
		const struct mapping *m = &s->maps.items[i];
		uint64_t pages = (m->end - m->start) / r->page;

		if (!is_looked_at(m))
			continue;
		if (pages > left) {
			if (*rest == s->n)
				*rest = i;
			continue;
		}
		left -= pages;
		err = count_mapping(r, s, i, pages, &counts[i]);
	}
	return err;
}

/* Estimates the mappings that were not read. */
static uint64_t left_over(const struct smaps *s, uint64_t rss)
{
	size_t i;

	for (i = 0; i < s->n; i++)
		rss -= s->items[i].rss < rss ? s->items[i].rss : rss;
	return rss;
}

static struct hs_error *fill(pid_t pid, const struct reader *r,
			     struct resident_count *counts, struct smaps *s)
{
	struct hs_error *err;
	struct status status;
	size_t i, rest;

	err = count_all(r, s, counts, &rest);
	if (!err)
		err = status_read(pid, &status);
	if (err)
		return err;
	for (i = 0; i < s->n; i++) {
		struct smap *smap = &s->items[i];

		smap->n_set = smap->pages ? counts[i].present : 0;
	}
	if (status.rss_anon)
		resident_take_zeros(counts, s->n, status.rss_anon / r->page);
	for (i = 0; i < s->n; i++) {
		struct smap *smap = &s->items[i];

		smap->rss = counts[i].present * r->page;
		smap->anonymous = counts[i].anonymous * r->page;
		smap->anon_shared = counts[i].shared * r->page;
		smap->file_shared = counts[i].file_shared * r->page;
		smap->swap = counts[i].swapped * r->page;
	}
	if (rest < s->n)
		s->items[rest].rss = left_over(s, status.vm_rss);
	return NULL;
}

struct hs_error *resident_read(pid_t pid, struct smaps *ret)
{
	_cleanup_free_ struct resident_count *counts = NULL;
	struct smaps s = { 0 };
	struct hs_error *err;
	struct reader r = { .fd = -1 };

	err = reader_open(pid, &r);
	if (err)
		return err;
	err = maps_read(pid, &s.maps);
	if (!err) {
		s.n = s.cap = s.maps.n;
		s.items = calloc(s.n + 1, sizeof(*s.items));
		counts = calloc(s.n + 1, sizeof(*counts));
		err = s.items && counts ? fill(pid, &r, counts, &s)
					: hs_error_nomem();
	}
	reader_close(&r);
	if (err)
		smaps_release(&s);
	else
		*ret = s;
	return err;
}
