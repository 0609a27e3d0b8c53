/**
 * @file headroom.h - whether a process has the memory for a snapshot.
 */
#ifndef TARGET_HEADROOM_H
#define TARGET_HEADROOM_H

#include <stdint.h>

#include "base/error.h"
#include "proc/identity.h"

/** Bytes that a snapshot may make resident: a stack that glibc caches, a
 *  jemalloc arena for the helper thread, and, where heapsnap cannot make its
 *  pages, the part of the dump that is not yet drained (under a megabyte in
 *  all, measured). */
enum { HEADROOM_MEMORY = 2 << 20 };

/** HS_ERROR_DENIED when process @id's control group leaves it less than that:
 *  the kernel would kill it, or another process of the group. */
struct hs_error *headroom_for_memory(const struct identity *id) hs_must_check;

/** Bytes of address space that a snapshot may take: the helper thread's stack
 *  and jemalloc's arena for it, of which most is never touched. jemalloc maps
 *  twice the size that it aligns (4 MiB in 5.x, 8 MiB in 4.x), and may crash
 *  when it cannot allocate the data of a new thread (5.3.0 does). */
enum { HEADROOM_ADDRESSES = 16 << 20 };

/** HS_ERROR_DENIED when RLIMIT_AS, RLIMIT_DATA or the machine itself
 *  (vm.overcommit_memory = 2) leaves it less than that. */
struct hs_error *
headroom_for_addresses(const struct identity *id) hs_must_check;

/** *left: the bytes of RLIMIT_MEMLOCK that it has not locked yet; UINT64_MAX
 *  when it has locked none, or may lock what it likes. Whether a snapshot needs
 *  any of them, only the kernel knows (attach/locked_memory.h). */
struct hs_error *headroom_locked(const struct identity *id,
				 uint64_t *left) hs_must_check;

/** HS_ERROR_DENIED: new memory is locked, and only @left bytes may be. */
struct hs_error *headroom_locked_error(uint64_t left) hs_must_check;

#endif
