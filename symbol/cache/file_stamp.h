/**
 * @file file_stamp.h - whether a file is the one that it was, with the content
 * that it had.
 */
#ifndef SYMBOL_CACHE_FILE_STAMP_H
#define SYMBOL_CACHE_FILE_STAMP_H

#include <stdbool.h>
#include <stdint.h>
#include <string.h>

enum { FILE_STAMP_WORDS = 8 };

/** 1, device, inode, size, and when content and inode were changed last, in
 *  seconds and nanoseconds; all 0: there was no file. The last of these nobody
 *  can set (utimensat(2) cannot). */
struct file_stamp {
	uint64_t words[FILE_STAMP_WORDS];
};

static inline bool file_stamp_equal(const struct file_stamp *a,
				    const struct file_stamp *b)
{
	return !memcmp(a, b, sizeof(*a));
}

struct stat;
struct file_stamp file_stamp_of(const struct stat *st);

/** Of the open file @fd; -1: of none. */
struct file_stamp file_stamp_read(int fd);

#endif
