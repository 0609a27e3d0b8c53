#include "proc/children.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/array.h"
#include "base/cleanup.h"
#include "proc/proc_path.h"
#include "proc/task.h"

void pid_list_release(struct pid_list *list)
{
	free(list->pids);
	*list = (struct pid_list){ 0 };
}

/* Each child is listed by the thread that started it. */
static struct hs_error *children_of_task(pid_t pid, pid_t tid,
					 struct pid_list *list)
{
	_cleanup_fclose_ FILE *f = NULL;
	int child;

	f = fopen(proc_task_path(pid, tid, "children").text, "re");
	while (f && fscanf(f, "%d", &child) == 1) {
		if (!ARRAY_GROW(list->pids, list->cap, list->n + 1))
			return hs_error_nomem();
		list->pids[list->n++] = (pid_t)child;
	}
	return NULL;
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
