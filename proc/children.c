#include "proc/children.h"

#include <dirent.h>
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "base/cleanup.h"
#include "base/parse.h"
#include "proc/proc_path.h"
#include "proc/task.h"

void pid_list_release(struct pid_list *list)
{
	free(list->pids);
	*list = (struct pid_list){ 0 };
}

static struct hs_error *add(struct pid_list *list, pid_t pid)
{
	if (!ARRAY_GROW(list->pids, list->cap, list->n + 1))
		return hs_error_nomem();
	list->pids[list->n++] = pid;
	return NULL;
}

struct hs_error *pid_list_read_all(struct pid_list *list)
{
	struct hs_error *err = NULL;
	struct dirent *entry;
	uint64_t pid;
	DIR *dir = opendir("/proc");

	if (!dir)
		return hs_error_sys(HS_ERROR_SYSTEM, errno,
				    "cannot open '/proc'");
	while (!err && (entry = readdir(dir))) {
		if (parse_u64(entry->d_name, strlen(entry->d_name), &pid) &&
		    pid <= INT_MAX)
			err = add(list, (pid_t)pid);
	}
	closedir(dir);
	return err;
}

/* Each child is listed by the thread that started it. */
static struct hs_error *children_of_task(pid_t pid, pid_t tid,
					 struct pid_list *list)
{
	_cleanup_fclose_ FILE *f = NULL;
	struct hs_error *err = NULL;
	int child;

	f = fopen(proc_task_path(pid, tid, "children").text, "re");
	while (!err && f && fscanf(f, "%d", &child) == 1)
		err = add(list, (pid_t)child);
	return err;
}

static struct hs_error *children_of(pid_t pid, struct pid_list *list)
{
	hs_cleanup(task_list_release) struct task_list tasks = { 0 };
	struct hs_error *err = task_list_read(pid, &tasks);
	size_t i;

	if (err && hs_error_code(err) == HS_ERROR_GONE) {
		hs_error_free(err);
		return NULL;
	}
	for (i = 0; !err && i < tasks.n; i++)
		err = children_of_task(pid, tasks.tids[i], list);
	return err;
}

struct hs_error *children_read(pid_t pid, struct pid_list *list)
{
	size_t next = list->n;
	struct hs_error *err = children_of(pid, list);

	for (; !err && next < list->n; next++)
		err = children_of(list->pids[next], list);
	return err;
}
