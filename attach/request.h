/**
 * @file request.h - the one place that calls ptrace(2).
 */
#ifndef ATTACH_REQUEST_H
#define ATTACH_REQUEST_H

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/error.h"

/**
 * Issues @request (PTRACE_...) on thread @tid; @addr and @data as in ptrace(2).
 * HS_ERROR_GONE for ESRCH (the thread ended, or is not in a ptrace-stop),
 * HS_ERROR_DENIED for EPERM, HS_ERROR_SYSTEM otherwise.
 */
struct hs_error *request(int request, pid_t tid, uintptr_t addr,
			 uintptr_t data) hs_must_check;

/** The same for a request that returns a number: *ret. */
struct hs_error *request_value(int request, pid_t tid, uintptr_t addr,
			       uintptr_t data, long *ret) hs_must_check;

/** request(), tried a second time when it fails with another error than ESRCH:
 *  for requests that restore a thread. */
struct hs_error *request_twice(int request, pid_t tid, uintptr_t addr,
			       uintptr_t data) hs_must_check;

#endif
