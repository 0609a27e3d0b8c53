/**
 * @file identity.h - identifies a process, so that a reused pid is noticed.
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
	uint64_t start_stack; /* address, /proc/PID/stat 28; 0: unknown */
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

/** Checks that it is still the same process and no zombie: HS_ERROR_GONE. */
struct hs_error *identity_check(const struct identity *id) hs_must_check;

/**
 * A process that ends or calls execve(2) causes errors of all kinds. Takes @err
 * and returns it, or when it came from that, one of these instead:
 * HS_ERROR_GONE "it ended meanwhile", also when the process ends within a
 * second of an HS_ERROR_GONE; "its main thread has ended meanwhile, ..." when
 * others live on; "it has become another program meanwhile, by execve(2)".
 */
struct hs_error *identity_explain_end(const struct identity *id,
				      struct hs_error *err) hs_must_check;

/** Zero-initialised (pidfd 0 with pid 0) is fine. */
void identity_close(struct identity *id);

#endif
