/**
 * @file memfd.h - tells a memfd from all other files that a process may hold.
 *
 * What a link in /proc/PID/fd reads as proves nothing: in a mount namespace of
 * its own a process can give any file that it sees the path "/memfd:NAME
 * (deleted)", and another thread can put another file behind the number at any
 * moment. So the file is found first (O_PATH: not opened, nothing of it is
 * read), then looked at through our own descriptor, and only what is proved is
 * opened, through that same descriptor.
 */
#ifndef PROC_MEMFD_H
#define PROC_MEMFD_H

/**
 * Finds the file of the link @path from @dirfd on, of /proc/PID/task/TID/fd: an
 * O_PATH descriptor of it when it is a memfd named @name. -1 and errno; EBADF:
 * it is another file. Memfds are on a file system of the kernel's own, whose
 * device number those that we make have, and where none has another name or a
 * link.
 */
int memfd_find(int dirfd, const char *path, const char *name);

/** Opens what memfd_find() found, for reading and writing. -1 and errno. */
int memfd_open(int found);

#endif
