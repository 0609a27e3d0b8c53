#include "attach/ptrace_access.h"

#include <errno.h>
#include <linux/capability.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "attach/security_module.h"
#include "base/cleanup.h"
#include "base/parse.h"
#include "proc/capability.h"
#include "proc/file.h"
#include "proc/proc_path.h"
#include "proc/status.h"

enum { YAMA_NOBODY = 3 };

/* kernel.yama.ptrace_scope, -1 when this kernel has no Yama. */
static int yama_scope(void)
{
	_cleanup_free_ char *text = NULL;
	struct hs_error *err;
	uint64_t value;
	size_t len;

	err = file_read_proc("/proc/sys/kernel/yama/ptrace_scope", &text, &len);
	if (err) {
		hs_error_free(err);
		return -1;
	}
	if (len && text[len - 1] == '\n')
		len--;
	return parse_u64(text, len, &value) ? (int)value : -1;
}

/* Also where only the container's own user namespace gives it. */
static bool have_capability(unsigned number)
{
	struct hs_error *unread;
	struct status s;

	unread = status_read(getpid(), &s);
	if (!unread)
		return s.cap_effective >> number & 1;
	hs_error_free(unread);
	return false;
}

/* Files of /proc belong to the user of the process, to root where it is not
 * dumpable; CAP_SYS_PTRACE opens none of them (proc(5)). */
static bool owns_files(pid_t pid)
{
	struct stat st;

	return stat(proc_path(pid, "mem").text, &st) ||
	       st.st_uid == geteuid() || have_capability(CAP_DAC_OVERRIDE);
}

/* True where it is not known to differ. What may not be read by somebody with
 * CAP_SYS_PTRACE in a namespace of his own is of one further up. */
static bool same_user_namespace(pid_t pid)
{
	char ours[64] = "", theirs[64] = "";

	if (readlink("/proc/self/ns/user", ours, sizeof(ours) - 1) < 0)
		return true;
	if (readlink(proc_path(pid, "ns/user").text, theirs,
		     sizeof(theirs) - 1) < 0)
		return !have_capability(CAP_SYS_PTRACE) ||
		       capability_in_initial_namespace(getpid());
	return !strcmp(ours, theirs);
}

static struct hs_error *ptrace_access_by_tracer(struct hs_error *err,
						pid_t tracer)
{
	struct hs_error *unread;
	struct status status;

	unread = status_read(tracer, &status);
	if (unread) {
		hs_error_free(unread);
		snprintf(status.name, sizeof(status.name), "unknown");
	}
	err = hs_error_wrap(err, "it is traced by '%s' (process %d)",
			    status.name, (int)tracer);
	return hs_error_hint(err, "end that tracer first: a thread can have "
				  "only one");
}

struct hs_error *ptrace_access_explain(struct hs_error *err, pid_t pid)
{
	int errnum = err ? hs_error_errno(err) : 0, scope = yama_scope();
	struct hs_error *unread;
	struct status status;

	if (errnum != EPERM && errnum != EACCES)
		return err;
	err = hs_error_drop_hint(hs_error_recode(err, HS_ERROR_DENIED));
	unread = status_read(pid, &status);
	if (unread) {
		hs_error_free(unread);
		return err;
	}
	if (status.tracer)
		return ptrace_access_by_tracer(err, status.tracer);
	if (scope == YAMA_NOBODY)
		return hs_error_hint(err,
				     "kernel.yama.ptrace_scope is 3: "
				     "nobody may attach to a process until "
				     "the machine is started with another "
				     "value");
	if (!same_user_namespace(pid))
		return hs_error_hint(err, "the process is in another user "
					  "namespace: run as root outside of "
					  "the container");
	if (have_capability(CAP_SYS_PTRACE) && !owns_files(pid))
		return hs_error_hint(err,
				     "CAP_SYS_PTRACE does not open files of "
				     "user %u: grant CAP_DAC_OVERRIDE, too (of "
				     "a container: --cap-add DAC_OVERRIDE)",
				     (unsigned)status.uid);
	if (have_capability(CAP_SYS_PTRACE))
		return security_module_hint(err, pid);
	if (!geteuid())
		return hs_error_hint(err, "root has no CAP_SYS_PTRACE here: "
					  "grant it (of a container: --cap-add "
					  "SYS_PTRACE), or run as root outside "
					  "of the container");
	if (status.uid != geteuid())
		return hs_error_hint(err,
				     "the process belongs to user %u: run as "
				     "that user or as root",
				     (unsigned)status.uid);
	if (scope > 0)
		return hs_error_hint(err,
				     "kernel.yama.ptrace_scope is %d: run as "
				     "root or grant CAP_SYS_PTRACE",
				     scope);
	return hs_error_hint(err, "the process is not dumpable (it changed its "
				  "user or has capabilities): run as root or "
				  "grant CAP_SYS_PTRACE");
}
