/* x86-64: names of the system calls that threads are seen waiting in. */
#include "attach/arch.h"

#include <stddef.h>

#include "base/array.h"
#include "base/linux.h"

static const struct {
	int64_t number;
	const char *name;
} names[] = {
	{ SYS_futex, "futex" },
	{ SYS_poll, "poll" },
	{ SYS_ppoll, "ppoll" },
	{ SYS_select, "select" },
	{ SYS_pselect6, "pselect6" },
	{ SYS_nanosleep, "nanosleep" },
	{ SYS_clock_nanosleep, "clock_nanosleep" },
	{ SYS_restart_syscall, "restart_syscall" },
	{ SYS_pause, "pause" },
	{ SYS_rt_sigsuspend, "rt_sigsuspend" },
	{ SYS_wait4, "wait4" },
	{ SYS_waitid, "waitid" },
	{ SYS_flock, "flock" },
	{ SYS_fcntl, "fcntl" },
	{ SYS_msgrcv, "msgrcv" },
	{ SYS_msgsnd, "msgsnd" },
	{ SYS_mq_timedreceive, "mq_timedreceive" },
	{ SYS_mq_timedsend, "mq_timedsend" },
	{ SYS_read, "read" },
	{ SYS_readv, "readv" },
	{ SYS_accept, "accept" },
	{ SYS_accept4, "accept4" },
	{ SYS_recvfrom, "recvfrom" },
	{ SYS_recvmsg, "recvmsg" },
	{ SYS_recvmmsg, "recvmmsg" },
	{ SYS_write, "write" },
	{ SYS_writev, "writev" },
	{ SYS_sendto, "sendto" },
	{ SYS_sendmsg, "sendmsg" },
	{ SYS_epoll_wait, "epoll_wait" },
	{ SYS_epoll_pwait, "epoll_pwait" },
	{ SYS_epoll_pwait2, "epoll_pwait2" },
	{ SYS_rt_sigtimedwait, "rt_sigtimedwait" },
	{ SYS_semop, "semop" },
	{ SYS_semtimedop, "semtimedop" },
	{ SYS_io_getevents, "io_getevents" },
	{ SYS_io_uring_enter, "io_uring_enter" },
	{ SYS_vfork, "vfork" },
	{ SYS_sched_yield, "sched_yield" },
	{ SYS_sigaltstack, "sigaltstack" },
	{ SYS_fsync, "fsync" },
	{ SYS_fdatasync, "fdatasync" },
	{ SYS_connect, "connect" },
	{ SYS_getdents64, "getdents64" },
	{ SYS_openat, "openat" },
	{ SYS_close, "close" },
	{ SYS_mmap, "mmap" },
	{ SYS_munmap, "munmap" },
	{ SYS_madvise, "madvise" },
	{ SYS_pread64, "pread64" },
	{ SYS_pwrite64, "pwrite64" },
	{ SYS_ptrace, "ptrace" },
	{ SYS_clock_gettime, "clock_gettime" },
	{ SYS_tgkill, "tgkill" },
	{ SYS_exit_group, "exit_group" },
	{ SYS_sendmmsg, "sendmmsg" },
	{ SYS_sendfile, "sendfile" },
	{ SYS_splice, "splice" },
	{ SYS_execve, "execve" },
	{ SYS_clone, "clone" },
	{ SYS_clone3, "clone3" },
};

const char *arch_syscall_name(int64_t number)
{
	size_t i;

	for (i = 0; i < ARRAY_SIZE(names); i++)
		if (names[i].number == number)
			return names[i].name;
	return NULL;
}
