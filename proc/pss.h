/**
 * @file pss.h - the share of a process in the memory that it has together with
 * others: /proc/PID/smaps_rollup, proc(5).
 *
 * The kernel walks all memory for it, but lets a mmap(2) of the process go
 * first while it does (fs/proc/task_mmu.c, show_smaps_rollup, since Linux 5.9).
 */
#ifndef PROC_PSS_H
#define PROC_PSS_H

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/error.h"

/** Bytes; memory of n processes is counted as an nth of it. */
struct pss {
	uint64_t anon, file, shmem; /* together all */
};

/** Parses the text of smaps_rollup. HS_ERROR_INPUT where the kernel, before
 *  5.4, has only the sum. @name is for errors. Pure. */
struct hs_error *pss_parse(const char *text, size_t len, const char *name,
			   struct pss *ret) hs_must_check;

/** Reads that of process @pid. HS_ERROR_GONE, HS_ERROR_DENIED; another error
 *  where the kernel has none. */
struct hs_error *pss_read(pid_t pid, struct pss *ret) hs_must_check;

#endif
