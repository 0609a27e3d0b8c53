#include "proc/status.h"

#include <limits.h>
#include <stdio.h>
#include <string.h>

#include "base/array.h"
#include "base/cleanup.h"
#include "base/parse.h"
#include "proc/file.h"

/* What stands behind "Key:\t", or a part of it. */
struct value {
	const char *s;
	size_t len;
};

static bool is_blank(char c)
{
	return c == ' ' || c == '\t';
}

static void skip_blanks(struct value *v)
{
	while (v->len && is_blank(*v->s)) {
		v->s++;
		v->len--;
	}
}

static bool take_word(struct value *v, struct value *word)
{
	skip_blanks(v);
	*word = (struct value){ v->s, 0 };
	while (word->len < v->len && !is_blank(v->s[word->len]))
		word->len++;
	v->s += word->len;
	v->len -= word->len;
	skip_blanks(v);
	return word->len > 0;
}

static bool take_u32(struct value *v, uint32_t *ret)
{
	struct value word;
	uint64_t n;

	if (!take_word(v, &word) || !parse_u64(word.s, word.len, &n) ||
	    n > UINT32_MAX)
		return false;
	*ret = (uint32_t)n;
	return true;
}

static bool take_pid(struct value v, pid_t *ret)
{
	uint32_t n;

	if (!take_u32(&v, &n) || n > INT_MAX || v.len)
		return false;
	*ret = (pid_t)n;
	return true;
}

/* The kernel writes a newline of the name as "\n" and a backslash as "\\"
 * (fs/proc/array.c, proc_task_name()). */
static bool set_name(struct status *st, struct value v)
{
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

static bool set_state(struct status *st, struct value v)
{
	struct value word;

	if (!take_word(&v, &word) || word.len != 1)
		return false;
	st->state = word.s[0];
	return true;
}

static bool set_tgid(struct status *st, struct value v)
{
	return take_pid(v, &st->tgid);
}

static bool set_pid(struct status *st, struct value v)
{
	return take_pid(v, &st->pid);
}

/* From the reader's namespace inwards. */
static bool set_inner_pid(struct status *st, struct value v)
{
	struct value word;

	while (take_word(&v, &word))
		if (!take_pid(word, &st->inner_pid))
			return false;
	return true;
}

static bool set_ppid(struct status *st, struct value v)
{
	return take_pid(v, &st->ppid);
}

static bool set_tracer(struct status *st, struct value v)
{
	return take_pid(v, &st->tracer);
}

/* Real, effective, saved, filesystem. */
static bool set_uids(struct status *st, struct value v)
{
	uint32_t saved;

	return take_u32(&v, &st->uid) && take_u32(&v, &st->euid) &&
	       take_u32(&v, &saved) && take_u32(&v, &st->fsuid);
}

static bool set_gids(struct status *st, struct value v)
{
	uint32_t saved;

	return take_u32(&v, &st->gid) && take_u32(&v, &st->egid) &&
	       take_u32(&v, &saved) && take_u32(&v, &st->fsgid);
}

static bool set_threads(struct status *st, struct value v)
{
	return take_u32(&v, &st->threads);
}

static bool set_sig_pending(struct status *st, struct value v)
{
	return parse_hex(v.s, v.len, &st->sig_pending);
}

static bool set_sig_shared_pending(struct status *st, struct value v)
{
	return parse_hex(v.s, v.len, &st->sig_shared_pending);
}

static bool set_sig_blocked(struct status *st, struct value v)
{
	return parse_hex(v.s, v.len, &st->sig_blocked);
}

static bool set_sig_ignored(struct status *st, struct value v)
{
	return parse_hex(v.s, v.len, &st->sig_ignored);
}

static bool set_sig_caught(struct status *st, struct value v)
{
	return parse_hex(v.s, v.len, &st->sig_caught);
}

static bool set_seccomp(struct status *st, struct value v)
{
	uint32_t mode;

	if (!take_u32(&v, &mode) || mode > 2)
		return false;
	st->seccomp = (int)mode;
	return true;
}

static bool set_shadow_stack(struct status *st, struct value v)
{
	struct value word;

	while (take_word(&v, &word))
		if (word.len == 5 && !memcmp(word.s, "shstk", 5))
			st->shadow_stack = true;
	return true;
}

static bool take_memory(struct value v, uint64_t *ret)
{
	struct value number, unit;
	uint64_t kib;

	if (!take_word(&v, &number) || !take_word(&v, &unit) || v.len ||
	    unit.len != 2 || memcmp(unit.s, "kB", 2) ||
	    !parse_u64(number.s, number.len, &kib))
		return false;
	return !__builtin_mul_overflow(kib, (uint64_t)1024, ret);
}

static bool set_vm_size(struct status *st, struct value v)
{
	st->kernel_thread = false;
	return take_memory(v, &st->vm_size);
}

static bool set_vm_data(struct status *st, struct value v)
{
	return take_memory(v, &st->vm_data);
}

static bool set_vm_locked(struct status *st, struct value v)
{
	return take_memory(v, &st->vm_locked);
}

static bool set_vm_rss(struct status *st, struct value v)
{
	return take_memory(v, &st->vm_rss);
}

static bool set_rss_anon(struct status *st, struct value v)
{
	return take_memory(v, &st->rss_anon);
}

static bool set_rss_file(struct status *st, struct value v)
{
	return take_memory(v, &st->rss_file);
}

static bool set_rss_shmem(struct status *st, struct value v)
{
	return take_memory(v, &st->rss_shmem);
}

static const struct field {
	const char *name;
	bool (*set)(struct status *st, struct value v);
	bool required;
} fields[] = {
	{ "Name", set_name, true },
	{ "State", set_state, true },
	{ "Tgid", set_tgid, true },
	{ "Pid", set_pid, true },
	{ "NSpid", set_inner_pid, false }, /* Linux 4.1, CONFIG_PID_NS */
	{ "PPid", set_ppid, true },
	{ "TracerPid", set_tracer, true },
	{ "Uid", set_uids, true },
	{ "Gid", set_gids, true },
	{ "Threads", set_threads, true },
	{ "SigPnd", set_sig_pending, true },
	{ "ShdPnd", set_sig_shared_pending, true },
	{ "SigBlk", set_sig_blocked, true },
	{ "SigIgn", set_sig_ignored, true },
	{ "SigCgt", set_sig_caught, true },
	{ "Seccomp", set_seccomp, false },		    /* CONFIG_SECCOMP */
	{ "x86_Thread_features", set_shadow_stack, false }, /* Linux 6.6 */
	{ "VmSize", set_vm_size, false },
	{ "VmLck", set_vm_locked, false },
	{ "VmRSS", set_vm_rss, false },
	{ "VmData", set_vm_data, false },
	{ "RssAnon", set_rss_anon, false }, /* Linux 4.5 */
	{ "RssFile", set_rss_file, false },
	{ "RssShmem", set_rss_shmem, false },
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
	struct value v;

	if (!colon)
		return false;
	f = field_find(line, (size_t)(colon - line));
	if (!f)
		return true;
	/* Exactly one tab: a name may begin and end with blanks. */
	v = (struct value){ colon + 1, len - (size_t)(colon + 1 - line) };
	if (!v.len || *v.s != '\t')
		return false;
	v.s++;
	v.len--;
	*seen |= 1u << (f - fields);
	return f->set(st, v);
}

struct hs_error *status_parse(const char *text, size_t len, const char *name,
			      struct status *ret)
{
	struct status st = { .kernel_thread = true };
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
	if (st.state == 'Z' || st.state == 'X')
		st.kernel_thread = false;
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
