/**
 * @file limits.h - /proc/PID/limits: the resource limits of a process.
 *
 * Everybody can read the file; prlimit(2) needs CAP_SYS_RESOURCE for a process
 * of another user.
 */
#ifndef PROC_LIMITS_H
#define PROC_LIMITS_H

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/error.h"

/** "unlimited". */
#define LIMITS_NONE UINT64_MAX

/** The soft limits: processes in threads, all others in bytes. */
struct limits {
	uint64_t file_size;	/* RLIMIT_FSIZE */
	uint64_t address_space; /* RLIMIT_AS, against VmSize */
	uint64_t data;		/* RLIMIT_DATA, against VmData */
	uint64_t processes;	/* RLIMIT_NPROC, against the user's threads */
	uint64_t locked;	/* RLIMIT_MEMLOCK, against VmLck */
};

/** Parses @text[0..len), whole, in the form of proc(5). @name is for errors.
 *  Pure. */
struct hs_error *limits_parse(const char *text, size_t len, const char *name,
			      struct limits *ret) hs_must_check;

/** /proc/@pid/limits; HS_ERROR_GONE when there is no such process. */
struct hs_error *limits_read(pid_t pid, struct limits *ret) hs_must_check;

#endif
