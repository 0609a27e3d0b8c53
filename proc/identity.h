/**
 * @file identity.h - which process this is, so that a reused pid is noticed.
 */
#ifndef PROC_IDENTITY_H
#define PROC_IDENTITY_H

#include <stdint.h>
#include <sys/types.h>

#include "base/error.h"

struct identity {
	pid_t pid;
	int pidfd;	      /* owned */
	uint64_t start_time;  /* clock ticks since boot, /proc/PID/stat 22 */
	uint64_t start_stack; /* address, /proc/PID/stat 28; 0: not told */
	char *command;	      /* owned: comm, e.g. "redis-server" */
	char *command_line;   /* owned: arguments joined by a space; the command
				 in brackets when there are none */
	char *executable;     /* owned: what /proc/PID/exe points to, without
				 " (deleted)"; "" when it cannot be read */
};

/**
 * Opens process @pid. Errors: HS_ERROR_GONE "no process 42" (hint: how to find
 * one), HS_ERROR_DENIED when @pid is a thread of another process (hint: the
 * process's id), a zombie or a kernel thread.
 * *ret is the caller's: identity_close().
 */
struct hs_error *identity_open(pid_t pid, struct identity *ret) hs_must_check;

/** Still the same process, and not a zombie? HS_ERROR_GONE if not. */
struct hs_error *identity_check(const struct identity *id) hs_must_check;

/**
 * The end of a process, and that of the program that it runs, show as errors of
 * all kinds. When @err (taken and given back) came of that: HS_ERROR_GONE "it
 * ended meanwhile", also when it ends within a second of an HS_ERROR_GONE, or
 * "its main thread has ended meanwhile, ..." when others live on, or "it has
 * become another program meanwhile, by execve(2)" in its place.
 */
struct hs_error *identity_explain_end(const struct identity *id,
				      struct hs_error *err) hs_must_check;

/** Zero-initialised (pidfd 0 with pid 0) is fine. */
void identity_close(struct identity *id);

#endif
