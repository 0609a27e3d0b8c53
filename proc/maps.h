/**
 * @file maps.h - memory mappings, as /proc/PID/maps lists them.
 *
 * What the kernel writes is read strictly: addresses of a live process are read
 * and written by it. The maps in heap dumps, which others write in other ways
 * and which give no more than names, are read by heap/format/maps_line.h. A
 * line, proc(5):
 *
 *   7f3db68dd000-7f3db6a33000 r-xp 00026000 fe:00 332835   /usr/lib/libc.so.6
 */
#ifndef PROC_MAPS_H
#define PROC_MAPS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/error.h"

struct mapping {
	uint64_t start;	 /* first address */
	uint64_t end;	 /* exclusive; > start */
	uint64_t offset; /* of start in the file, bytes */
	uint64_t inode;	 /* 0: no file */
	uint32_t dev_major, dev_minor;
	bool read, write, exec, shared;
	bool deleted; /* the kernel put " (deleted)" behind the path */
	/* Anonymous memory in place of the code of path, which a reader of maps
	 * took it for: heap/format/read_maps.h. */
	bool moved;
	/* Path without " (deleted)", the kernel's "\012" for a newline undone;
	 * "[stack]" and the like for special ones; "" for anonymous memory.
	 * Never NULL; owned by the struct maps. */
	const char *path;
};

struct maps {
	struct mapping *items; /* owned; ascending, not overlapping */
	size_t n;
	size_t cap;
	char *text; /* owned; the paths point into it */
};

/**
 * Parses @text[0..len), whole lines in the form of proc(5).
 * @name and @line: the file's name and the number of its first line here, for
 * errors ("NAME:LINE: ..."). On success *ret is the caller's, maps_release().
 * Lines that overlap or are out of order are errors (HS_ERROR_INPUT).
 */
struct hs_error *maps_parse(const char *text, size_t len, const char *name,
			    size_t line, struct maps *ret) hs_must_check;

/** Sets the path to @s[0..len) as the kernel writes it, which is decoded in
 *  place and ended with a NUL, at the latest in @s[len]; @s is borrowed. */
void mapping_set_path(struct mapping *m, char *s, size_t len);

/** Reads and parses /proc/@pid/maps. HS_ERROR_GONE when there is no such
 *  process, HS_ERROR_DENIED without permission. */
struct hs_error *maps_read(pid_t pid, struct maps *ret) hs_must_check;

void maps_release(struct maps *maps);

/** The mapping that holds @addr, or NULL. Owned by @maps. */
const struct mapping *maps_find(const struct maps *maps, uint64_t addr);

/** It maps a file (not anonymous, not "[...]"). */
bool mapping_has_file(const struct mapping *m);

/** Both map one file: same device, inode and path. */
bool mapping_same_file(const struct mapping *a, const struct mapping *b);

#endif
