#include "mallctl/dump_tmpfs.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <sched.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/random.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/array.h"
#include "base/cleanup.h"
#include "proc/memory.h"
#include "proc/proc_path.h"
#include "proc/status.h"

enum { RANGE_UNSHARE = 2 }; /* linux/close_range.h: CLOSE_RANGE_UNSHARE */

/* --- the tmpfs ------------------------------------------------------------- */

static struct hs_error *failed(const char *what)
{
	return hs_error_sys(HS_ERROR_SYSTEM, errno, "%s", what);
}

/* Its root belongs to us, so that the target makes no file there itself. */
static struct hs_error *make_folder(int *ret)
{
	static const struct {
		const char *name, *value;
	} options[] = {
		{ "size", DUMP_TMPFS_SIZE },
		{ "nr_inodes", "2" }, /* its root and the file */
		{ "mode", "0711" },
	};
	_cleanup_close_ int fs = fsopen("tmpfs", FSOPEN_CLOEXEC);
	size_t i;

	if (fs < 0)
		return failed("fsopen()");
	for (i = 0; i < ARRAY_SIZE(options); i++)
		if (fsconfig(fs, FSCONFIG_SET_STRING, options[i].name,
			     options[i].value, 0))
			return failed("fsconfig()");
	if (fsconfig(fs, FSCONFIG_CMD_CREATE, NULL, NULL, 0))
		return failed("fsconfig()");
	*ret = fsmount(fs, FSMOUNT_CLOEXEC,
		       MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV |
			       MOUNT_ATTR_NOEXEC);
	return *ret < 0 ? failed("fsmount()") : NULL;
}

static struct hs_error *make_file(const struct session *s,
				  struct dump_tmpfs *tmpfs)
{
	struct hs_error *err;
	struct status status;

	err = status_read_thread(s->id->pid, helper_tid(&s->helper), &status);
	if (err)
		return err;
	tmpfs->file = openat(tmpfs->folder, DUMP_TMPFS_FILE,
			     O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC,
			     0600);
	if (tmpfs->file < 0 || fchown(tmpfs->file, status.fsuid, status.fsgid))
		return failed("its file");
	return NULL;
}

/* --- into the target ------------------------------------------------------- */

/* Runs a system call that must not fail; *result (may be NULL): what it
 * returned. */
static struct hs_error *run(struct session *s, const char *name, long number,
			    const uint64_t args[6], int64_t *result)
{
	struct hs_error *err;
	int64_t value = 0;

	err = helper_syscall(&s->helper, number, args, &s->deadline, &value);
	if (!err && value < 0)
		err = hs_error_sys(HS_ERROR_SYSTEM, (int)-value,
				   "the target's %s", name);
	if (result)
		*result = value;
	return err;
}

/* The name of the helper thread's socket, which nobody can guess and which goes
 * with it: unix(7), abstract. */
static struct hs_error *name_socket(struct sockaddr_un *ret, socklen_t *len)
{
	unsigned char random[16];
	char *at = ret->sun_path + 1;
	size_t i;

	*ret = (struct sockaddr_un){ .sun_family = AF_UNIX };
	if (getrandom(random, sizeof(random), 0) != sizeof(random))
		return failed("getrandom()");
	at += sprintf(at, "heapsnap-");
	for (i = 0; i < sizeof(random); i++)
		at += sprintf(at, "%02x", random[i]);
	*len = (socklen_t)(at - (char *)ret);
	return NULL;
}

/* Leaves what it shares with the process. With the flag the kernel copies no
 * descriptor into the new table, so that none of the service's stays open
 * longer (fs/file.c, __close_range()). */
static struct hs_error *leave_process(struct session *s)
{
	const uint64_t fs[6] = { CLONE_FS };
	const uint64_t all[6] = { 0, UINT_MAX, RANGE_UNSHARE };
	struct hs_error *err;

	err = run(s, "unshare()", arch_syscalls.unshare, fs, NULL);
	return err ? err
		   : run(s, "close_range()", arch_syscalls.close_range, all,
			 NULL);
}

static struct hs_error *bind_socket(struct session *s,
				    const struct sockaddr_un *name,
				    socklen_t len, int64_t *ret)
{
	const uint64_t socket_args[6] = { AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC |
							   SOCK_NONBLOCK };
	uint64_t bind_args[6] = { 0, helper_scratch(&s->helper), len };
	struct hs_error *err;

	err = run(s, "socket()", arch_syscalls.socket, socket_args, ret);
	if (err)
		return err;
	bind_args[0] = (uint64_t)*ret;
	err = remote_write(helper_remote(&s->helper),
			   helper_scratch(&s->helper), name, sizeof(*name));
	return err ? err
		   : run(s, "bind()", arch_syscalls.bind, bind_args, NULL);
}

/* Our own socket, where its name is known: in its network namespace. */
static struct hs_error *make_socket(const struct session *s, int *ret)
{
	const struct proc_path path =
		proc_task_path(s->id->pid, helper_tid(&s->helper), "ns/net");
	_cleanup_close_ int theirs = open(path.text, O_RDONLY | O_CLOEXEC);
	_cleanup_close_ int own =
		open("/proc/thread-self/ns/net", O_RDONLY | O_CLOEXEC);
	struct hs_error *err = NULL;
	struct stat a, b;
	bool elsewhere;

