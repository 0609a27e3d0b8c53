#include "mallctl/helper_fd.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>

#include "attach/arch.h"
#include "base/cleanup.h"
#include "proc/file.h"
#include "proc/memfd.h"
#include "proc/proc_path.h"

static struct proc_path path_of(const struct session *s, int64_t fd)
{
	char name[32];

	snprintf(name, sizeof(name), "fd/%" PRId64, fd);
	return proc_task_path(s->id->pid, helper_tid(&s->helper), name);
}

struct hs_error *helper_fd_open_memfd(const struct session *s, int64_t fd,
				      const char *name, int *ret)
{
	struct proc_path path = path_of(s, fd);
	_cleanup_close_ int found = memfd_find(AT_FDCWD, path.text, name);

	*ret = found < 0 ? -1 : memfd_open(found);
	if (*ret >= 0)
		return NULL;
	if (found < 0 && errno == EBADF)
		return hs_error_new(HS_ERROR_DENIED,
				    "its descriptor %" PRId64 " is not the "
				    "memfd that was made there",
				    fd);
	return hs_error_sys(errno == ENOENT ? HS_ERROR_GONE : HS_ERROR_SYSTEM,
			    errno, "cannot open '%s'", path.text);
}

bool helper_fd_is(const struct session *s, int64_t fd, int ours)
{
	struct proc_path path = path_of(s, fd);
	struct statx theirs, st;

	return file_look(AT_FDCWD, path.text, &theirs) &&
	       file_look(ours, "", &st) &&
	       theirs.stx_dev_major == st.stx_dev_major &&
	       theirs.stx_dev_minor == st.stx_dev_minor &&
	       theirs.stx_ino == st.stx_ino;
}

bool helper_fd_is_memfd(const struct session *s, int64_t fd, const char *name)
{
	_cleanup_close_ int found =
		memfd_find(AT_FDCWD, path_of(s, fd).text, name);

	return found >= 0;
}

struct closing {
	int64_t fd;
	bool (*is_ours)(const void *arg);
	const void *arg;
};

static bool on_close(void *arg, uint64_t number, const uint64_t args[6],
		     struct arch_call *by)
{
	const struct closing *c = arg;

	if ((int64_t)number != arch_syscalls.close ||
	    args[0] != (uint64_t)c->fd || c->is_ours(c->arg))
		return false;
	*by = (struct arch_call){ .number = (long)number,
				  .args = { UINT64_MAX } }; /* EBADF */
	return true;
}

struct hs_error *helper_fd_close(struct session *s, int64_t fd,
				 bool (*is_ours)(const void *arg),
				 const void *arg, const struct deadline *d,
				 int64_t *result)
{
	struct closing closing = { fd, is_ours, arg };
	const struct remote_watch watch = { .arg = &closing,
					    .replaces = on_close };
	const struct arch_call call = { .number = arch_syscalls.close,
					.args = { (uint64_t)fd } };

	return helper_syscall_watched(&s->helper, &call, &watch, d, result);
}
