/**
 * @file security_module.h - which security module forbids to trace a process.
 */
#ifndef ATTACH_SECURITY_MODULE_H
#define ATTACH_SECURITY_MODULE_H

#include <sys/types.h>

#include "base/error.h"

/** Adds to @err the module that forbids us to trace process @pid, though our
 *  capabilities would do, and what to do about it: SELinux's boolean
 *  deny_ptrace, or AppArmor's profiles. Takes @err and gives it back. */
struct hs_error *security_module_hint(struct hs_error *err,
				      pid_t pid) hs_must_check;

#endif
