/**
 * @file seccomp.h - reads the seccomp filters of a thread, and judges what they
 * allow.
 *
 * A filter may end the process for a system call that it does not expect. So we
 * read the filters of a thread before we do anything in it, and compute their
 * answer to each system call that a run makes, with the arguments that are
 * known beforehand. Each thread has its own filters, and inherits those of the
 * thread that creates it.
 */
#ifndef ATTACH_SECCOMP_H
#define ATTACH_SECCOMP_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#include "attach/arch.h"
#include "attach/bpf.h"
#include "base/error.h"

struct seccomp_filter {
	struct sock_filter *code; /* owned */
	size_t n;
};

struct seccomp_filters {
	struct seccomp_filter *items; /* owned */
	size_t n, cap;
};

/**
 * Reads the filters of thread @tid, which is stopped by us; none is fine.
 * HS_ERROR_DENIED with a hint when this is not permitted: it takes
 * CAP_SYS_ADMIN, a kernel with CONFIG_CHECKPOINT_RESTORE and that we have no
 * filter ourselves (PTRACE_SECCOMP_GET_FILTER, ptrace(2)).
 * seccomp_filters_release().
 */
struct hs_error *
seccomp_filters_read(pid_t tid, struct seccomp_filters *ret) hs_must_check;

/** Thread @tid of process @pid, which is stopped by us with @regs, has no
 * filters and is not in strict mode. False when this cannot be told. */
bool seccomp_is_off(pid_t pid, pid_t tid, const struct arch_regs *regs);

void seccomp_filters_release(struct seccomp_filters *filters);

bool seccomp_filters_equal(const struct seccomp_filters *a,
			   const struct seccomp_filters *b);

/** What a run may do in a thread besides the calls that it always needs. */
struct seccomp_allows {
	bool helper; /* create a thread, which ends by itself */
	bool memfd;  /* memfd_create(2) */
	bool dup;    /* fcntl(2) with F_DUPFD_CLOEXEC */
	bool unlink; /* unlinkat(2) */
	bool others; /* calls that are not in seccomp_needs */
};

/** Everything is allowed: no filters. */
extern const struct seccomp_allows seccomp_allows_all;

/**
 * Asks @filters about all system calls of a run. @musl: the C library is musl,
 * or may be. HS_ERROR_DENIED naming the first system call that a run needs and
 * that they do not allow. *ret: what is allowed of the calls that only some
 * runs need.
 */
struct hs_error *seccomp_judge(const struct seccomp_filters *filters, bool musl,
			       struct seccomp_allows *ret) hs_must_check;

/** Whether system call @number may be issued in a thread with @allows. */
bool seccomp_may(const struct seccomp_allows *allows, int64_t number);

/** An interrupted wait may continue by restart_syscall(2). */
bool seccomp_lets_resume(const struct seccomp_filters *filters);

/** What a system call is for. */
enum seccomp_use {
	SECCOMP_ALWAYS,
	SECCOMP_MUSL,	/* only musl issues it */
	SECCOMP_HELPER, /* to create a thread and end it */
	SECCOMP_CLONE,	/* the same; ENOSYS makes libc take the older call */
	SECCOMP_MEMFD,
	SECCOMP_DUP,
	SECCOMP_UNLINK,
};

/** An argument: bits in @unknown may be anything (they are 0 in @value). */
struct seccomp_arg {
	uint64_t value, unknown;
};

/** One system call of a run. */
struct seccomp_need {
	const char *name;
	uint32_t number;
	enum seccomp_use use;
	bool error_ok; /* nothing is lost when it fails */
	/* Bit n: args[n] is known; other arguments may be anything. */
	unsigned known;
	struct seccomp_arg args[6];
};

/** The system calls of a run on this machine; ends with a row whose name is
 *  NULL. */
extern const struct seccomp_need seccomp_needs[];

/** AUDIT_ARCH_... of this machine, audit.h. */
extern const uint32_t seccomp_arch;

#endif
