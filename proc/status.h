/**
 * @file status.h - /proc/PID/status of a process or of one of its threads.
 */
#ifndef PROC_STATUS_H
#define PROC_STATUS_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/error.h"

struct status {
	char name[64];	 /* comm, decoded */
	char state;	 /* R S D T t Z X I, proc(5) */
	pid_t tgid;	 /* the process the thread belongs to */
	pid_t pid;	 /* the thread */
	pid_t inner_pid; /* in its innermost pid namespace; 0: unknown */
	pid_t ppid;
	pid_t tracer;		/* thread id of the tracer, 0: not traced */
	uid_t uid, euid, fsuid; /* real, effective, filesystem */
	gid_t gid, egid, fsgid;
	unsigned threads;	     /* of the whole process */
	uint64_t sig_pending;	     /* SigPnd: bit n-1 is signal n */
	uint64_t sig_shared_pending; /* ShdPnd */
	uint64_t sig_blocked, sig_ignored, sig_caught;
	uint64_t cap_effective; /* CapEff: bit n is capability n;
				   0 if unknown */
	int seccomp;		/* 0 none, 1 strict, 2 filter; 0 if unknown */
	unsigned filters;	/* of seccomp; 0 if unknown */
	bool shadow_stack;	/* x86_Thread_features says shstk */
	bool kernel_thread;	/* no user memory: there is no VmSize */
	uint64_t vm_size;	/* bytes of addresses; 0 if unknown */
	uint64_t vm_data;	/* the same, as RLIMIT_DATA counts them */
	uint64_t vm_locked;	/* the same, as RLIMIT_MEMLOCK does */
	uint64_t vm_rss;	/* bytes; 0 if unknown */
	uint64_t vm_hwm;	/* the most that was; the same */
	/* Of these: anonymous, of files, shared memory. */
	uint64_t rss_anon, rss_file, rss_shmem;
};

/** Parses the text of a status file. @name is for errors. Skips unknown fields;
 *  fields that all kernels since 4.1 have must be there. Pure. */
struct hs_error *status_parse(const char *text, size_t len, const char *name,
			      struct status *ret) hs_must_check;

/** /proc/@pid/status; HS_ERROR_GONE when there is no such process. */
struct hs_error *status_read(pid_t pid, struct status *ret) hs_must_check;

/** /proc/@pid/task/@tid/status; HS_ERROR_GONE when there is no such thread. */
struct hs_error *status_read_thread(pid_t pid, pid_t tid,
				    struct status *ret) hs_must_check;

#endif
