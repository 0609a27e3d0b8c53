#include "proc/status.h"

#include <limits.h>
#include <stddef.h>
#include <string.h>

#include "base/array.h"
#include "base/parse.h"
#include "base/words.h"
#include "proc/proc_path.h"
#include "proc/proc_text.h"

/* Parses the value @v, the text after "Key:\t", to @to, the field in the
 * table. */
typedef bool parse_fn(struct word v, void *to);

static bool take_u32(struct word *v, uint32_t *ret)
{
	struct word word = words_next(v);
	uint64_t n;

	if (!parse_u64(word.s, word.len, &n) || n > UINT32_MAX)
		return false;
	*ret = (uint32_t)n;
	return true;
}

static bool parse_number(struct word v, void *to)
{
	return take_u32(&v, to);
}

static bool parse_pid(struct word v, void *to)
{
	uint32_t n;

	if (!take_u32(&v, &n) || n > INT_MAX || v.len)
		return false;
	*(pid_t *)to = (pid_t)n;
	return true;
}

/* Of several, takes the last one. */
static bool parse_last_pid(struct word v, void *to)
{
	struct word word;

	for (word = words_next(&v); word.len; word = words_next(&v))
		if (!parse_pid(word, to))
			return false;
	return true;
}

/* The kernel writes a newline of the name as "\n" and a backslash as "\\"
 * (fs/proc/array.c, proc_task_name()). */
static bool parse_name(struct word v, void *to)
{
	char *name = to;
	size_t i, n = 0;

	for (i = 0; i < v.len; i++) {
		char c = v.s[i];

		if (c == '\\' && i + 1 < v.len) {
			c = v.s[++i];
			if (c == 'n')
				c = '\n';
		}
		if (n + 1 >= sizeof(((struct status *)NULL)->name))
			return false;
		name[n++] = c;
	}
	name[n] = '\0';
	return true;
}

static bool parse_state(struct word v, void *to)
{
	struct word word = words_next(&v);

	if (word.len != 1)
		return false;
	*(char *)to = word.s[0];
	return true;
}

/* @to is the whole struct. Real, effective, saved, filesystem. */
static bool parse_uids(struct word v, void *to)
{
	struct status *st = to;
	uint32_t saved;

	return take_u32(&v, &st->uid) && take_u32(&v, &st->euid) &&
	       take_u32(&v, &saved) && take_u32(&v, &st->fsuid);
}

static bool parse_gids(struct word v, void *to)
{
	struct status *st = to;
	uint32_t saved;

	return take_u32(&v, &st->gid) && take_u32(&v, &st->egid) &&
	       take_u32(&v, &saved) && take_u32(&v, &st->fsgid);
}

static bool parse_bits(struct word v, void *to)
{
	return parse_hex(v.s, v.len, to);
}

static bool parse_seccomp(struct word v, void *to)
{
	uint32_t mode;

	if (!take_u32(&v, &mode) || mode > 2)
		return false;
	*(int *)to = (int)mode;
	return true;
}

static bool parse_shadow_stack(struct word v, void *to)
{
	while (v.len)
		if (word_is(words_next(&v), "shstk"))
			*(bool *)to = true;
	return true;
}

/* "    3060 kB" */
static bool parse_memory(struct word v, void *to)
{
	struct word number = words_next(&v);
	uint64_t kib;

	return word_is(words_next(&v), "kB") && !v.len &&
	       parse_u64(number.s, number.len, &kib) &&
	       !__builtin_mul_overflow(kib, (uint64_t)1024, (uint64_t *)to);
}

/* @to is the whole struct: a thread with a VmSize is no kernel thread. */
static bool parse_vm_size(struct word v, void *to)
{
	struct status *st = to;

	st->kernel_thread = false;
	return parse_memory(v, &st->vm_size);
}

#define FIELD(key, kind, member, required)                           \
	{                                                            \
		key, kind, offsetof(struct status, member), required \
	}

