#include "attach/security_module.h"

#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/strbuf.h"
#include "proc/file.h"
#include "proc/proc_path.h"

/* "1 1": as it is, and as it will be (SELinux's file system). */
static bool selinux_denies(void)
{
	_cleanup_free_ char *text = NULL;
	struct hs_error *err;
	size_t len;

	err = file_read_proc("/sys/fs/selinux/booleans/deny_ptrace", &text,
			     &len);
	hs_error_free(err);
	return !err && text[0] == '1';
}

/* The label of process @pid: "docker-default (enforce)", "unconfined"; in a
 * folder of its own where several modules are stacked. "": unknown. */
static struct hs_error *read_label(pid_t pid, struct strbuf *ret)
{
	static const char *const files[] = { "attr/apparmor/current",
					     "attr/current" };
	size_t i, len;

	for (i = 0; i < 2 && !ret->len; i++) {
		_cleanup_free_ char *text = NULL;
		struct hs_error *err;

		err = file_read_proc(proc_path(pid, "%s", files[i]).text, &text,
				     &len);
		if (!err)
			strbuf_add(ret, text, strcspn(text, "\n"));
		hs_error_free(err);
	}
	return strbuf_check(ret);
}

static bool is_confined(const struct strbuf *label)
{
	return label->len && strcmp(strbuf_str(label), "unconfined");
}

struct hs_error *security_module_hint(struct hs_error *err, pid_t pid)
{
	_cleanup_strbuf_ struct strbuf theirs = { 0 }, ours = { 0 };
	struct hs_error *nomem;

	if (selinux_denies())
		return hs_error_hint(err, "SELinux's boolean deny_ptrace is "
					  "on: 'setsebool deny_ptrace off' for "
					  "the time of a snapshot");
	nomem = read_label(pid, &theirs);
	if (!nomem)
		nomem = read_label(getpid(), &ours);
	if (nomem)
		return hs_error_join(err, nomem);
	if (!is_confined(&theirs) && !is_confined(&ours))
		return hs_error_hint(err, "a security module forbids it");
	return hs_error_hint(
		err,
		"a security module forbids it: the process has the profile "
		"'%s', heapsnap '%s'; run heapsnap unconfined (outside of the "
		"container, or --security-opt apparmor=unconfined), or with "
		"the profile of the process (docker-default allows ptrace "
		"among its own)",
		theirs.len ? strbuf_str(&theirs) : "unknown",
		ours.len ? strbuf_str(&ours) : "unknown");
}
