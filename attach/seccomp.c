#include "attach/seccomp.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/syscall.h>

#include "attach/request.h"
#include "base/array.h"
#include "proc/status.h"

const struct seccomp_allows seccomp_allows_all = {
	.helper = true,
	.memfd = true,
	.dup = true,
	.unlink = true,
	.others = true,
};

/* --- reading --------------------------------------------------------------- */

static struct hs_error *unreadable(struct hs_error *err)
{
	err = hs_error_recode(err, HS_ERROR_DENIED);
	err = hs_error_wrap(err, "its seccomp filter cannot be read, and may "
				 "kill it for what a snapshot does");
	return hs_error_hint(err, "run as root outside of the container, or, "
				  "when the filter allows memfd_create, clone, "
				  "creat, fcntl, prctl and restart_syscall, "
				  "say so with --assume-seccomp-allows");
}

/* *end: there is no filter @index. */
static struct hs_error *read_filter(pid_t tid, size_t index,
				    struct seccomp_filter *ret, bool *end)
{
	struct hs_error *err;
	long n = 0;

	err = request_value(PTRACE_SECCOMP_GET_FILTER, tid, index, 0, &n);
	*end = err && hs_error_errno(err) == ENOENT;
	if (*end) {
		hs_error_free(err);
		return NULL;
	}
	/* EINVAL: a kernel without it, or a thread without filters. */
	if (err)
		return err;
	ret->n = (size_t)n;
	ret->code = calloc(ret->n, sizeof(*ret->code));
	if (!ret->code)
		return hs_error_nomem();
	return request(PTRACE_SECCOMP_GET_FILTER, tid, index,
		       (uintptr_t)ret->code);
}

struct hs_error *seccomp_filters_read(pid_t tid, struct seccomp_filters *ret)
{
	enum { FILTERS_MAX = 1024 };
	struct hs_error *err = NULL;
	bool end = false;

	*ret = (struct seccomp_filters){ 0 };
	while (!err && !end && ret->n < FILTERS_MAX) {
		if (!ARRAY_GROW(ret->items, ret->cap, ret->n + 1)) {
			err = hs_error_nomem();
			break;
		}
		ret->items[ret->n] = (struct seccomp_filter){ 0 };
		err = read_filter(tid, ret->n, &ret->items[ret->n], &end);
		if (!end)
			ret->n++;
	}
	if (!err)
		return NULL;
	seccomp_filters_release(ret);
	if (hs_error_code(err) == HS_ERROR_GONE ||
	    hs_error_code(err) == HS_ERROR_NOMEM)
		return err;
	return unreadable(err);
}

/* The answer of a kernel with the request to a thread without filters is that
 * of a kernel without it, EINVAL. But what is built by the same option,
 * CONFIG_CHECKPOINT_RESTORE, tells them apart. (Without CONFIG_SECCOMP_FILTER
 * there are no filters.) */
static bool kernel_tells_filters(void)
{
	unsigned size = 0;

	return !prctl(PR_SET_MM, PR_SET_MM_MAP_SIZE, &size, 0L, 0L) && size;
}

static bool has_no_filters(pid_t tid)
{
	struct hs_error *err;
	bool none;
	long n;

	err = request_value(PTRACE_SECCOMP_GET_FILTER, tid, 0, 0, &n);
	none = err && hs_error_errno(err) == EINVAL && kernel_tells_filters();
	hs_error_free(err);
	return none;
}

/* A thread enters strict mode by itself, and is killed there for any wait but
 * these. */
static bool may_be_strict(const struct arch_regs *regs)
{
	const int64_t number = arch_wait_of(regs).number;

	return !arch_waits(regs) || number == SYS_read || number == SYS_write;
}

bool seccomp_is_off(pid_t pid, pid_t tid, const struct arch_regs *regs)
{
	struct status status;
	struct hs_error *err;

	/* This takes a tenth of the time of the file. */
	if (!may_be_strict(regs) && has_no_filters(tid))
		return true;
	err = status_read_thread(pid, tid, &status);
	if (!err)
		return !status.seccomp;
	hs_error_free(err);
	return false;
}

void seccomp_filters_release(struct seccomp_filters *filters)
{
	size_t i;

	for (i = 0; i < filters->n; i++)
		free(filters->items[i].code);
	free(filters->items);
	*filters = (struct seccomp_filters){ 0 };
}

bool seccomp_filters_equal(const struct seccomp_filters *a,
			   const struct seccomp_filters *b)
{
	size_t i;

	if (a->n != b->n)
		return false;
	for (i = 0; i < a->n; i++) {
		const struct seccomp_filter *f = &a->items[i];

		if (f->n != b->items[i].n ||
		    memcmp(f->code, b->items[i].code, f->n * sizeof(*f->code)))
			return false;
	}
	return true;
}

/* --- judging --------------------------------------------------------------- */

static void set_words(struct bpf_value *words, const struct seccomp_arg *arg)
{
	words[0] = (struct bpf_value){ (uint32_t)arg->value,
				       (uint32_t)arg->unknown };
	words[1] = (struct bpf_value){ (uint32_t)(arg->value >> 32),
				       (uint32_t)(arg->unknown >> 32) };
}

