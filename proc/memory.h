/**
 * @file memory.h - copies memory from and to another process, all or nothing.
 *
 * process_vm_readv(2) needs the rights of PTRACE_MODE_ATTACH_REALCREDS, but the
 * target need not be stopped. Errors: HS_ERROR_GONE (ESRCH), HS_ERROR_DENIED
 * (EPERM), HS_ERROR_SYSTEM with the address otherwise, also when only a part
 * could be read.
 */
#ifndef PROC_MEMORY_H
#define PROC_MEMORY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/error.h"

/** Copies [addr, addr + len) of process or thread @pid to @buf. */
struct hs_error *memory_read(pid_t pid, uint64_t addr, void *buf,
			     size_t len) hs_must_check;

/** Bytes [addr, addr + len) and where they go to. */
struct memory_piece {
	uint64_t addr;
	void *buf; /* borrowed; of the reader */
	size_t len;
};

enum { MEMORY_PIECES = 8 };

/** Copies all of @pieces, at most MEMORY_PIECES, by one system call. */
struct hs_error *memory_read_pieces(pid_t pid,
				    const struct memory_piece *pieces,
				    size_t n) hs_must_check;

/**
 * Opens the memory of thread @tid of process @pid, for memory_get() and
 * memory_put(). It is that of the program which the thread runs at this moment:
 * that of another one, which takes the thread's number by execve(2), is never
 * reached by it. Who has to know which program that was looks at the thread
 * afterwards. *ret is the caller's to close(2).
 */
struct hs_error *memory_open(pid_t pid, pid_t tid, int *ret) hs_must_check;

/** Copies [addr, addr + len) of opened @memory to @buf. HS_ERROR_GONE: the
 *  program is gone. */
struct hs_error *memory_get(int memory, uint64_t addr, void *buf,
			    size_t len) hs_must_check;

/** Copies @buf to [addr, addr + len), through page protection: the caller knows
 *  that the process itself may write there. A failure may leave a part written.
 *  HS_ERROR_GONE as above. */
struct hs_error *memory_put(int memory, uint64_t addr, const void *buf,
			    size_t len) hs_must_check;

/** The NUL-terminated string at @addr, at most @max bytes without the NUL
 *  (longer: HS_ERROR_SYSTEM). *ret is the caller's, free(3). */
struct hs_error *memory_read_string(pid_t pid, uint64_t addr, size_t max,
				    char **ret) hs_must_check;

/** Something whose memory can be read by address: a process, or an image that
 *  is one's own. */
struct memory_source {
	/** Copies [addr, addr + len) to @buf; false: it is not all there. */
	bool (*read)(void *arg, uint64_t addr, void *buf, size_t len);
	void *arg;
};

#endif
