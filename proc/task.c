#include "proc/task.h"

#include <dirent.h>
#include <errno.h>
#include <limits.h>
#include <linux/kcmp.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/array.h"
#include "base/parse.h"
#include "proc/proc_path.h"
#include "proc/proc_text.h"

static int compare_tids(const void *a, const void *b)
{
	pid_t x = *(const pid_t *)a, y = *(const pid_t *)b;

	return (x > y) - (x < y);
}

static struct hs_error *task_list_fill(struct task_list *list, DIR *dir)
{
	struct dirent *entry;

	while ((entry = readdir(dir))) {
		uint64_t tid;

		if (!parse_range(entry->d_name, 1, INT_MAX, &tid))
			continue; /* "." and ".." */
		if (!ARRAY_GROW(list->tids, list->cap, list->n + 1))
			return hs_error_nomem();
		list->tids[list->n++] = (pid_t)tid;
	}
	return NULL;
}

struct hs_error *task_list_read(pid_t pid, struct task_list *ret)
{
	const struct proc_path path = proc_path(pid, "task");
	struct task_list list = { 0 };
	struct hs_error *err;
	DIR *dir;

	dir = opendir(path.text);
	if (!dir && errno != ENOENT && errno != ESRCH)
		return hs_error_sys(HS_ERROR_SYSTEM, errno, "cannot read '%s'",
				    path.text);
	if (!dir)
		return hs_error_new(HS_ERROR_GONE, "no process %d", (int)pid);
	err = task_list_fill(&list, dir);
	closedir(dir);
	/* When a process ends while its directory is open, the directory is
	 * empty. */
	if (!err && !list.n)
		err = hs_error_new(HS_ERROR_GONE, "no process %d", (int)pid);
	if (err) {
		task_list_release(&list);
		return err;
	}
	qsort(list.tids, list.n, sizeof(*list.tids), compare_tids);
	*ret = list;
	return NULL;
}

void task_list_release(struct task_list *list)
{
	free(list->tids);
	*list = (struct task_list){ 0 };
}

bool task_list_has(const struct task_list *list, pid_t tid)
{
	return list->n && bsearch(&tid, list->tids, list->n,
				  sizeof(*list->tids), compare_tids);
}

bool task_shares_files(pid_t a, pid_t b)
{
	long order = a == b ? 0 : syscall(SYS_kcmp, a, b, KCMP_FILES, 0, 0);

	return !order || (order < 0 && (errno == ENOSYS || errno == EPERM));
}

/* The next word of @s[0..*len); words are separated by one space. */
static bool next_word(const char **s, size_t *len, const char **word,
		      size_t *word_len)
{
	const char *space;

	if (!*len)
		return false;
	space = memchr(*s, ' ', *len);
	*word = *s;
	*word_len = space ? (size_t)(space - *s) : *len;
	*len -= *word_len + (space ? 1 : 0);
	*s += *word_len + (space ? 1 : 0);
	return true;
}

static bool next_hex(const char **s, size_t *len, uint64_t *ret)
{
	const char *word;
	size_t n;

	return next_word(s, len, &word, &n) && n > 2 &&
	       !memcmp(word, "0x", 2) && parse_hex(word + 2, n - 2, ret);
}

/*
 * fs/proc/base.c, proc_pid_syscall(): "running", or "NR 0xARG... 0xSP 0xPC"
 * with six arguments, or, when the number is negative, "NR 0xSP 0xPC".
 */
static bool parse_line(const char *s, size_t len, struct task_syscall *ret)
{
	const char *word;
	uint64_t number;
	size_t n, i;

	if (len == strlen("running") && !memcmp(s, "running", len)) {
		ret->activity = TASK_RUNNING;
		return true;
	}
	if (!next_word(&s, &len, &word, &n))
		return false;
	if (*word == '-') {
		if (!parse_u64(word + 1, n - 1, &number) || number > INT_MAX)
			return false;
		ret->activity = TASK_IN_FAULT;
		ret->number = -(int64_t)number;
	} else {
		if (!parse_u64(word, n, &number) || number > INT_MAX)
			return false;
		ret->activity = TASK_IN_SYSCALL;
		ret->number = (int64_t)number;
		for (i = 0; i < ARRAY_SIZE(ret->args); i++)
			if (!next_hex(&s, &len, &ret->args[i]))
				return false;
	}
	return next_hex(&s, &len, &ret->sp) && next_hex(&s, &len, &ret->pc) &&
	       !len;
}

struct hs_error *task_syscall_parse(const char *text, size_t len,
				    const char *name, struct task_syscall *ret)
{
	struct task_syscall task = { 0 };

	if (!len || text[len - 1] != '\n' || !parse_line(text, len - 1, &task))
		return hs_error_new(HS_ERROR_INPUT,
				    "%s:1: not a system call's state", name);
	*ret = task;
	return NULL;
}

struct hs_error *task_syscall_read(pid_t pid, pid_t tid,
				   struct task_syscall *ret)
{
	_cleanup_proc_text_ struct proc_text t;
	struct hs_error *err =
		proc_text_read(proc_task_path(pid, tid, "syscall"), &t);

	return err ? err : task_syscall_parse(t.s, t.len, t.path.text, ret);
}

/* The number of @index in the thread's schedstat; 0: unknown. */
static uint64_t sched_number(pid_t pid, pid_t tid, int index)
{
	_cleanup_proc_text_ struct proc_text t;
	struct hs_error *err =
		proc_text_read(proc_task_path(pid, tid, "schedstat"), &t);
	uint64_t number;
	char *word;

	if (err) {
		hs_error_free(err);
		return 0;
	}
	for (word = t.s; word && index; index--) {
		word = strchr(word, ' ');
		word = word ? word + 1 : NULL;
	}
	if (!word || !parse_u64(word, strcspn(word, " \n"), &number))
		return 0;
	return number;
}

int64_t task_waited_us(pid_t pid, pid_t tid)
{
	return (int64_t)(sched_number(pid, tid, 1) / 1000);
}

uint64_t task_turns(pid_t pid, pid_t tid)
{
	return sched_number(pid, tid, 2);
}