static const struct field {
	const char *name;
	parse_fn *parse;
	size_t offset; /* in struct status */
	bool required;
} fields[] = {
	FIELD("Name", parse_name, name, true),
	FIELD("State", parse_state, state, true),
	FIELD("Tgid", parse_pid, tgid, true),
	FIELD("Pid", parse_pid, pid, true),
	/* Linux 4.1, CONFIG_PID_NS; from the reader's namespace inwards. */
	FIELD("NSpid", parse_last_pid, inner_pid, false),
	FIELD("PPid", parse_pid, ppid, true),
	FIELD("TracerPid", parse_pid, tracer, true),
	{ "Uid", parse_uids, 0, true },
	{ "Gid", parse_gids, 0, true },
	FIELD("Threads", parse_number, threads, true),
	FIELD("SigPnd", parse_bits, sig_pending, true),
	FIELD("ShdPnd", parse_bits, sig_shared_pending, true),
	FIELD("SigBlk", parse_bits, sig_blocked, true),
	FIELD("SigIgn", parse_bits, sig_ignored, true),
	FIELD("SigCgt", parse_bits, sig_caught, true),
	FIELD("CapEff", parse_bits, cap_effective, false),
	FIELD("Seccomp", parse_seccomp, seccomp, false), /* CONFIG_SECCOMP */
	FIELD("Seccomp_filters", parse_number, filters, false), /* 5.9 */
	/* Linux 6.6. */
	FIELD("x86_Thread_features", parse_shadow_stack, shadow_stack, false),
	{ "VmSize", parse_vm_size, 0, false },
	FIELD("VmLck", parse_memory, vm_locked, false),
	FIELD("VmRSS", parse_memory, vm_rss, false),
	FIELD("VmHWM", parse_memory, vm_hwm, false),
	FIELD("VmData", parse_memory, vm_data, false),
	FIELD("RssAnon", parse_memory, rss_anon, false), /* Linux 4.5 */
	FIELD("RssFile", parse_memory, rss_file, false),
	FIELD("RssShmem", parse_memory, rss_shmem, false),
};

/* The row for the name @key, or NULL. */
static const struct field *field_find(struct word key)
{
	size_t i;

	for (i = 0; i < ARRAY_SIZE(fields); i++)
		if (word_is(key, fields[i].name))
			return &fields[i];
	return NULL;
}

/* Parses "Key:\tvalue"; sets the bit of a field in *seen. */
static bool parse_line(struct word line, struct status *st, uint32_t *seen)
{
	struct word key = words_until(&line, ':');
	const struct field *f;

	if (!line.len)
		return false;
	f = field_find(key);
	if (!f)
		return true;
	/* Exactly one tab: a name may begin and end with blanks. */
	if (!words_step_over(&line, ":\t"))
		return false;
	*seen |= 1u << (f - fields);
	return f->parse(line, (char *)st + f->offset);
}

struct hs_error *status_parse(const char *text, size_t len, const char *name,
			      struct status *ret)
{
	struct status st = { .kernel_thread = true };
	struct word rest = { text, len }, line;
	size_t number = 0, i;
	uint32_t seen = 0;

	while (rest.len) {
		number++;
		if (!words_line(&rest, &line) || !parse_line(line, &st, &seen))
			return hs_error_new(HS_ERROR_INPUT,
					    "%s:%zu: not a status line", name,
					    number);
	}
	for (i = 0; i < ARRAY_SIZE(fields); i++)
		if (fields[i].required && !(seen & 1u << i))
			return hs_error_new(HS_ERROR_INPUT,
					    "%s: the line '%s:' is missing",
					    name, fields[i].name);
	/* An ended process has no memory either. */
	if (st.state == 'Z' || st.state == 'X')
		st.kernel_thread = false;
	*ret = st;
	return NULL;
}

static struct hs_error *read_path(struct proc_path path, struct status *ret)
{
	_cleanup_proc_text_ struct proc_text t;
	struct hs_error *err = proc_text_read(path, &t);

	return err ? err : status_parse(t.s, t.len, t.path.text, ret);
}

struct hs_error *status_read(pid_t pid, struct status *ret)
{
	return read_path(proc_path(pid, "status"), ret);
}

struct hs_error *status_read_thread(pid_t pid, pid_t tid, struct status *ret)
{
	return read_path(proc_task_path(pid, tid, "status"), ret);
}
