/**
 * @file confine.h - gives up what reading files takes no right for.
 *
 * A file from a stranger may make a parser do anything; what that can reach is
 * decided before the first byte is read. After confine() the process, with all
 * threads it starts from then on, has no capability, gains none by execve(2),
 * and can, by Landlock (landlock(7)), open only what its struct confine_rules
 * names; by a seccomp filter (seccomp(2)) it has the system calls of a program
 * that reads files, computes and writes its report: none that starts a program
 * or another process, traces, signals or reads another one, mounts, loads, or
 * (but with
 * @network) talks to one.
 *
 * It must be called while the process has one thread: what is given up is given
 * up by the calling thread and those that it starts.
 */
#ifndef PROC_CONFINE_H
#define PROC_CONFINE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"

/** What is left. Paths may be of files or of folders, which stand for all that
 *  is below them; what is not there is passed over. All borrowed. */
struct confine_rules {
	const char *const *readable;
	size_t n_readable;
	/* Files may be made, written and removed below it; NULL: nowhere. */
	const char *const *writable;
	size_t n_writable;
	bool network;	 /* sockets, and what a client of HTTP asks for */
	bool other_root; /* openat2(2), by which a path stays in another root */
	uint64_t memory; /* bytes that may be allocated; 0: no limit */
};

/**
 * HS_ERROR_SYSTEM when the process may have kept something that every kernel
 * can take away (Linux 5.3: capabilities, no_new_privs, seccomp): nothing must
 * be read then. Landlock came with Linux 5.13 and can be switched off; without
 * it paths are not limited, but nothing can be opened to be written unless
 * something is writable, and what another user keeps to himself stays closed to
 * root, too.
 */
struct hs_error *confine(const struct confine_rules *rules) hs_must_check;

/** Below: the parts of confine(), for it alone. */

/** False: this kernel has no Landlock, or it is switched off. */
struct hs_error *confine_paths(const struct confine_rules *rules,
			       bool *ret) hs_must_check;

struct hs_error *confine_calls(const struct confine_rules *rules) hs_must_check;

#endif
