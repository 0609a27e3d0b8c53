/* Bytes in memory, and in a file: what is added is there, in one piece, and can
 * be changed and cut. */
#include "base/spool.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "tests/unit/hs_check.h"

/* The first @len of "0123456789012...". */
static void ck_digits(struct spool *sp, size_t len)
{
	char *text;
	size_t i;

	hs_ck_ok(spool_text(sp, &text));
	ck_assert_uint_eq(sp->len, len);
	for (i = 0; i < len; i++)
		ck_assert_int_eq(text[i], '0' + (int)(i % 10));
	ck_assert_int_eq(text[len], '\0');
}

/* With @most bytes of memory. */
static void fill_and_cut(size_t most, bool on_disk)
{
	struct spool sp = { .most_memory = most };
	char *text;
	int i;

	ck_digits(&sp, 0);
	for (i = 0; i < 10; i++)
		hs_ck_ok(spool_adds(&sp, "0123456789"));
	ck_assert_int_eq(sp.on_disk, on_disk);
	ck_digits(&sp, 100);
	spool_cut(&sp, 55);
	ck_digits(&sp, 55);
	hs_ck_ok(spool_adds(&sp, "56789"));
	ck_digits(&sp, 60);
	/* What is changed in place stays so. */
	hs_ck_ok(spool_text(&sp, &text));
	memmove(text, text + 10, 50);
	spool_cut(&sp, 50);
	hs_ck_ok(spool_add(&sp, "012", 3));
	ck_digits(&sp, 53);
	spool_release(&sp);
	ck_digits(&sp, 0);
	spool_release(&sp);
}

START_TEST(in_memory)
{
	fill_and_cut(0, false);
	fill_and_cut(100, false);
}
END_TEST

START_TEST(on_disk)
{
	fill_and_cut(99, true);
	fill_and_cut(1, true);
}
END_TEST

START_TEST(leaves_no_name)
{
	struct spool sp = { .most_memory = 1 };
	char dir[] = "/tmp/heapsnap-spool.XXXXXX";

	hs_ck_mkdtemp(dir);
	setenv("TMPDIR", dir, 1);
	hs_ck_ok(spool_adds(&sp, "0123"));
	ck_assert(sp.on_disk);
	ck_assert_int_eq(rmdir(dir), 0);
	ck_digits(&sp, 4);
	spool_release(&sp);
}
END_TEST

int main(void)
{
	return hs_check_run("base/spool", in_memory, on_disk, leaves_no_name);
}
