/**
 * @file usage.h - classifies the mappings of a process by what the kernel knows
 * of their use.
 */
#ifndef PROC_USAGE_H
#define PROC_USAGE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/error.h"
#include "proc/pss.h"
#include "proc/smaps.h"

enum usage_kind {
	USAGE_STACK, /* of threads, also of ended ones whose stack libc keeps */
	USAGE_CODE,  /* the program and its libraries, their data and bss */
	USAGE_FILE,  /* other files that are mapped */
	USAGE_SHARED, /* shared memory: shm_open(3), memfd_create(2), shmget(2),
			 MAP_SHARED of no file, devices */
	USAGE_BRK,    /* "[heap]", brk(2) */
	USAGE_OTHER,  /* anonymous, named or code: not an allocator's */
	USAGE_ANON,   /* anonymous: an allocator's, or from mmap(2) */
};

/** What the mapping maps.items[i] is. */
struct usage {
	struct smaps smaps;
	enum usage_kind *kinds; /* owned; smaps.n */
	/* Its share in what it has together with others; NULL: not asked for,
	 * or not known. Owned. */
	struct pss *pss;
};

/** Classifies the mappings of @smaps, which is taken also on failure.
 *  @sp[0..n): stack pointers of threads. Release with usage_release(). Pure. */
struct hs_error *usage_make(struct smaps *smaps, const uint64_t *sp, size_t n,
			    struct usage *ret) hs_must_check;

/** Reads and classifies the mappings of process @pid. Needs the rights of
 *  ptrace(2)'s PTRACE_MODE_ATTACH_FSCREDS for the stacks. @walk false: lists
 *  the mappings only, without the bytes in memory. */
struct hs_error *usage_read(pid_t pid, bool walk,
			    struct usage *ret) hs_must_check;

/** Reads @usage->pss of process @pid; stays NULL where the kernel does not
 *  say. */
struct hs_error *usage_read_pss(pid_t pid, struct usage *usage) hs_must_check;

void usage_release(struct usage *usage);

#endif
