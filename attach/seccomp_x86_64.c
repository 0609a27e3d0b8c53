/*
 * x86-64: the system calls of a run, as the C libraries issue them. Only calls
 * that the target makes, not our own. clock_gettime(2) and getcpu(2) are the
 * vdso's.
 */
#include "attach/seccomp.h"

#include <fcntl.h>
#include <linux/audit.h>
#include <sched.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/syscall.h>

enum {
	/* The flags of a thread: glibc sysdeps/unix/sysv/linux/createthread.c;
	 * musl's have CLONE_DETACHED, which does nothing, besides. */
	THREAD_FLAGS = CLONE_VM | CLONE_FS | CLONE_FILES | CLONE_SYSVSEM |
		       CLONE_SIGHAND | CLONE_THREAD | CLONE_SETTLS |
		       CLONE_PARENT_SETTID | CLONE_CHILD_CLEARTID,
	THREAD_MAYBE = 0x00400000,
	MAP_ALWAYS = MAP_PRIVATE | MAP_ANONYMOUS,
	MAP_MAYBE = MAP_STACK | MAP_NORESERVE | MAP_FIXED,
	DATA = PROT_READ | PROT_WRITE,
	NOEXEC_SEAL = 8, /* MFD_NOEXEC_SEAL, linux/memfd.h since 6.3 */
	ARG0 = 1 << 0,
	ARG1 = 1 << 1,
	ARG2 = 1 << 2,
	ARG3 = 1 << 3,
};

const uint32_t seccomp_arch = AUDIT_ARCH_X86_64;

#define ALWAYS SECCOMP_ALWAYS
#define HELPER SECCOMP_HELPER

const struct seccomp_need seccomp_needs[] = {
	/* What jemalloc does, on whichever thread. */
	{ "creat", SYS_creat, ALWAYS, false, ARG1, { [1] = { 0644, 0 } } },
	{ "open", SYS_open, SECCOMP_MUSL, false, 0, { { 0 } } },
	{ "openat", SYS_openat, ALWAYS, true, 0, { { 0 } } },
	{ "read", SYS_read, ALWAYS, true, 0, { { 0 } } },
	{ "write", SYS_write, ALWAYS, false, 0, { { 0 } } },
	{ "close", SYS_close, ALWAYS, false, 0, { { 0 } } },
	{ "getpid", SYS_getpid, ALWAYS, true, 0, { { 0 } } },
	{ "futex", SYS_futex, ALWAYS, false, 0, { { 0 } } },
	{ "mmap",
	  SYS_mmap,
	  ALWAYS,
	  false,
	  ARG2 | ARG3,
	  { [2] = { 0, DATA }, [3] = { MAP_ALWAYS, MAP_MAYBE } } },
	{ "munmap", SYS_munmap, ALWAYS, false, 0, { { 0 } } },
	{ "madvise", SYS_madvise, ALWAYS, true, 0, { { 0 } } },
	/* How a thread is restored. */
	{ "rt_sigreturn", SYS_rt_sigreturn, ALWAYS, false, 0, { { 0 } } },
	{ "restart_syscall", SYS_restart_syscall, ALWAYS, false, 0, { { 0 } } },
	/* pthread_create(3); rt_sigaction(2) with a process's first thread. */
	{ "rt_sigaction", SYS_rt_sigaction, HELPER, true, 0, { { 0 } } },
	{ "rt_sigprocmask", SYS_rt_sigprocmask, HELPER, false, 0, { { 0 } } },
	{ "mprotect", SYS_mprotect, HELPER, false, ARG2, { [2] = { 0, DATA } } },
	{ "clone3", SYS_clone3, SECCOMP_CLONE, false, 0, { { 0 } } },
	{ "clone",
	  SYS_clone,
	  HELPER,
	  false,
	  ARG0,
	  { { THREAD_FLAGS, THREAD_MAYBE } } },
	/* The thread's begin and end. libc retries a failed exit(2) for
	 * ever. */
	{ "set_robust_list", SYS_set_robust_list, HELPER, true, 0, { { 0 } } },
	{ "rseq", SYS_rseq, HELPER, true, 0, { { 0 } } },
	{ "prctl", SYS_prctl, HELPER, true, ARG0, { { PR_SET_NAME, 0 } } },
	{ "clock_nanosleep", SYS_clock_nanosleep, HELPER, true, 0, { { 0 } } },
	{ "nanosleep", SYS_nanosleep, SECCOMP_MUSL, true, 0, { { 0 } } },
	{ "exit", SYS_exit, HELPER, false, 0, { { 0 } } },
	/* How the dump gets out. */
	{ "memfd_create",
	  SYS_memfd_create,
	  SECCOMP_MEMFD,
	  false,
	  ARG1,
	  { [1] = { MFD_CLOEXEC, NOEXEC_SEAL | MFD_ALLOW_SEALING } } },
	{ "fcntl",
	  SYS_fcntl,
	  SECCOMP_DUP,
	  false,
	  ARG1,
	  { [1] = { F_DUPFD_CLOEXEC, 0 } } },
	{ "unlinkat", SYS_unlinkat, SECCOMP_UNLINK, false, 0, { { 0 } } },
	{ NULL, 0, 0, false, 0, { { 0 } } },
};