	if (theirs < 0 || own < 0 || fstat(theirs, &a) || fstat(own, &b))
		return failed("its network namespace");
	elsewhere = a.st_dev != b.st_dev || a.st_ino != b.st_ino;
	if (elsewhere && setns(theirs, CLONE_NEWNET))
		return failed("its network namespace");
	*ret = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (*ret < 0)
		err = failed("socket()");
	if (elsewhere && setns(own, CLONE_NEWNET))
		err = hs_error_join(err, failed("our network namespace"));
	return err;
}

union control {
	char space[CMSG_SPACE(sizeof(int))];
	struct cmsghdr header;
};

static struct hs_error *send_folder(const struct session *s, int folder,
				    struct sockaddr_un *name, socklen_t len)
{
	union control control = { 0 };
	struct iovec byte = { .iov_base = &(char){ 0 }, .iov_len = 1 };
	struct msghdr msg = {
		.msg_name = name,
		.msg_namelen = len,
		.msg_iov = &byte,
		.msg_iovlen = 1,
		.msg_control = &control,
		.msg_controllen = sizeof(control),
	};
	_cleanup_close_ int fd = -1;
	struct hs_error *err = make_socket(s, &fd);

	if (err)
		return err;
	control.header = (struct cmsghdr){ .cmsg_len = CMSG_LEN(sizeof(int)),
					   .cmsg_level = SOL_SOCKET,
					   .cmsg_type = SCM_RIGHTS };
	memcpy(CMSG_DATA(&control.header), &folder, sizeof(folder));
	return sendmsg(fd, &msg, MSG_NOSIGNAL) == 1 ? NULL
						    : failed("sendmsg()");
}

/* What recvmsg(2) needs, in the helper thread's scratch memory. */
struct receive_scratch {
	struct msghdr msg;
	struct iovec iov;
	union control control;
	char byte;
};

_Static_assert(sizeof(struct receive_scratch) <= HELPER_SCRATCH,
	       "the scratch memory holds a message");

static struct hs_error *receive_folder(struct session *s, int64_t from,
				       int *ret)
{
	const uint64_t at = helper_scratch(&s->helper);
	const uint64_t args[6] = { (uint64_t)from, at,
				   MSG_CMSG_CLOEXEC | MSG_DONTWAIT };
	struct receive_scratch in = {
		.msg = {
			.msg_iovlen = 1,
			.msg_controllen = sizeof(in.control),
		},
		.iov = { .iov_len = 1 },
	};
	struct hs_error *err;

	/* Addresses of the target's. */
	in.msg.msg_iov = (void *)(at + offsetof(struct receive_scratch, iov));
	in.msg.msg_control =
		(void *)(at + offsetof(struct receive_scratch, control));
	in.iov.iov_base = (void *)(at + offsetof(struct receive_scratch, byte));
	err = remote_write(helper_remote(&s->helper), at, &in, sizeof(in));
	if (!err)
		err = run(s, "recvmsg()", arch_syscalls.recvmsg, args, NULL);
	if (!err)
		err = memory_read(helper_tid(&s->helper), at, &in, sizeof(in));
	if (err)
		return err;
	/* It got none where a security module or its limit of descriptors was
	 * against it. */
	if (in.control.header.cmsg_type != SCM_RIGHTS ||
	    in.control.header.cmsg_len != CMSG_LEN(sizeof(int)))
		return hs_error_new(HS_ERROR_SYSTEM,
				    "the target may not receive a descriptor");
	memcpy(ret, CMSG_DATA(&in.control.header), sizeof(*ret));
	return NULL;
}

/* The descriptors are closed in the opposite order. One that an error leaves is
 * in the helper thread's own table, which ends with it. */
static struct hs_error *hand_over(struct session *s, int folder)
{
	uint64_t args[6] = { 0 };
	struct sockaddr_un name;
	struct hs_error *err;
	socklen_t len = 0;
	int64_t from = -1;
	int theirs = -1;

	err = name_socket(&name, &len);
	if (!err)
		err = leave_process(s);
	if (!err)
		err = bind_socket(s, &name, len, &from);
	if (!err)
		err = send_folder(s, folder, &name, len);
	if (!err)
		err = receive_folder(s, from, &theirs);
	args[0] = (uint64_t)theirs;
	if (!err)
		err = run(s, "fchdir()", arch_syscalls.fchdir, args, NULL);
	if (!err)
		err = run(s, "close()", arch_syscalls.close, args, NULL);
	args[0] = (uint64_t)from;
	return err ? err : run(s, "close()", arch_syscalls.close, args, NULL);
}

struct hs_error *dump_tmpfs_enter(struct session *s, struct dump_tmpfs *ret)
{
	struct hs_error *err;

	*ret = (struct dump_tmpfs){ .folder = -1, .file = -1 };
	if (s->helper.borrowed)
		return hs_error_new(HS_ERROR_SYSTEM,
				    "no thread can be made in it, and its own "
				    "must keep their working directory");
	if (!helper_allows(&s->helper)->tmpfs)
		return hs_error_new(HS_ERROR_SYSTEM,
				    "its seccomp filter does not allow one of "
				    "unshare, close_range, socket, bind, "
				    "recvmsg and fchdir");
	err = make_folder(&ret->folder);
	if (!err)
		err = make_file(s, ret);
	return err ? err : hand_over(s, ret->folder);
}

void dump_tmpfs_release(struct dump_tmpfs *tmpfs)
{
	if (tmpfs->file >= 0)
		close(tmpfs->file);
	if (tmpfs->folder >= 0)
		close(tmpfs->folder);
	tmpfs->file = tmpfs->folder = -1;
}
