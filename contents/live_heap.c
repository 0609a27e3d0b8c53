#include "contents/live_heap.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/str.h"
#include "target/heap_use.h"
#include "target/jemalloc_files.h"

/* --- which jemalloc -------------------------------------------------------- */

bool live_heap_may_be(const struct mapping *m)
{
	return m->read && m->write && !m->shared && !mapping_has_file(m) &&
	       (!m->path[0] || str_equal(m->path, "[heap]") ||
		str_starts_with(m->path, "[anon:"));
}

struct hs_error *live_heap_memory(const struct maps *maps,
				  struct heap_ranges *ret)
{
	struct hs_error *err = NULL;
	size_t i;

	for (i = 0; i < maps->n && !err; i++) {
		const struct mapping *m = &maps->items[i];

		if (live_heap_may_be(m))
			err = heap_ranges_add(ret, m->start, m->end);
	}
	return err;
}

/* A signal ends all that reads. */
static bool read_on(void *arg, uint64_t addr, void *buf, size_t len)
{
	struct live_heap *h = arg;
	const struct memory_source memory = passive_memory_source(&h->memory);

	if (h->deadline.stop && *h->deadline.stop)
		return false;
	return memory.read(memory.arg, addr, buf, len);
}

static struct hs_error *try_file(struct live_heap *h,
				 const struct loaded_file *file, bool *found)
{
	hs_cleanup(heap_ranges_release) struct heap_ranges data = { 0 };
	const struct memory_source memory = { read_on, h };
	struct hs_error *err;

	*found = false;
	err = heap_use_data(&h->maps, file->first, &data);
	if (!err)
		err = heap_tree_find(&memory, &data, &h->memory_of_heap,
				     &h->tree, found);
	if (*found)
		h->file = file;
	return err;
}

/* The main program may have one whose names were stripped. */
static struct hs_error *try_program(struct live_heap *h, bool *found)
{
	struct hs_error *err = NULL;
	size_t i;

	for (i = 0; i < h->files.n && !err && !*found; i++)
		if (h->files.items[i].main_program)
			err = try_file(h, &h->files.items[i], found);
	return err;
}

/* Takes the first one whose records can be read. */
static struct hs_error *try_jemallocs(struct live_heap *h, bool *found)
{
	const struct loaded_file *last = NULL;
	struct hs_error *err = NULL;
	size_t i;

	for (i = 0; i < h->jemallocs.n_all && !err; i++) {
		const struct loaded_file *file = h->jemallocs.items[i].file;

		if (!file || file == last)
			continue;
		last = file;
		if (*found)
			h->others++;
		else
			err = try_file(h, file, found);
	}
	return err;
}

/* --- refusals -------------------------------------------------------------- */

static struct hs_error *no_jemalloc(const struct live_heap *h)
{
	if (h->files.problems)
		return hs_error_new(
			HS_ERROR_UNPROFILED,
			"it has no jemalloc in the files that could be read; %s",
			hs_error_message(h->files.problems));
	return hs_error_hint(
		hs_error_new(HS_ERROR_UNPROFILED,
			     "it has no jemalloc whose records can be read: "
			     "none of its files has a symbol that ends in "
			     "'mallctl', and its program has none without "
			     "symbols"),
		"link it with jemalloc 5.1 or later, or start it with "
		"LD_PRELOAD=libjemalloc.so.2");
}

/* "5.0.1" of "5.0.1-0-g896ed3a8b3f41998d4fb4d625d30ac63ef2d51fb"; "" when it is
 * not known. */
static void find_version(const struct live_heap *h,
			 const struct loaded_file *file, char *ret, size_t size)
{
	hs_cleanup(jemalloc_files_release) struct jemalloc_files files = { 0 };
	const struct jemalloc_file *found = NULL;
	struct hs_error *err;

	ret[0] = '\0';
	err = jemalloc_files_get(&files, h->id->pid, file->first, &found);
	if (!err && found->version)
		snprintf(ret, size, "%.*s", (int)strcspn(found->version, "-"),
			 found->version);
	hs_error_free(err);
}

