/*
 * An allow-list: what nobody thought of is refused. By ENOSYS, with which C
 * libraries try an older call: clone3(2), whose flags a filter cannot see,
 * becomes clone(2).
 */
#include "proc/confine.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <sched.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <termios.h>
#include <unistd.h>

#include "base/array.h"
#include "base/cleanup.h"
#include "base/linux.h"
#include "proc/confine_call_list.h"

#define ALWAYS 0, 0, 0
#define EXACTLY(arg, value) (arg), UINT32_MAX, (uint32_t)(value)

/* Those that may make a file or write to one. */
enum { WRITING = O_WRONLY | O_RDWR | O_CREAT | O_TRUNC };

static const struct confined_call common[] = {
	/* files; of openat2(2) a filter cannot see what is wanted */
	{ SYS_openat, 2, WRITING, 0 },
	{ SYS_read, ALWAYS },
	{ SYS_pread64, ALWAYS },
	{ SYS_readv, ALWAYS },
	{ SYS_write, ALWAYS },
	{ SYS_writev, ALWAYS },
	{ SYS_lseek, ALWAYS },
	{ SYS_close, ALWAYS },
	{ SYS_fstat, ALWAYS },
	{ SYS_fstatfs, ALWAYS },
	{ SYS_newfstatat, ALWAYS },
	{ SYS_statx, ALWAYS },
	{ SYS_faccessat, ALWAYS },
	{ SYS_faccessat2, ALWAYS },
	{ SYS_readlinkat, ALWAYS },
	{ SYS_getdents64, ALWAYS },
	{ SYS_getcwd, ALWAYS },
	{ SYS_dup, ALWAYS },
	{ SYS_dup3, ALWAYS },
	{ SYS_fadvise64, ALWAYS },
	{ SYS_fdatasync, ALWAYS },
	{ SYS_fsync, ALWAYS },
	{ SYS_flock, ALWAYS },
	/* not F_SETOWN: who sets it has the kernel signal another process */
	{ SYS_fcntl, EXACTLY(1, F_GETFD) },
	{ SYS_fcntl, EXACTLY(1, F_SETFD) },
	{ SYS_fcntl, EXACTLY(1, F_GETFL) },
	{ SYS_fcntl, EXACTLY(1, F_SETFL) },
	{ SYS_fcntl, EXACTLY(1, F_DUPFD_CLOEXEC) },
	/* not TIOCSTI, which types for the user */
	{ SYS_ioctl, EXACTLY(1, TCGETS) },
	{ SYS_ioctl, EXACTLY(1, TIOCGWINSZ) },
	{ SYS_ioctl, EXACTLY(1, FIONREAD) },
	{ SYS_pselect6, ALWAYS },
	{ SYS_ppoll, ALWAYS },
	/* memory */
	{ SYS_brk, ALWAYS },
	{ SYS_mmap, ALWAYS },
	{ SYS_munmap, ALWAYS },
	{ SYS_mremap, ALWAYS },
	{ SYS_mprotect, ALWAYS },
	{ SYS_madvise, ALWAYS },
	/* threads, and the end */
	{ SYS_clone, 0, CLONE_THREAD, CLONE_THREAD },
	{ SYS_futex, ALWAYS },
	{ SYS_set_robust_list, ALWAYS },
	{ SYS_rseq, ALWAYS },
	{ SYS_gettid, ALWAYS },
	{ SYS_sched_yield, ALWAYS },
	{ SYS_sched_getaffinity, ALWAYS },
	{ SYS_membarrier, ALWAYS },
	{ SYS_prctl, EXACTLY(0, PR_SET_NAME) },
	{ SYS_exit, ALWAYS },
	{ SYS_exit_group, ALWAYS },
	{ SYS_wait4, ALWAYS },
	/* signals of its own */
	{ SYS_rt_sigaction, ALWAYS },
	{ SYS_rt_sigprocmask, ALWAYS },
	{ SYS_rt_sigreturn, ALWAYS },
	{ SYS_sigaltstack, ALWAYS },
	{ SYS_restart_syscall, ALWAYS },
	/* what there is */
	{ SYS_getpid, ALWAYS },
	{ SYS_getppid, ALWAYS },
	{ SYS_getuid, ALWAYS },
	{ SYS_geteuid, ALWAYS },
	{ SYS_getgid, ALWAYS },
	{ SYS_getegid, ALWAYS },
	{ SYS_uname, ALWAYS },
	{ SYS_sysinfo, ALWAYS },
	{ SYS_getrusage, ALWAYS },
	{ SYS_getrandom, ALWAYS },
	{ SYS_clock_gettime, ALWAYS },
	{ SYS_clock_getres, ALWAYS },
	{ SYS_clock_nanosleep, ALWAYS },
	{ SYS_nanosleep, ALWAYS },
	{ SYS_gettimeofday, ALWAYS },
};

/* With somewhere to write to. */
static const struct confined_call writing[] = {
	{ SYS_openat, ALWAYS },	   { SYS_unlinkat, ALWAYS },
	{ SYS_renameat, ALWAYS },  { SYS_renameat2, ALWAYS },
	{ SYS_linkat, ALWAYS },	   { SYS_fchmod, ALWAYS },
	{ SYS_ftruncate, ALWAYS }, { SYS_fallocate, ALWAYS },
	{ SYS_utimensat, ALWAYS }, { SYS_mkdirat, ALWAYS },
};

