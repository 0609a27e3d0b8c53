/**
 * @file fuzz.h - what fuzz targets share.
 */
#ifndef TESTS_FUZZ_FUZZ_H
#define TESTS_FUZZ_FUZZ_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

/** The target: libFuzzer calls it with each input, and fuzz_replay.h with those
 *  that are kept. 0. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/** Fails the input when it is not so, whatever the build: no assert(3). */
static inline void must(bool condition)
{
	if (!condition)
		abort();
}

/** A file with that content, read and written at its end; close(2). */
static inline int file_of(const uint8_t *data, size_t size)
{
	int fd = memfd_create("fuzz", MFD_CLOEXEC);

	must(fd >= 0);
	must(write(fd, data, size) == (ssize_t)size);
	return fd;
}

#endif
