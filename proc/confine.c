#include "proc/confine.h"

#include <errno.h>
#include <linux/capability.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

/* capset(2); libcap would be a library for one call. The sets of two times 32
 * bits are empty: also the inheritable one, and with it the ambient one. */
static struct hs_error *drop_capabilities(void)
{
	struct __user_cap_header_struct header = {
		.version = _LINUX_CAPABILITY_VERSION_3,
	};
	const struct __user_cap_data_struct none[_LINUX_CAPABILITY_U32S_3] = {
		{ 0 },
	};

	if (syscall(SYS_capset, &header, none) == 0)
		return NULL;
	return hs_error_sys(HS_ERROR_SYSTEM, errno,
			    "cannot give up capabilities");
}

/* Private memory that can be written to, of whatever kind: setrlimit(2). */
static struct hs_error *limit_memory(uint64_t bytes)
{
	struct rlimit limit;

	if (getrlimit(RLIMIT_DATA, &limit) < 0 || limit.rlim_cur <= bytes)
		return NULL;
	limit.rlim_cur = limit.rlim_max = bytes;
	if (setrlimit(RLIMIT_DATA, &limit) == 0)
		return NULL;
	return hs_error_sys(HS_ERROR_SYSTEM, errno, "cannot limit memory");
}

struct hs_error *confine(const struct confine_rules *rules)
{
	struct hs_error *err = NULL;
	bool paths;

	/* Landlock and seccomp ask for it. */
	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0)
		return hs_error_sys(HS_ERROR_SYSTEM, errno,
				    "cannot set no_new_privs");
	if (rules->memory)
		err = limit_memory(rules->memory);
	/* Before capabilities go: a folder may be root's to look into. */
	if (!err)
		err = confine_paths(rules, &paths);
	if (!err)
		err = drop_capabilities();
	return err ? err : confine_calls(rules);
}
