/**
 * @file locked_memory.h - asks the kernel whether new memory of a process would
 * be locked, after mlockall(MCL_FUTURE), and fail for RLIMIT_MEMLOCK.
 */
#ifndef ATTACH_LOCKED_MEMORY_H
#define ATTACH_LOCKED_MEMORY_H

#include <stdbool.h>
#include <stdint.h>

#include "attach/remote.h"
#include "attach/seccomp.h"
#include "base/error.h"

/**
 * Whether @bytes of new memory can be had; 0: not asked.
 * HS_ERROR_DENIED with errno EAGAIN when they would be locked and exceed
 * RLIMIT_MEMLOCK. From outside nobody can tell: VmLck and the flag "lo" of a
 * mapping are the same after mlock(2) of one region. So the thread of @r, in
 * whose process the question is, makes a call to mmap(2) that always fails and
 * maps nothing, but says which way. It is bare (frame.h).
 */
struct hs_error *locked_memory_check(struct remote *r, uint64_t bytes,
				     const struct seccomp_allows *allows,
				     const struct deadline *d) hs_must_check;

/** @err, which may be NULL, is that HS_ERROR_DENIED, wrapped or not. */
bool locked_memory_denied(const struct hs_error *err);

#endif
