/**
 * @file file.h - opens files as the target sees them, and reads /proc files.
 */
#ifndef PROC_FILE_H
#define PROC_FILE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/stat.h>
#include <sys/types.h>

#include "base/error.h"

/** Opens @path with the root of process @pid as "/" (proc/in_root.h). @flags,
 * @mode as of open(2). *ret is the caller's, close(2). */
struct hs_error *file_open_in_root(pid_t pid, const char *path, int flags,
				   mode_t mode, int *ret) hs_must_check;

/** Opens the regular file @path for reading, with the folder @root as "/": no
 *  symbolic link leads out of it. -1 and errno on failure. */
int file_open_below(const char *root, const char *path);

/** The path of @fd with the folder @root as "/", where links really lead: at
 *  @ret, PATH_MAX bytes. false: it is not below @root. */
bool file_path_below(const char *root, int fd, char *ret);

/** file_open_below() with the root of process @pid as "/". */
int file_open_as_target(pid_t pid, const char *path);

/** Reads all of @path (a /proc file, whose size is not known before) to *ret,
 *  NUL-terminated, *len_ret bytes without the NUL; free(3). ENOENT and ESRCH
 *  are HS_ERROR_GONE, EACCES and EPERM HS_ERROR_DENIED. */
struct hs_error *file_read_proc(const char *path, char **ret,
				size_t *len_ret) hs_must_check;

/** The same text, without its length; NULL: it cannot be read. free(3). */
char *file_read_or_none(const char *path);

/* The building blocks for opening files of other processes. */

/** Finds @path from @dirfd on: an O_PATH descriptor, for
 *  regular_file_reopen(). -1 and errno. */
int file_find(int dirfd, const char *path);

/** The same with the folder @root as "/" (proc/in_root.h). */
int file_find_in_root(int root, const char *path);

/** Finds the file @name of folder @dirfd; ELOOP: it is a symbolic link. */
int file_find_no_link(int dirfd, const char *name);

/** Finds the root folder of process @pid. -1 and errno. */
int file_open_root(pid_t pid);

/** Looks at the file of @path from @dirfd on, "": at that of @dirfd. It asks
 *  nobody who could keep us waiting, as the server of a network's file system
 *  or of one in user space: what the kernel knows has to do. */
bool file_look(int dirfd, const char *path, struct statx *ret);

#endif