static struct hs_error *ask(const struct seccomp_filters *filters,
			    const struct seccomp_need *need,
			    struct bpf_answer *ret)
{
	const struct bpf_value any = { 0, UINT32_MAX };
	struct bpf_input input;
	struct bpf_answer one;
	struct hs_error *err;
	size_t i;

	for (i = 0; i < BPF_WORDS; i++)
		input.words[i] = any;
	input.words[BPF_NR] = (struct bpf_value){ need->number, 0 };
	input.words[BPF_ARCH] = (struct bpf_value){ seccomp_arch, 0 };
	for (i = 0; i < ARRAY_SIZE(need->args); i++)
		if (need->known & 1u << i)
			set_words(&input.words[BPF_ARGS + 2 * i],
				  &need->args[i]);
	*ret = (struct bpf_answer){ .actions = 1u << BPF_ALLOW };
	for (i = 0; i < filters->n; i++) {
		err = bpf_explore(filters->items[i].code, filters->items[i].n,
				  &input, &one);
		if (err)
			return hs_error_recode(err, HS_ERROR_DENIED);
		*ret = bpf_answer_both(ret, &one);
	}
	return NULL;
}

static bool runs(const struct bpf_answer *a)
{
	return !(a->actions & ~(1u << BPF_ALLOW | 1u << BPF_LOG));
}

/* The call runs or fails. To "fail" with 0 would look like success. */
static bool runs_or_fails(const struct bpf_answer *a, unsigned error_min,
			  unsigned error_max)
{
	struct bpf_answer rest = *a;

	if (a->actions & 1u << BPF_ERRNO &&
	    (a->error_min < error_min || a->error_max > error_max))
		return false;
	rest.actions &= ~(1u << BPF_ERRNO);
	return runs(&rest);
}

static const char *what_it_does(const struct bpf_answer *a)
{
	static const char *const strings[BPF_ACTIONS] = {
		[BPF_KILL_PROCESS] = "would kill it for",
		[BPF_KILL_THREAD] = "would kill one of its threads for",
		[BPF_TRAP] = "would send it SIGSYS for",
		[BPF_ERRNO] = "does not allow",
		[BPF_NOTIFY] = "asks another process about",
		[BPF_TRACE] = "asks a tracer about",
	};
	size_t i;

	for (i = 0; i < BPF_LOG; i++)
		if (a->actions & 1u << i)
			return strings[i];
	return "allows";
}

static struct hs_error *forbidden(const struct seccomp_need *need,
				  const struct bpf_answer *answer)
{
	struct hs_error *err;

	err = hs_error_new(HS_ERROR_DENIED,
			   "its seccomp filter %s the system call '%s'",
			   what_it_does(answer), need->name);
	return hs_error_hint(err, "a snapshot makes that system call in the "
				  "process: let its filter allow it");
}

/* Whether @need may be issued. */
static bool may(const struct seccomp_need *need,
		const struct bpf_answer *answer)
{
	enum { ERROR_MAX = 4095 };

	if (need->use == SECCOMP_CLONE)
		return runs_or_fails(answer, ENOSYS, ENOSYS);
	if (need->error_ok)
		return runs_or_fails(answer, 1, ERROR_MAX);
	return runs(answer);
}

struct hs_error *seccomp_judge(const struct seccomp_filters *filters, bool musl,
			       struct seccomp_allows *ret)
{
	const struct seccomp_need *need;
	struct bpf_answer answer;
	struct hs_error *err;

	*ret = seccomp_allows_all;
	ret->others = !filters->n;
	for (need = seccomp_needs; filters->n && need->name; need++) {
		err = ask(filters, need, &answer);
		if (err)
			return err;
		if (may(need, &answer))
			continue;
		switch (need->use) {
		case SECCOMP_MUSL:
			if (!musl)
				break;
			return forbidden(need, &answer);
		case SECCOMP_ALWAYS:
			return forbidden(need, &answer);
		case SECCOMP_HELPER:
		case SECCOMP_CLONE:
			ret->helper = false;
			break;
		case SECCOMP_MEMFD:
			ret->memfd = false;
			break;
		case SECCOMP_DUP:
			ret->dup = false;
			break;
		case SECCOMP_UNLINK:
			ret->unlink = false;
			break;
		}
	}
	return NULL;
}

bool seccomp_lets_resume(const struct seccomp_filters *filters)
{
	const struct seccomp_need *need = seccomp_needs;
	struct bpf_answer answer;
	struct hs_error *err;

	while (need->name && need->number != SYS_restart_syscall)
		need++;
	if (!filters->n || !need->name)
		return true;
	err = ask(filters, need, &answer);
	if (err) {
		hs_error_free(err);
		return false;
	}
	return runs(&answer);
}

bool seccomp_may(const struct seccomp_allows *allows, int64_t number)
{
	const struct seccomp_need *need = seccomp_needs;

	while (need->name && need->number != number)
		need++;
	if (!need->name)
		return allows->others;
	switch (need->use) {
	case SECCOMP_ALWAYS:
		break;
	case SECCOMP_MUSL:
		return allows->others;
	case SECCOMP_HELPER:
	case SECCOMP_CLONE:
		return allows->helper;
	case SECCOMP_MEMFD:
		return allows->memfd;
	case SECCOMP_DUP:
		return allows->dup;
	case SECCOMP_UNLINK:
		return allows->unlink;
	}
	return true;
}
