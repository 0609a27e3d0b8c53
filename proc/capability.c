#include "proc/capability.h"

#include <string.h>
#include <unistd.h>

#include "proc/proc_path.h"

bool capability_in_initial_namespace(pid_t pid)
{
	/* linux/proc_ns.h: PROC_USER_INIT_INO; an interface since Linux 6.16
	 * (linux/nsfs.h, USER_NS_INIT_INO). */
	static const char initial[] = "user:[4026531837]";
	char found[64] = "";

	return readlink(proc_path(pid, "ns/user").text, found,
			sizeof(found) - 1) > 0 &&
	       !strcmp(found, initial);
}

bool capability_has(pid_t pid, const struct status *s, unsigned number)
{
	return s->cap_effective >> number & 1 &&
	       capability_in_initial_namespace(pid);
}

bool capability_is_ours(unsigned number)
{
	struct hs_error *unread;
	struct status s;

	unread = status_read(getpid(), &s);
	if (!unread)
		return capability_has(getpid(), &s, number);
	hs_error_free(unread);
	return false;
}
