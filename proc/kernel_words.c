#include "proc/kernel_words.h"

#include <dirent.h>
#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/array.h"
#include "base/parse.h"
#include "base/words.h"
#include "proc/proc_path.h"
#include "proc/proc_text.h"

void kernel_words_release(struct kernel_words *words)
{
	free(words->items);
	*words = (struct kernel_words){ 0 };
}

static struct hs_error *add(struct kernel_words *to, struct word hex)
{
	uint64_t value;

	if (!parse_hex(hex.s, hex.len, &value) || !value)
		return NULL;
	if (to->n == KERNEL_WORDS_MAX) {
		to->hidden = true;
		return NULL;
	}
	if (!ARRAY_GROW(to->items, to->cap, to->n + 1))
		return hs_error_nomem();
	to->items[to->n++] = value;
	return NULL;
}

/* "tfd:       11 events: 80000019 data:     7f3db68dd000  pos:0 ..." */
struct hs_error *kernel_words_parse_fdinfo(const char *text, size_t len,
					   struct kernel_words *to)
{
	struct word rest = { text, len }, line;
	struct hs_error *err = NULL;

	while (!err && words_line(&rest, &line)) {
		if (!words_step_over(&line, "tfd:"))
			continue;
		while (line.len && !word_is(words_next(&line), "data:"))
			;
		err = add(to, words_next(&line));
	}
	return err;
}

/* "signal: 64/00007f3db68dd000" (fs/proc/base.c: %px, without 0x) */
struct hs_error *kernel_words_parse_timers(const char *text, size_t len,
					   struct kernel_words *to)
{
	struct word rest = { text, len }, line;
	struct hs_error *err = NULL;

	while (!err && words_line(&rest, &line)) {
		if (!words_step_over(&line, "signal:"))
			continue;
		(void)words_until(&line, '/');
		words_step(&line, 1);
		err = add(to, words_next(&line));
	}
	return err;
}

static struct hs_error *read_timers(pid_t pid, struct kernel_words *to)
{
	_cleanup_proc_text_ struct proc_text t;
	struct hs_error *unread = proc_text_read(proc_path(pid, "timers"), &t);

	if (!unread)
		return kernel_words_parse_timers(t.s, t.len, to);
	/* A kernel without CONFIG_CHECKPOINT_RESTORE has no such file. */
	if (hs_error_code(unread) == HS_ERROR_NOMEM)
		return unread;
	hs_error_free(unread);
	return NULL;
}

/* While the kernel writes the list of an epoll(7), epoll_wait(2) of the process
 * waits: some 100 ns for each descriptor. */
static struct hs_error *read_epoll(pid_t pid, const char *fd,
				   struct kernel_words *to)
{
	_cleanup_proc_text_ struct proc_text t;
	struct hs_error *unread =
		proc_text_read(proc_path(pid, "fdinfo/%.10s", fd), &t);

	if (!unread)
		return kernel_words_parse_fdinfo(t.s, t.len, to);
	if (hs_error_code(unread) == HS_ERROR_NOMEM)
		return unread;
	hs_error_free(unread);
	return NULL;
}

static struct hs_error *read_descriptor(pid_t pid, const char *fd,
					struct kernel_words *to)
{
	char link[64];
	const ssize_t n = readlink(proc_path(pid, "fd/%.10s", fd).text, link,
				   sizeof(link) - 1);

	if (n < 0)
		return NULL;
	link[n] = '\0';
	if (!strcmp(link, "anon_inode:[io_uring]"))
		to->hidden = true;
	return strcmp(link, "anon_inode:[eventpoll]") ? NULL
						      : read_epoll(pid, fd, to);
}

static struct hs_error *read_descriptors(pid_t pid, DIR *dir,
					 struct kernel_words *to)
{
	struct hs_error *err = NULL;
	struct dirent *entry;
	uint64_t fd;

	while (!err && (entry = readdir(dir))) {
		if (parse_range(entry->d_name, 0, INT_MAX, &fd))
			err = read_descriptor(pid, entry->d_name, to);
	}
	return err;
}

struct hs_error *kernel_words_read(pid_t pid, struct kernel_words *ret)
{
	struct hs_error *err = read_timers(pid, ret);
	DIR *dir;

	if (err)
		return err;
	dir = opendir(proc_path(pid, "fd").text);
	if (!dir && (errno == ENOENT || errno == ESRCH))
		return hs_error_new(HS_ERROR_GONE, "no process %d", (int)pid);
	ret->hidden |= !dir;
	if (!dir)
		return NULL;
	err = read_descriptors(pid, dir, ret);
	closedir(dir);
	return err;
}
