/**
 * @file helper_fd.h - descriptors as the thread has them that calls run on.
 *
 * A thread may have a table of descriptors of its own (unshare(2), clone(2)
 * without CLONE_FILES), and its helper thread shares that one: a number of it
 * means another file, or none, in /proc/PID/fd and for pidfd_getfd(2), which
 * are the main thread's.
 */
#ifndef MALLCTL_HELPER_FD_H
#define MALLCTL_HELPER_FD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "mallctl/mallctl.h"

enum { HELPER_FD_PATH = 80 };

/** Its folder of descriptors in /proc. */
void helper_fd_folder(const struct session *s, char ret[HELPER_FD_PATH]);

/** Opens the file of its descriptor @fd anew, for reading and writing. *ret is
 *  the caller's. HS_ERROR_GONE when there is none. */
struct hs_error *helper_fd_open(const struct session *s, int64_t fd,
				int *ret) hs_must_check;

/** Its descriptor @fd is the file of our descriptor @ours; false also when that
 *  cannot be told. */
bool helper_fd_is(const struct session *s, int64_t fd, int ours);

/** Its descriptor @fd is a memfd of the name @name. */
bool helper_fd_is_memfd(const struct session *s, int64_t fd, const char *name);

#endif
