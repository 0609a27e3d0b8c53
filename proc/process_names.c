#include "proc/process_names.h"

#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/array.h"
#include "base/cleanup.h"
#include "base/str.h"
#include "proc/file.h"
#include "proc/proc_path.h"
#include "proc/status.h"

enum { CONTAINER_DIGITS = 12 };

typedef bool (*is_wanted)(pid_t pid, const char *name);

static bool runs_file(pid_t pid, const char *name)
{
	char path[PATH_MAX];
	ssize_t n =
		readlink(proc_path(pid, "exe").text, path, sizeof(path) - 1);

	path[n > 0 ? n : 0] = '\0';
	return strcmp(str_base_name(path), name) == 0;
}

/* Whether the word @which of the command line is a path to @name. */
static bool has_word(pid_t pid, size_t which, const char *name)
{
	_cleanup_free_ char *text = NULL;
	const char *word;
	size_t len;
	struct hs_error *unread;

	unread = file_read_proc(proc_path(pid, "cmdline").text, &text, &len);
	hs_error_free(unread);
	if (!text)
		return false;
	for (word = text; which && word < text + len; which--)
		word += strlen(word) + 1;
	return word < text + len && strcmp(str_base_name(word), name) == 0;
}

static bool has_name(pid_t pid, const char *name)
{
	struct status st = { 0 };
	struct hs_error *unread = status_read(pid, &st);

	if (unread) {
		hs_error_free(unread);
		return false;
	}
	if (st.state == 'Z')
		return false;
	return strcmp(st.name, name) == 0 || runs_file(pid, name) ||
	       has_word(pid, 0, name);
}

/* An option is no script, so "-1" is nobody, whatever is run with it. */
static bool has_script(pid_t pid, const char *name)
{
	return name[0] != '-' && has_word(pid, 1, name);
}

static bool is_in_container(pid_t pid, const char *id)
{
	_cleanup_free_ char *text = NULL;
	const char *at;
	size_t len;
	struct hs_error *unread;

	unread = file_read_proc(proc_path(pid, "cgroup").text, &text, &len);
	hs_error_free(unread);
	/* "0::/system.slice/docker-0123456789ab....scope" */
	for (at = text; at && (at = strstr(at, id)); at++)
		if (at > text && strchr("/-", at[-1]))
			return true;
	return false;
}

static struct hs_error *find(is_wanted wanted, const char *name,
			     struct pid_list *list)
{
	hs_cleanup(pid_list_release) struct pid_list all = { 0 };
	struct hs_error *err = pid_list_read_all(&all);
	size_t i;

	for (i = 0; i < all.n && !err; i++) {
		if (all.pids[i] == getpid() || !wanted(all.pids[i], name))
			continue;
		if (!ARRAY_GROW(list->pids, list->cap, list->n + 1))
			err = hs_error_nomem();
		else
			list->pids[list->n++] = all.pids[i];
	}
	return err;
}

struct hs_error *process_names_find(const char *name, struct pid_list *list)
{
	return find(has_name, name, list);
}

struct hs_error *process_names_find_script(const char *name,
					   struct pid_list *list)
{
	return find(has_script, name, list);
}

bool process_names_is_container(const char *word)
{
	const size_t digits = strspn(word, "0123456789abcdef");

	return digits >= CONTAINER_DIGITS && !word[digits];
}

struct hs_error *process_names_find_container(const char *id,
					      struct pid_list *list)
{
	return find(is_in_container, id, list);
}