static bool is_before_5_1(const char *version)
{
	unsigned major = 0, minor = 0;

	if (sscanf(version, "%u.%u", &major, &minor) != 2)
		return false;
	return major < 5 || (major == 5 && minor < 1);
}

static struct hs_error *other_layout(const struct live_heap *h)
{
	const struct loaded_file *file = h->jemallocs.items[0].file;
	char version[32] = "";
	struct hs_error *err;

	if (file)
		find_version(h, file, version, sizeof(version));
	if (is_before_5_1(version))
		err = hs_error_new(HS_ERROR_UNPROFILED,
				   "its jemalloc is %s: the records of what it "
				   "has in use can be read of 5.1 and later",
				   version);
	else
		err = hs_error_new(HS_ERROR_UNPROFILED,
				   "the records of its jemalloc%s%s are laid "
				   "out in a way that is not known, or it has "
				   "hardly anything in use",
				   version[0] ? " " : "", version);
	return hs_error_hint(err,
			     "'heapsnap stats -p %d' asks jemalloc itself, for "
			     "size classes",
			     (int)h->id->pid);
}

/* --- the heap -------------------------------------------------------------- */

static struct hs_error *find_tree(struct live_heap *h)
{
	struct hs_error *err;
	bool found = false;

	err = try_jemallocs(h, &found);
	if (!err && !h->jemallocs.n_all)
		err = try_program(h, &found);
	if (!err)
		err = deadline_check(&h->deadline);
	if (!err && !found)
		err = h->jemallocs.n_all ? other_layout(h) : no_jemalloc(h);
	return err;
}

struct hs_error *live_heap_open(const struct identity *id, uint64_t rate,
				const struct deadline *d, struct live_heap *ret)
{
	struct live_heap *h = ret;
	struct hs_error *err;

	*h = (struct live_heap){
		.id = id,
		.deadline = *d,
		.memory.pagemap = -1,
	};
	err = maps_read(id->pid, &h->maps);
	if (!err)
		err = passive_memory_open(id->pid, &h->maps, rate, &h->memory);
	if (!err)
		err = loaded_files_open(id, &h->maps, &h->deadline, &h->files);
	if (!err)
		err = jemallocs_find(&h->files, &h->jemallocs);
	if (!err)
		err = loaded_files_check(&h->files);
	if (!err)
		err = live_heap_memory(&h->maps, &h->memory_of_heap);
	if (!err)
		err = find_tree(h);
	/* What is looked up later is in files that are known. */
	h->deadline.at = INT64_MAX;
	return identity_explain_end(id, err);
}

void live_heap_close(struct live_heap *h)
{
	passive_memory_close(&h->memory);
	heap_ranges_release(&h->memory_of_heap);
	jemallocs_release(&h->jemallocs);
	loaded_files_release(&h->files);
	maps_release(&h->maps);
}

static struct hs_error *too_many(size_t slabs, uint64_t most)
{
	return hs_error_hint(
		hs_error_new(HS_ERROR_SYSTEM,
			     "its heap has more than %zu slabs: to know them "
			     "all takes more than the %" PRIu64
			     " MiB of memory that are left for it",
			     slabs, most >> 20),
		"--max-memory allows more");
}

struct hs_error *live_heap_read(struct live_heap *h, uint64_t most,
				struct heap_regions *ret,
				struct thread_caches *caches)
{
	struct hs_error *err;
	bool whole;

	err = heap_regions_read(&h->tree, &h->memory_of_heap,
				(size_t)(most / sizeof(struct heap_slab)), ret,
				&whole);
	if (!err && !whole)
		err = too_many(ret->n, most);
	if (!err)
		err = thread_caches_take(&h->tree, &h->memory_of_heap, ret,
					 caches);
	if (!err)
		err = deadline_check(&h->deadline);
	if (err && hs_error_code(err) == HS_ERROR_NOT_FOUND)
		err = hs_error_recode(err, HS_ERROR_UNPROFILED);
	return identity_explain_end(h->id, err);
}
