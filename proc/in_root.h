/**
 * @file in_root.h - opens files with a folder as "/": whatever links are on the
 * way, nothing outside of that folder is opened.
 */
#ifndef PROC_IN_ROOT_H
#define PROC_IN_ROOT_H

#include <sys/types.h>

/** Opens @path as openat2(2) does with RESOLVE_IN_ROOT, with the folder of
 *  descriptor @root as "/"; where the kernel has no such call (before Linux
 *  5.6), a filter of a container forbids it, or it gives up because files are
 *  renamed, by walk_in_root(). @flags, @mode as of open(2). -1 and errno. */
int open_in_root(int root, const char *path, int flags, mode_t mode);

/** The same without openat2(2): folder by folder, each link read and walked by
 *  itself. Three things differ: links of procfs are followed by neither, but
 *  here not even /proc/self (EXDEV); a path more than 64 folders deep is too
 *  long (ENAMETOOLONG); and a "/" at the end says nothing. */
int walk_in_root(int root, const char *path, int flags, mode_t mode);

#endif
