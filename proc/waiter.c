#include "proc/waiter.h"

#include <dirent.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>

#include "base/array.h"
#include "base/cleanup.h"
#include "base/parse.h"
#include "base/words.h"
#include "proc/children.h"
#include "proc/file.h"
#include "proc/proc_path.h"
#include "proc/status.h"

/* At most 15 bytes, prctl(2). */
static const char waiting[] = "heapsnap-when", usual[] = "heapsnap";

void waiter_begin(void)
{
	prctl(PR_SET_NAME, waiting);
}

void waiter_end(void)
{
	prctl(PR_SET_NAME, usual);
}

/* The process of a pidfd, "Pid:" in its fdinfo, proc(5); 0: it is no pidfd, or
 * its process has ended (-1 there). */
static pid_t process_of(pid_t pid, const char *fd)
{
	_cleanup_free_ char *text = NULL;
	struct word rest = { 0 }, line;
	struct hs_error *unread;
	uint64_t target;

	unread = file_read_proc(proc_path(pid, "fdinfo/%.10s", fd).text, &text,
				&rest.len);
	rest.s = text;
	while (!unread && words_line(&rest, &line))
		if (words_step_over(&line, "Pid:\t") &&
		    parse_u64(line.s, line.len, &target))
			return (pid_t)target;
	hs_error_free(unread);
	return 0;
}

static struct hs_error *add(struct waiter_list *list, const struct status *st)
{
	DIR *dir = opendir(proc_path(st->pid, "fdinfo").text);
	struct dirent *entry;
	pid_t target = 0;

	if (!dir)
		return NULL;
	while (!target && (entry = readdir(dir)))
		if (entry->d_name[0] != '.')
			target = process_of(st->pid, entry->d_name);
	closedir(dir);
	if (target <= 0)
		return NULL;
	if (!ARRAY_GROW(list->items, list->cap, list->n + 1))
		return hs_error_nomem();
	list->items[list->n++] = (struct waiter){ st->pid, st->euid, target };
	return NULL;
}

struct hs_error *waiter_list_read(struct waiter_list *ret)
{
	hs_cleanup(pid_list_release) struct pid_list all = { 0 };
	struct hs_error *err = pid_list_read_all(&all), *unread;
	struct status st;
	size_t i;

	*ret = (struct waiter_list){ 0 };
	for (i = 0; i < all.n && !err; i++) {
		unread = status_read(all.pids[i], &st);
		if (!unread && !strcmp(st.name, waiting))
			err = add(ret, &st);
		hs_error_free(unread);
	}
	return err;
}

void waiter_list_release(struct waiter_list *list)
{
	free(list->items);
	*list = (struct waiter_list){ 0 };
}
