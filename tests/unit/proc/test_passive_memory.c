/* Memory is read without a trace: pages that are not there stay so and read as
 * zeros, or are not there; shared memory is not read at all; and no faster than
 * was asked. The process is our own. */
#include "proc/passive_memory.h"

#include <sys/mman.h>
#include <unistd.h>

#include "base/deadline.h"
#include "tests/unit/hs_check.h"

enum { PAGES = 600, EVERY = 7 };

static size_t page;

static char *map(int flags)
{
	char *at = mmap(NULL, PAGES * page, PROT_READ | PROT_WRITE,
			flags | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);

	ck_assert(at != MAP_FAILED);
	ck_assert_int_eq(madvise(at, PAGES * page, MADV_NOHUGEPAGE), 0);
	return at;
}

static void open_own(uint64_t rate, struct maps *maps,
		     struct passive_memory *ret)
{
	hs_ck_ok(maps_read(getpid(), maps));
	hs_ck_ok(passive_memory_open(getpid(), maps, rate, ret));
}

/* Whether page @i from @at on is in memory, by the kernel's word. */
static bool is_there(const char *at, size_t i)
{
	unsigned char there;

	ck_assert_int_eq(mincore((void *)(at + i * page), page, &there), 0);
	return there & 1;
}

static bool read_at(struct memory_source from, const char *at, char *to,
		    size_t len)
{
	return from.read(from.arg, (uintptr_t)at, to, len);
}

START_TEST(leaves_untouched)
{
	struct passive_memory m;
	struct maps maps;
	char *at, *copy;
	size_t i;

	page = (size_t)sysconf(_SC_PAGESIZE);
	at = map(MAP_PRIVATE);
	copy = malloc(PAGES * page);
	memset(copy, 1, PAGES * page);
	for (i = 0; i < PAGES; i += EVERY)
		memset(at + i * page, (int)(i % 100 + 1), page);
	open_own(0, &maps, &m);
	/* Begins and ends within a page. */
	ck_assert(read_at(passive_memory_source(&m), at + 100, copy + 100,
			  PAGES * page - 200));
	for (i = 0; i < PAGES; i++) {
		const char want = i % EVERY ? 0 : (char)(i % 100 + 1);

		ck_assert_int_eq(copy[i * page + 100], want);
		ck_assert_int_eq(copy[(i + 1) * page - 101], want);
		ck_assert_int_eq(is_there(at, i), i % EVERY == 0);
	}
	ck_assert_uint_eq(m.untouched, PAGES - (PAGES + EVERY - 1) / EVERY);
	ck_assert_uint_eq(m.swapped, 0);
	ck_assert(read_at(passive_memory_present(&m), at, copy, page));
	ck_assert(!read_at(passive_memory_present(&m), at, copy, page + 1));
	passive_memory_close(&m);
	maps_release(&maps);
	free(copy);
}
END_TEST

START_TEST(leaves_shared)
{
	struct passive_memory m;
	char *shared, to[8];
	struct maps maps;

	page = (size_t)sysconf(_SC_PAGESIZE);
	shared = map(MAP_SHARED);
	memset(shared, 1, page);
	open_own(0, &maps, &m);
	ck_assert(!read_at(passive_memory_source(&m), shared, to, sizeof(to)));
	ck_assert(!read_at(passive_memory_source(&m), NULL, to, sizeof(to)));
	ck_assert(!read_at(passive_memory_source(&m), (char *)UINTPTR_MAX - 3,
			   to, sizeof(to)));
	ck_assert_uint_eq(m.bytes, 0);
	passive_memory_close(&m);
	maps_release(&maps);
}
END_TEST

/* 2.3 MiB at 20 MiB a second, the last piece apart. */
START_TEST(keeps_the_rate)
{
	struct passive_memory m;
	struct maps maps;
	char *at, *copy;
	int64_t began;

	page = (size_t)sysconf(_SC_PAGESIZE);
	at = map(MAP_PRIVATE);
	memset(at, 1, PAGES * page);
	copy = malloc(PAGES * page);
	began = clock_us();
	open_own(20 << 20, &maps, &m);
	ck_assert(read_at(passive_memory_source(&m), at, copy, PAGES * page));
	ck_assert_uint_eq(m.bytes, PAGES * page);
	ck_assert_int_ge(clock_us() - began, 100000);
	passive_memory_close(&m);
	maps_release(&maps);
	free(copy);
}
END_TEST

START_TEST(nobody)
{
	struct passive_memory m;
	const struct maps maps = { 0 };

	hs_ck_err(passive_memory_open(0x7ffffff0, &maps, 0, &m), HS_ERROR_GONE,
		  "cannot open '/proc/2147483632/pagemap': No such file or "
		  "directory");
	passive_memory_close(&m);
}
END_TEST

int main(void)
{
	return hs_check_run("proc/passive_memory", leaves_untouched,
			    leaves_shared, keeps_the_rate, nobody);
}
