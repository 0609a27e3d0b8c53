/**
 * @file linux.h - what the kernel has and the headers of an older system don't:
 * those of Debian 11 are glibc 2.31's, and Linux 5.10's.
 *
 * It says nothing of the kernel that runs, which is asked by calling it.
 */
#ifndef BASE_LINUX_H
#define BASE_LINUX_H

#include <stdint.h>
#include <sys/ptrace.h>
#include <sys/syscall.h>

/* include/uapi/asm-generic/unistd.h: the same on all machines */
#ifndef SYS_close_range
#define SYS_close_range 436 /* since Linux 5.9 */
#endif
#ifndef SYS_openat2
#define SYS_openat2 437 /* since 5.6 */
#endif
#ifndef SYS_faccessat2
#define SYS_faccessat2 439 /* since 5.8 */
#endif
#ifndef SYS_epoll_pwait2
#define SYS_epoll_pwait2 441 /* since 5.11 */
#endif

/* include/uapi/linux/close_range.h */
#ifndef CLOSE_RANGE_CLOEXEC
#define CLOSE_RANGE_CLOEXEC (1U << 2) /* since 5.11 */
#endif

/* include/uapi/linux/ptrace.h */
#ifndef PTRACE_GET_RSEQ_CONFIGURATION
#define PTRACE_GET_RSEQ_CONFIGURATION 0x420f /* since 5.13 */
#endif

/** What PTRACE_GET_RSEQ_CONFIGURATION fills in. */
struct rseq_configuration {
	uint64_t pointer; /* to the thread's struct rseq; 0: none */
	uint32_t size;	  /* of that, in bytes */
	uint32_t signature;
	uint32_t flags;
	uint32_t pad;
};

#endif
