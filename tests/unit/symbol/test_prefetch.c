/* Files are read ahead to the end, or until that is not wanted any more. */
#include "symbol/prefetch.h"

#include <sys/resource.h>

#include "tests/unit/symbol_check.h"

enum { ASKED = 1000, ENOUGH = 10 };

static size_t seen;

static bool go_on(void *arg, size_t done)
{
	(void)arg;
	seen = done;
	return true;
}

static bool stop_soon(void *arg, size_t done)
{
	(void)arg;
	seen = done;
	return done < ENOUGH;
}

static void read_ahead(symbol_progress_fn *progress, bool gives_way)
{
	const struct symbolizer_options options = { .gives_way = gives_way };
	static const char path[] = "/proc/self/exe";
	static uint64_t offsets[ASKED];
	struct symbol_query query = { .offsets = offsets, .n = ASKED };
	struct symbolizer *s;
	size_t i;

	for (i = 0; i < ASKED; i++)
		offsets[i] = 16 * i;
	hs_ck_ok(symbolizer_create(&options, &s));
	hs_ck_ok(symbolizer_add(s, open_file(path), path, NULL, &query.module));
	seen = 0;
	symbolizer_prefetch(s, &query, 1, progress, NULL);
	symbolizer_destroy(s);
}

START_TEST(to_the_end)
{
	read_ahead(go_on, false);
	ck_assert_uint_eq(seen, ASKED);
}
END_TEST

START_TEST(until_it_is_enough)
{
	read_ahead(stop_soon, false);
	ck_assert_uint_eq(seen, ENOUGH);
}
END_TEST

/* The thread that asks could not go back. */
START_TEST(others_go_first)
{
	const int nice = getpriority(PRIO_PROCESS, 0);

	read_ahead(go_on, true);
	ck_assert_uint_eq(seen, ASKED);
	ck_assert_int_eq(getpriority(PRIO_PROCESS, 0), nice);
}
END_TEST

int main(void)
{
	return hs_check_run("symbol/prefetch", to_the_end, until_it_is_enough,
			    others_go_first);
}
