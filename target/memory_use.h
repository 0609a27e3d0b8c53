/**
 * @file memory_use.h - what the memory of a process is used for, jemalloc's
 * told apart from other anonymous memory.
 *
 * jemalloc does not tell where its memory is, but exactly how much address
 * space it holds. A set of anonymous mappings that is larger by just as much
 * as some of them are is told apart by that; where no such answer is found, or
 * more than one, it stays open.
 */
#ifndef TARGET_MEMORY_USE_H
#define TARGET_MEMORY_USE_H

#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "proc/status.h"
#include "proc/usage.h"

enum memory_kind {
	MEMORY_STACK, /* as in enum usage_kind */
	MEMORY_CODE,
	MEMORY_FILE,
	MEMORY_SHARED,
	MEMORY_BRK,
	MEMORY_OTHER,
	MEMORY_JEMALLOC,  /* certainly */
	MEMORY_MMAP,	  /* anonymous, certainly not jemalloc's */
	MEMORY_UNDECIDED, /* either of the last two */
	MEMORY_KINDS,
};

/** Mappings of one kind and path. Bytes. */
struct memory_part {
	enum memory_kind kind;
	const char *path; /* of the usage; "" when there is none, or several */
	int64_t mappings;
	int64_t size, rss, swap;
};

struct memory {
	struct memory_part *items; /* owned; by kind, then largest first */
	size_t n, cap;
};

/** @owned: bytes of address space that jemalloc holds, -1: not known. Of each
 *  kind the few largest paths are listed, the others are one part. *ret borrows
 *  from @usage. memory_release(). Pure. */
struct hs_error *memory_make(const struct usage *usage, int64_t owned,
			     struct memory *ret) hs_must_check;

/** The same when the kernel was asked for sums alone (proc/status.h): what is
 *  anonymous stays undecided as a whole. */
struct hs_error *memory_make_coarse(const struct usage *usage,
				    const struct status *status,
				    struct memory *ret) hs_must_check;

void memory_release(struct memory *memory);

/** "stack", "code", "file", "shared", "brk", "other", "jemalloc", "mmap",
 *  "undecided". */
const char *memory_kind_name(enum memory_kind kind);

#endif
