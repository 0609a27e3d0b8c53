/* What the fuzzer found worth keeping, and real dumps, once more: its target
 * must not abort (tests/fuzz/fuzz_heap_read.c says what it checks). */
#include "tests/fuzz/fuzz_heap_read.c"

#include <glob.h>
#include <stdio.h>

/* The Makefile links what is included here. */
#include "heap/read.h"
#include "tests/unit/hs_check.h"

static void replay(const char *path)
{
	/* As much as the file has, so that a sanitizer sees its end. */
	FILE *f = fopen(path, "rb");
	uint8_t *data;
	long size;

	if (!f || fseek(f, 0, SEEK_END) || (size = ftell(f)) < 0)
		ck_abort_msg("cannot read %s", path);
	rewind(f);
	data = malloc((size_t)size);
	ck_assert_uint_eq(fread(data, 1, (size_t)size, f), size);
	fclose(f);
	LLVMFuzzerTestOneInput(data, (size_t)size);
	free(data);
}

static void replay_all(const char *pattern)
{
	glob_t files;
	size_t i;

	ck_assert_int_eq(glob(pattern, 0, NULL, &files), 0);
	for (i = 0; i < files.gl_pathc; i++)
		replay(files.gl_pathv[i]);
	globfree(&files);
}

START_TEST(corpus)
{
	replay_all("tests/fuzz/corpus/heap_read/*");
}
END_TEST

START_TEST(real_dumps)
{
	replay_all("tests/data/*.heap");
}
END_TEST

int main(void)
{
	return hs_check_run("fuzz/heap_read", corpus, real_dumps);
}
