/**
 * @file helper_fd.h - descriptors in the table of the thread that runs our
 * calls.
 *
 * A thread may have a descriptor table of its own (unshare(2), clone(2) without
 * CLONE_FILES), and a helper thread shares that of the thread that created it.
 * A number in this table means another file, or none, in /proc/PID/fd and for
 * pidfd_getfd(2), which use the main thread's table.
 */
#ifndef MALLCTL_HELPER_FD_H
#define MALLCTL_HELPER_FD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/deadline.h"
#include "base/error.h"
#include "mallctl/mallctl.h"

/**
 * Opens the memfd named @name that its descriptor @fd is, for reading and
 * writing. *ret is the caller's. HS_ERROR_GONE when there is no such
 * descriptor, HS_ERROR_DENIED when it is another file, which is not opened
 * (proc/memfd.h): what a process holds may be anybody's.
 */
struct hs_error *helper_fd_open_memfd(const struct session *s, int64_t fd,
				      const char *name, int *ret) hs_must_check;

/** Its descriptor @fd is the file of our descriptor @ours; false also when
 *  unknown. */
bool helper_fd_is(const struct session *s, int64_t fd, int ours);

/** Its descriptor @fd is a memfd named @name. */
bool helper_fd_is_memfd(const struct session *s, int64_t fd, const char *name);

/**
 * Closes its descriptor @fd by @d if @is_ours(@arg) still holds at the entry of
 * the call, the last moment to ask: the service may have closed it, by
 * close_range(2), and use the number for a file of its own. *result: what
 * close(2) returned, -EBADF also when it was not ours any more.
 */
struct hs_error *helper_fd_close(struct session *s, int64_t fd,
				 bool (*is_ours)(const void *arg),
				 const void *arg, const struct deadline *d,
				 int64_t *result) hs_must_check;

#endif
