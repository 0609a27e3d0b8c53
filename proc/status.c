#include "proc/status.h"

#include <limits.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include "base/array.h"
#include "base/cleanup.h"
#include "base/parse.h"
#include "base/word.h"
#include "proc/file.h"

/* What follows takes what stands behind "Key:\t", or a part of it. */

static bool take_u32(struct word *v, uint32_t *ret)
{
	struct word w = word_take(v);
	uint64_t n;

	if (!parse_u64(w.s, w.len, &n) || n > UINT32_MAX)
		return false;
	*ret = (uint32_t)n;
	return true;
}

static bool set_u32(struct word v, void *at)
{
	return take_u32(&v, at);
}

static bool set_pid(struct word v, void *at)
{
	uint32_t n;

	if (!take_u32(&v, &n) || n > INT_MAX || v.len)
		return false;
	*(pid_t *)at = (pid_t)n;
	return true;
}

/* The kernel writes a newline of the name as "\n" and a backslash as "\\"
 * (fs/proc/array.c, proc_task_name()). */
static bool set_name(struct word v, void *at)
{
	struct status *st = at;
	size_t i, n = 0;

	for (i = 0; i < v.len; i++) {
		char c = v.s[i];

		if (c == '\\' && i + 1 < v.len) {
			c = v.s[++i];
			if (c == 'n')
				c = '\n';
		}
		if (n + 1 >= sizeof(st->name))
			return false;
		st->name[n++] = c;
	}
	st->name[n] = '\0';
	return true;
}

/* "S (sleeping)" */
static bool set_state(struct word v, void *at)
{
	struct word letter = word_take(&v);

	if (letter.len != 1)
		return false;
	*(char *)at = *letter.s;
	return true;
}

/* From the reader's namespace inwards. */
static bool set_inner_pid(struct word v, void *at)
{
	while (v.len)
		if (!set_pid(word_take(&v), at))
			return false;
	return true;
}

/* Real, effective, saved, filesystem. */
static bool set_uids(struct word v, void *at)
{
	struct status *st = at;
	uint32_t saved;

	return take_u32(&v, &st->uid) && take_u32(&v, &st->euid) &&
	       take_u32(&v, &saved) && take_u32(&v, &st->fsuid);
}

static bool set_gids(struct word v, void *at)
{
	struct status *st = at;
	uint32_t saved;

	return take_u32(&v, &st->gid) && take_u32(&v, &st->egid) &&
	       take_u32(&v, &saved) && take_u32(&v, &st->fsgid);
}

static bool set_signals(struct word v, void *at)
{
	return parse_hex(v.s, v.len, at);
}

static bool set_seccomp(struct word v, void *at)
{
	uint32_t mode;

	if (!take_u32(&v, &mode) || mode > 2)
		return false;
	*(int *)at = (int)mode;
	return true;
}

static bool set_shadow_stack(struct word v, void *at)
{
	while (v.len)
		if (word_is(word_take(&v), "shstk"))
			*(bool *)at = true;
	return true;
}

static bool set_memory(struct word v, void *at)
{
	struct word number = word_take(&v), unit = word_take(&v);
	uint64_t kib;

	return word_is(unit, "kB") && !v.len &&
	       parse_u64(number.s, number.len, &kib) &&
	       !__builtin_mul_overflow(kib, (uint64_t)1024, (uint64_t *)at);
}

#define AT(member) offsetof(struct status, member)

