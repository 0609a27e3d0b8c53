/**
 * @file headroom.h - whether a process has the memory for a snapshot.
 */
#ifndef TARGET_HEADROOM_H
#define TARGET_HEADROOM_H

#include "base/error.h"
#include "proc/identity.h"

/** Bytes that a snapshot may make resident: a stack that glibc keeps, an arena
 *  of jemalloc's for the helper thread, and what is not yet drained of the dump
 * (under a megabyte in all, measured). */
enum { HEADROOM_MEMORY = 2 << 20 };

/** HS_ERROR_DENIED when process @id's control group leaves it less than that:
 *  the kernel would kill it, or another one of the group. */
struct hs_error *headroom_for_memory(const struct identity *id) hs_must_check;

/** Bytes of addresses that a snapshot may take: the helper thread's stack and
 * jemalloc's arena for it, of which most is never touched. jemalloc maps twice
 * what it wants to align (4 MiB in 5.x, 8 MiB in 4.x), and one that cannot make
 * the data of a new thread may crash (5.3.0 does). */
enum { HEADROOM_ADDRESSES = 16 << 20 };

/** HS_ERROR_DENIED when RLIMIT_AS, RLIMIT_DATA, RLIMIT_MEMLOCK or the machine
 *  itself (vm.overcommit_memory = 2) leaves it less than that. */
struct hs_error *
headroom_for_addresses(const struct identity *id) hs_must_check;

#endif
