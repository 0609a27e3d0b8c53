/**
 * @file fuzz_replay.h - runs a fuzz target over files that are kept.
 */
#ifndef TESTS_UNIT_FUZZ_REPLAY_H
#define TESTS_UNIT_FUZZ_REPLAY_H

#include <glob.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/fuzz/fuzz.h"
#include "tests/unit/hs_check.h"

static inline void fuzz_replay_file(const char *path)
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

/** What a damaged file may cost. */
#define FUZZ_MEMORY_MAX (UINT64_C(2) << 30)

/** The most memory that the process has had so far. Not addresses: a file that
 *  has holes is mapped as large as it says it is. */
static inline void fuzz_replay_check_peak(void)
{
	static const char field[] = "VmHWM:";
	FILE *f = fopen("/proc/self/status", "r");
	uint64_t kib = 0;
	char line[256];

	ck_assert_ptr_nonnull(f);
	while (fgets(line, sizeof(line), f))
		if (!strncmp(line, field, strlen(field)))
			kib = strtoull(line + strlen(field), NULL, 10);
	fclose(f);
	ck_assert_uint_gt(kib, 0);
	ck_assert_uint_lt(kib * 1024, FUZZ_MEMORY_MAX);
}

/** All files that @pattern names; there must be one. They must not cost more
 *  than FUZZ_MEMORY_MAX. */
static inline void fuzz_replay_all(const char *pattern)
{
	glob_t files;
	size_t i;

	ck_assert_int_eq(glob(pattern, 0, NULL, &files), 0);
	for (i = 0; i < files.gl_pathc; i++)
		fuzz_replay_file(files.gl_pathv[i]);
	fuzz_replay_check_peak();
	globfree(&files);
}

#endif
