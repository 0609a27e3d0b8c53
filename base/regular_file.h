/**
 * @file regular_file.h - opens a file whose name is not the user's own word.
 *
 * A path in a dump, in an ELF file or in /proc may be that of a device, a FIFO
 * or a terminal, and to open one of these may wait for ever, start a watchdog,
 * or make a driver act. So the file is found first (O_PATH, open(2): it is not
 * opened), looked at through that descriptor, and opened through it too: what
 * lies at the path may be another file by then.
 */
#ifndef BASE_REGULAR_FILE_H
#define BASE_REGULAR_FILE_H

#include <stdbool.h>

/** Opens the regular file @path for reading. -1 and errno; EINVAL: it is
 *  another kind of file (regular_file_is()). */
int regular_file_open(const char *path);

/** Opens @found (O_PATH) for reading, by /proc/self/fd. -1 and errno, as
 *  above. */
int regular_file_reopen(int found);

/** Whether @fd is a regular file with something in it, on a file system that
 *  keeps it: those of the kernel's own that wait at open(2) or read(2), as
 *  /proc/kmsg does, say that they are regular and empty. */
bool regular_file_is(int fd);

#endif
