#include "target/process_lookup.h"

bool process_lookup_is_next(const struct process_lookup *l, size_t i)
{
	const struct process_row *rows = l->users.items;

	return i == 0 || rows[i].pid != rows[i - 1].pid;
}

static struct hs_error *find(const char *name, struct pid_list *found)
{
	struct hs_error *err = process_names_find(name, found);

	if (!err && !found->n)
		err = process_names_find_script(name, found);
	if (!err && !found->n && process_names_is_container(name))
		err = process_names_find_container(name, found);
	return err;
}

struct hs_error *process_lookup(const char *name, struct process_lookup *ret)
{
	struct hs_error *err = find(name, &ret->found);
	size_t i;

	if (err || !ret->found.n)
		return err;
	if (ret->found.n == 1) {
		ret->pid = ret->found.pids[0];
		return NULL;
	}
	err = process_list_take_of(ret->found.pids, ret->found.n, &ret->users);
	for (i = 0; i < ret->users.n; i++)
		ret->n_users += process_lookup_is_next(ret, i);
	if (!err && ret->n_users == 1)
		ret->pid = ret->users.items[0].pid;
	return err;
}

void process_lookup_release(struct process_lookup *l)
{
	pid_list_release(&l->found);
	process_list_release(&l->users);
}
