/**
 * @file ptrace_access.h - explains why attaching was denied, and what to do.
 */
#ifndef ATTACH_PTRACE_ACCESS_H
#define ATTACH_PTRACE_ACCESS_H

#include <sys/types.h>

#include "base/error.h"

/**
 * Adds the rule that forbids us to trace process @pid to @err, which came from
 * ptrace(2) or process_vm_readv(2) (taken and given back; only errors with
 * EPERM or EACCES change): a tracer, another user, Yama, a missing capability,
 * another user namespace (ptrace(2), "Ptrace access mode checking").
 */
struct hs_error *ptrace_access_explain(struct hs_error *err,
				       pid_t pid) hs_must_check;

#endif