static const struct field {
	const char *name;
	bool (*set)(struct word v, void *at);
	size_t offset; /* of what is set, in struct status */
	bool required;
} fields[] = {
	{ "Name", set_name, 0, true },
	{ "State", set_state, AT(state), true },
	{ "Tgid", set_pid, AT(tgid), true },
	{ "Pid", set_pid, AT(pid), true },
	/* Linux 4.1, CONFIG_PID_NS */
	{ "NSpid", set_inner_pid, AT(inner_pid), false },
	{ "PPid", set_pid, AT(ppid), true },
	{ "TracerPid", set_pid, AT(tracer), true },
	{ "Uid", set_uids, 0, true },
	{ "Gid", set_gids, 0, true },
	{ "Threads", set_u32, AT(threads), true },
	{ "SigPnd", set_signals, AT(sig_pending), true },
	{ "ShdPnd", set_signals, AT(sig_shared_pending), true },
	{ "SigBlk", set_signals, AT(sig_blocked), true },
	{ "SigIgn", set_signals, AT(sig_ignored), true },
	{ "SigCgt", set_signals, AT(sig_caught), true },
	/* CONFIG_SECCOMP */
	{ "Seccomp", set_seccomp, AT(seccomp), false },
	/* Linux 6.6 */
	{ "x86_Thread_features", set_shadow_stack, AT(shadow_stack), false },
	{ "VmSize", set_memory, AT(vm_size), false },
	{ "VmLck", set_memory, AT(vm_locked), false },
	{ "VmRSS", set_memory, AT(vm_rss), false },
	{ "VmData", set_memory, AT(vm_data), false },
	/* Linux 4.5 */
	{ "RssAnon", set_memory, AT(rss_anon), false },
	{ "RssFile", set_memory, AT(rss_file), false },
	{ "RssShmem", set_memory, AT(rss_shmem), false },
};

/* The row for the name in @line[0..colon), or NULL. */
static const struct field *field_find(const char *line, size_t colon)
{
	size_t i;

	for (i = 0; i < ARRAY_SIZE(fields); i++)
		if (strlen(fields[i].name) == colon &&
		    !memcmp(fields[i].name, line, colon))
			return &fields[i];
	return NULL;
}

/* "Key:\tvalue"; *seen gets the bit of a field that was there. */
static bool parse_line(const char *line, size_t len, struct status *st,
		       uint32_t *seen)
{
	const char *colon = memchr(line, ':', len);
	const struct field *f;
	struct word v;

	if (!colon)
		return false;
	f = field_find(line, (size_t)(colon - line));
	if (!f)
		return true;
	/* Exactly one tab: a name may begin and end with blanks. */
	v = (struct word){ colon + 1, len - (size_t)(colon + 1 - line) };
	if (!v.len || *v.s != '\t')
		return false;
	v.s++;
	v.len--;
	*seen |= 1u << (f - fields);
	return f->set(v, (char *)st + f->offset);
}

struct hs_error *status_parse(const char *text, size_t len, const char *name,
			      struct status *ret)
{
	struct status st = { 0 };
	size_t pos = 0, line = 0, i;
	uint32_t seen = 0;

	while (pos < len) {
		const char *nl = memchr(text + pos, '\n', len - pos);
		size_t n = nl ? (size_t)(nl - text) - pos : len - pos;

		line++;
		if (!nl || !parse_line(text + pos, n, &st, &seen))
			return hs_error_new(HS_ERROR_INPUT,
					    "%s:%zu: not a status line", name,
					    line);
		pos += n + 1;
	}
	for (i = 0; i < ARRAY_SIZE(fields); i++)
		if (fields[i].required && !(seen & 1u << i))
			return hs_error_new(HS_ERROR_INPUT,
					    "%s: the line '%s:' is missing",
					    name, fields[i].name);
	/* What has ended has no memory either. */
	st.kernel_thread = !(seen & 1u << (field_find("VmSize", 6) - fields)) &&
			   st.state != 'Z' && st.state != 'X';
	*ret = st;
	return NULL;
}

static struct hs_error *read_path(const char *path, struct status *ret)
{
	_cleanup_free_ char *text = NULL;
	struct hs_error *err;
	size_t len;

	err = file_read_proc(path, &text, &len);
	if (err)
		return err;
	return status_parse(text, len, path, ret);
}

struct hs_error *status_read(pid_t pid, struct status *ret)
{
	char path[64];

	snprintf(path, sizeof(path), "/proc/%d/status", (int)pid);
	return read_path(path, ret);
}

struct hs_error *status_read_thread(pid_t pid, pid_t tid, struct status *ret)
{
	char path[80];

	snprintf(path, sizeof(path), "/proc/%d/task/%d/status", (int)pid,
		 (int)tid);
	return read_path(path, ret);
}