static const struct confined_call network[] = {
	{ SYS_socket, EXACTLY(0, AF_INET) },
	{ SYS_socket, EXACTLY(0, AF_INET6) },
	{ SYS_socket, EXACTLY(0, AF_NETLINK) }, /* which addresses there are */
	{ SYS_socketpair, ALWAYS },
	{ SYS_bind, ALWAYS }, /* a netlink socket's */
	{ SYS_connect, ALWAYS },
	{ SYS_sendto, ALWAYS },
	{ SYS_sendmsg, ALWAYS },
	{ SYS_sendmmsg, ALWAYS },
	{ SYS_recvfrom, ALWAYS },
	{ SYS_recvmsg, ALWAYS },
	{ SYS_shutdown, ALWAYS },
	{ SYS_getsockname, ALWAYS },
	{ SYS_getpeername, ALWAYS },
	{ SYS_getsockopt, ALWAYS },
	{ SYS_setsockopt, ALWAYS },
	{ SYS_pipe2, ALWAYS },
	{ SYS_eventfd2, ALWAYS },
	{ SYS_ioctl, EXACTLY(1, FIONBIO) },
};

struct program {
	struct sock_filter *code;
	size_t n;
};

static void emit(struct program *p, uint16_t code, uint32_t k, uint8_t jt,
		 uint8_t jf)
{
	p->code[p->n++] = (struct sock_filter){ code, jt, jf, k };
}

enum { CALL_LENGTH = 6 }; /* instructions of a row, at most */

/* The accumulator has the call's number, before and after. */
static void emit_call(struct program *p, const struct confined_call *c)
{
	if (!c->mask) {
		emit(p, BPF_JMP | BPF_JEQ | BPF_K, c->number, 0, 1);
		emit(p, BPF_RET | BPF_K, SECCOMP_RET_ALLOW, 0, 0);
		return;
	}
	emit(p, BPF_JMP | BPF_JEQ | BPF_K, c->number, 0, 5);
	emit(p, BPF_LD | BPF_W | BPF_ABS,
	     offsetof(struct seccomp_data, args) + 8 * c->arg, 0, 0);
	emit(p, BPF_ALU | BPF_AND | BPF_K, c->mask, 0, 0);
	emit(p, BPF_JMP | BPF_JEQ | BPF_K, c->value, 0, 1);
	emit(p, BPF_RET | BPF_K, SECCOMP_RET_ALLOW, 0, 0);
	emit(p, BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr), 0,
	     0);
}

static void emit_calls(struct program *p, const struct confined_call *calls,
		       size_t n)
{
	size_t i;

	for (i = 0; i < n; i++)
		emit_call(p, &calls[i]);
}

static void emit_all(struct program *p, const struct confine_rules *rules)
{
	/* abort(3) signals itself, and nobody else. */
	const struct confined_call abort_call = { SYS_tgkill,
						  EXACTLY(0, getpid()) };
	const struct confined_call in_root = { SYS_openat2, ALWAYS };
	/* prlimit(2) of itself. */
	const struct confined_call limits = { SYS_prlimit64, EXACTLY(0, 0) };

	emit(p, BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, arch),
	     0, 0);
	emit(p, BPF_JMP | BPF_JEQ | BPF_K, confine_arch, 1, 0);
	emit(p, BPF_RET | BPF_K, SECCOMP_RET_KILL_PROCESS, 0, 0);
	emit(p, BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr), 0,
	     0);
	emit_calls(p, common, ARRAY_SIZE(common));
	emit_calls(p, confine_machine_calls.items, confine_machine_calls.n);
	emit_call(p, &abort_call);
	emit_call(p, &limits);
	if (rules->n_writable) {
		emit_calls(p, writing, ARRAY_SIZE(writing));
		emit_calls(p, confine_machine_writing.items,
			   confine_machine_writing.n);
	}
	if (rules->network)
		emit_calls(p, network, ARRAY_SIZE(network));
	if (rules->other_root)
		emit_call(p, &in_root);
	emit(p, BPF_RET | BPF_K, SECCOMP_RET_ERRNO | ENOSYS, 0, 0);
}

struct hs_error *confine_calls(const struct confine_rules *rules)
{
	const size_t most =
		7 +
		CALL_LENGTH * (ARRAY_SIZE(common) + confine_machine_calls.n +
			       3 + ARRAY_SIZE(writing) +
			       confine_machine_writing.n + ARRAY_SIZE(network));
	_cleanup_free_ struct sock_filter *code = calloc(most, sizeof(*code));
	struct program p = { .code = code };
	struct sock_fprog filter;

	if (!code)
		return hs_error_nomem();
	emit_all(&p, rules);
	filter = (struct sock_fprog){ (unsigned short)p.n, code };
	if (prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &filter) == 0)
		return NULL;
	return hs_error_sys(HS_ERROR_SYSTEM, errno,
			    "cannot limit system calls");
}
