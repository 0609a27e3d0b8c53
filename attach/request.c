#include "attach/request.h"

#include <errno.h>
#include <stdbool.h>

#include "attach/fault.h"
#include "base/array.h"
#include "base/linux.h"

static const struct {
	int request;
	const char *name;
} request_names[] = {
	{ PTRACE_SEIZE, "PTRACE_SEIZE" },
	{ PTRACE_INTERRUPT, "PTRACE_INTERRUPT" },
	{ PTRACE_DETACH, "PTRACE_DETACH" },
	{ PTRACE_CONT, "PTRACE_CONT" },
	{ PTRACE_SYSCALL, "PTRACE_SYSCALL" },
	{ PTRACE_SETOPTIONS, "PTRACE_SETOPTIONS" },
	{ PTRACE_GETEVENTMSG, "PTRACE_GETEVENTMSG" },
	{ PTRACE_GETSIGINFO, "PTRACE_GETSIGINFO" },
	{ PTRACE_GETREGSET, "PTRACE_GETREGSET" },
	{ PTRACE_SETREGSET, "PTRACE_SETREGSET" },
	{ PTRACE_GETSIGMASK, "PTRACE_GETSIGMASK" },
	{ PTRACE_SETSIGMASK, "PTRACE_SETSIGMASK" },
	{ PTRACE_GET_SYSCALL_INFO, "PTRACE_GET_SYSCALL_INFO" },
	{ PTRACE_GET_RSEQ_CONFIGURATION, "PTRACE_GET_RSEQ_CONFIGURATION" },
	{ PTRACE_SECCOMP_GET_FILTER, "PTRACE_SECCOMP_GET_FILTER" },
};

static const char *request_name(int number)
{
	size_t i;

	for (i = 0; i < ARRAY_SIZE(request_names); i++) {
		if (request_names[i].request == number)
			return request_names[i].name;
	}
	return "ptrace request";
}

struct hs_error *request_value(int number, pid_t tid, uintptr_t addr,
			       uintptr_t data, long *value)
{
	enum hs_error_code code = HS_ERROR_SYSTEM;
	long ret = ptrace(number, tid, addr, data);
	int errnum = errno;

	fault_point(request_name(number));
	*value = ret;
	if (ret >= 0)
		return NULL;
	if (errnum == ESRCH)
		code = HS_ERROR_GONE;
	else if (errnum == EPERM)
		code = HS_ERROR_DENIED;
	return hs_error_sys(code, errnum, "%s of thread %d",
			    request_name(number), (int)tid);
}

struct hs_error *request(int number, pid_t tid, uintptr_t addr, uintptr_t data)
{
	long value;

	return request_value(number, tid, addr, data, &value);
}

struct hs_error *request_twice(int number, pid_t tid, uintptr_t addr,
			       uintptr_t data)
{
	struct hs_error *err = request(number, tid, addr, data);

	if (!err || hs_error_code(err) == HS_ERROR_GONE)
		return err;
	hs_error_free(err);
	return request(number, tid, addr, data);
}
