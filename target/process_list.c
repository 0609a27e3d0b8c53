#include "target/process_list.h"

#include <limits.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/array.h"
#include "base/cleanup.h"
#include "base/str.h"
#include "base/words.h"
#include "proc/cgroup.h"
#include "proc/children.h"
#include "proc/environment.h"
#include "proc/maps.h"
#include "proc/memory.h"
#include "proc/proc_path.h"
#include "proc/proc_text.h"
#include "proc/status.h"
#include "target/jemalloc.h"
#include "target/jemalloc_files.h"

/* The process that is being examined. */
struct subject {
	pid_t pid;
	struct status status;
	struct maps maps;
	char executable[PATH_MAX];	/* "": not known */
	struct environment environment; /* empty: not read */
	bool environment_read;
	uint64_t malloc_conf; /* runtime address of the program's; 0: none */
};

enum process_profiling process_list_profiling_of(const char *options,
						 size_t len,
						 enum process_profiling before)
{
	bool on = before == PROFILING_ON || before == PROFILING_INACTIVE;
	bool active = before != PROFILING_INACTIVE;
	struct word rest = { options, len };

	for (; rest.len; words_step(&rest, 1)) {
		struct word option = words_until(&rest, ',');

		if (word_is(option, "prof:true"))
			on = true;
		else if (word_is(option, "prof:false"))
			on = false;
		else if (word_is(option, "prof_active:true"))
			active = true;
		else if (word_is(option, "prof_active:false"))
			active = false;
	}
	if (!on)
		return PROFILING_OFF;
	return active ? PROFILING_ON : PROFILING_INACTIVE;
}

static bool is_preloaded(const struct subject *s, const char *module)
{
	const char *list = environment_get(&s->environment, "LD_PRELOAD");

	return list && strstr(list, str_base_name(module));
}

/* Reads a byte of the process that is 0 or 1; false otherwise. */
static bool read_flag(const struct subject *s, uint64_t address, bool *ret)
{
	unsigned char byte = 2;
	struct hs_error *unread;

	if (!address)
		return false;
	unread = memory_read(s->pid, address, &byte, sizeof(byte));
	hs_error_free(unread);
	if (byte > 1)
		return false;
	*ret = byte;
	return true;
}

/* Applies the options in the program's own "malloc_conf". */
static void apply_program_conf(const struct subject *s,
			       enum process_profiling *profiling)
{
	enum { CONF_MAX = 4096 };
	_cleanup_free_ char *text = NULL;
	uint64_t pointer = 0;
	struct hs_error *unread;

	if (!s->malloc_conf)
		return;
	unread = memory_read(s->pid, s->malloc_conf, &pointer, sizeof(pointer));
	if (!unread && pointer)
		unread = memory_read_string(s->pid, pointer, CONF_MAX, &text);
	hs_error_free(unread);
	if (text)
		*profiling = process_list_profiling_of(text, strlen(text),
						       *profiling);
}

/* Applies the options in the link "/etc/malloc.conf", as the process sees
 * it. */
static void apply_link(const struct subject *s, const char *prefix,
		       enum process_profiling *profiling)
{
	char text[PATH_MAX];
	ssize_t n;

	n = readlink(
		proc_path(s->pid, "root/etc/%.32smalloc.conf", prefix).text,
		text, sizeof(text));
	if (n > 0)
		*profiling =
			process_list_profiling_of(text, (size_t)n, *profiling);
}

/* Reads jemalloc's variables, if their symbols are there. Else uses the options
 * that the process was started with, in the order in which jemalloc reads them
 * (jemalloc(3), TUNING). */
static struct hs_error *find_profiling(const struct subject *s,
				       const struct jemalloc_found *found,
				       uint64_t bias,
				       enum process_profiling *ret)
{
	_cleanup_free_ char *name = NULL;
	const struct jemalloc je = { .prefix = found->prefix };
	enum process_profiling profiling = PROFILING_OFF;
	bool on, active = true;
	struct hs_error *err;
	const char *conf;

	if (found->opt_prof && read_flag(s, found->opt_prof + bias, &on)) {
		if (found->prof_active)
			(void)read_flag(s, found->prof_active + bias, &active);
		*ret = !on	? PROFILING_OFF
		       : active ? PROFILING_ON
				: PROFILING_INACTIVE;
		return NULL;
	}
	*ret = PROFILING_UNKNOWN;
	if (!s->environment.intact)
		return NULL;
	apply_program_conf(s, &profiling);
	apply_link(s, found->prefix, &profiling);
	err = jemalloc_conf_variable(&je, &name);
	if (err)
		return err;
	conf = environment_get(&s->environment, name);
	if (conf)
		profiling = process_list_profiling_of(conf, strlen(conf),
						      profiling);
	*ret = profiling;
	return NULL;
}

/* Called only for processes that have a jemalloc, which are few. */
static void read_environment(struct subject *s)
{
	struct hs_error *unread;

	if (s->environment_read)
		return;
	s->environment_read = true;
	unread = environment_read(s->pid, &s->environment);
	hs_error_free(unread);
}

static struct hs_error *find_container(const struct subject *s, char **ret)
{
	_cleanup_proc_text_ struct proc_text text;
	char id[CGROUP_CONTAINER_ID];
	struct hs_error *unread =
		proc_text_read(proc_path(s->pid, "cgroup"), &text);

	if (unread) {
		hs_error_free(unread);
		return NULL;
	}
	if (!cgroup_container(text.s, id))
		return NULL;
	*ret = strdup(id);
	return *ret ? NULL : hs_error_nomem();
}

static struct hs_error *add_row(struct subject *s, const struct mapping *m,
				const struct jemalloc_file *file,
				const struct jemalloc_found *found,
				struct process_list *list)
{
	struct process_row row = {
		.pid = s->pid,
		.uid = s->status.euid,
		.rss = (int64_t)s->status.vm_rss,
		.command = strdup(s->status.name),
		.module = strdup(m->path),
		.prefix = strdup(found->prefix),
		.version = file->version ? strdup(file->version) : NULL,
	};
	struct hs_error *err = NULL;
	uint64_t bias = 0;

	read_environment(s);
	if (!row.command || !row.module || !row.prefix ||
	    (file->version && !row.version))
		err = hs_error_nomem();
	if (!strcmp(m->path, s->executable))
		row.linkage = LINKAGE_STATIC;
	else if (is_preloaded(s, m->path))
		row.linkage = LINKAGE_PRELOADED;
	if (!err && loaded_file_bias(file->elf, m, &bias))
		err = find_profiling(s, found, bias, &row.profiling);
	row.environment_lost = row.profiling == PROFILING_UNKNOWN &&
			       s->environment.text && !s->environment.intact;
	if (!err)
		err = find_container(s, &row.container);
	if (!err && !ARRAY_GROW(list->items, list->cap, list->n + 1))
		err = hs_error_nomem();
	if (err)
		process_row_release(&row);
	else
		list->items[list->n++] = row;
	return err;
}

/* An earlier mapping of the process has the same file. */
static bool seen(const struct maps *maps, size_t i)
{
	size_t j;

	for (j = 0; j < i; j++) {
		if (maps->items[j].exec &&
		    mapping_same_file(&maps->items[j], &maps->items[i]))
			return true;
	}
	return false;
}

/* A program's own "malloc_conf" overrides a library's. */
static struct hs_error *find_conf(struct subject *s,
				  struct jemalloc_files *files)
{
	const struct jemalloc_file *file;
	struct hs_error *err;
	uint64_t bias;
	size_t i;

	for (i = 0; i < s->maps.n; i++) {
		const struct mapping *m = &s->maps.items[i];

		if (!m->exec || strcmp(m->path, s->executable))
			continue;
		err = jemalloc_files_get(files, s->pid, m, &file);
		if (!err && file->malloc_conf &&
		    loaded_file_bias(file->elf, m, &bias))
			s->malloc_conf = file->malloc_conf + bias;
		return err;
	}
	return NULL;
}

static struct hs_error *examine_files(struct subject *s,
				      struct jemalloc_files *files,
				      struct process_list *list)
{
	struct hs_error *err = find_conf(s, files);
	size_t i, k;

	for (i = 0; i < s->maps.n && !err; i++) {
		const struct mapping *m = &s->maps.items[i];
		const struct jemalloc_file *file;

		if (!m->exec || !mapping_has_file(m) || seen(&s->maps, i))
			continue;
		err = jemalloc_files_get(files, s->pid, m, &file);
		for (k = 0; !err && k < file->n; k++)
			err = add_row(s, m, file, &file->found[k], list);
	}
	return err;
}

static void subject_release(struct subject *s)
{
	maps_release(&s->maps);
	environment_release(&s->environment);
}

static struct hs_error *subject_read(pid_t pid, struct subject *s)
{
	struct hs_error *err;
	ssize_t n;

	*s = (struct subject){ .pid = pid };
	err = status_read(pid, &s->status);
	if (!err && !s->status.kernel_thread)
		err = maps_read(pid, &s->maps);
	if (err)
		return err;
	n = readlink(proc_path(pid, "exe").text, s->executable,
		     sizeof(s->executable) - 1);
	s->executable[n > 0 ? n : 0] = '\0';
	return NULL;
}

/* Why /proc/PID/maps may not be read: ptrace(2), "Ptrace access mode
 * checking". */
static const char *why_unread(const struct status *status)
{
	if (!geteuid())
		return "root has no CAP_SYS_PTRACE here, or a security module "
		       "forbids it";
	if (status->uid != geteuid() || status->euid != geteuid())
		return "another user's: root can";
	return "it has more rights than its user, or does not let itself be "
	       "read (PR_SET_DUMPABLE): root can";
}

static struct hs_error *add_unread(const struct status *status,
				   struct process_list *list)
{
	struct process_unread unread = {
		.pid = status->tgid,
		.uid = status->euid,
		.command = strdup(status->name),
		.why = why_unread(status),
	};

	if (!unread.command ||
	    !ARRAY_GROW(list->unread, list->unread_cap, list->n_unread + 1)) {
		process_unread_release(&unread);
		return hs_error_nomem();
	}
	list->unread[list->n_unread++] = unread;
	return NULL;
}

/* Skips a process that ends meanwhile. */
static struct hs_error *examine_process(pid_t pid, struct jemalloc_files *files,
					struct process_list *list)
{
	struct hs_error *err;
	struct subject s;

	err = subject_read(pid, &s);
	if (!err)
		err = examine_files(&s, files, list);
	subject_release(&s);
	if (!err || hs_error_code(err) == HS_ERROR_NOMEM)
		return err;
	if (hs_error_code(err) == HS_ERROR_DENIED && s.status.tgid) {
		hs_error_free(err);
		return add_unread(&s.status, list);
	}
	hs_error_free(err);
	return NULL;
}

static int compare_unread(const void *x, const void *y)
{
	const struct process_unread *a = x, *b = y;

	if (a->uid != b->uid)
		return a->uid < b->uid ? -1 : 1;
	if (a->why != b->why)
		return strcmp(a->why, b->why);
	return a->pid < b->pid ? -1 : a->pid > b->pid;
}

static int compare_rows(const void *x, const void *y)
{
	const struct process_row *a = x, *b = y;

	if (a->rss != b->rss)
		return a->rss > b->rss ? -1 : 1;
	return a->pid < b->pid ? -1 : a->pid > b->pid;
}

struct hs_error *process_list_take_of(const pid_t *pids, size_t n,
				      struct process_list *ret)
{
	struct jemalloc_files files = { 0 };
	struct process_list list = { 0 };
	struct hs_error *err = NULL;
	size_t i;

	for (i = 0; i < n && !err; i++)
		err = examine_process(pids[i], &files, &list);
	jemalloc_files_release(&files);
	if (err) {
		process_list_release(&list);
		return err;
	}
	if (list.n)
		qsort(list.items, list.n, sizeof(*list.items), compare_rows);
	if (list.n_unread)
		qsort(list.unread, list.n_unread, sizeof(*list.unread),
		      compare_unread);
	*ret = list;
	return NULL;
}

struct hs_error *process_list_take(struct process_list *ret)
{
	hs_cleanup(pid_list_release) struct pid_list all = { 0 };
	struct hs_error *err = pid_list_read_all(&all);

	return err ? err : process_list_take_of(all.pids, all.n, ret);
}

void process_list_release(struct process_list *list)
{
	size_t i;

	for (i = 0; i < list->n; i++)
		process_row_release(&list->items[i]);
	for (i = 0; i < list->n_unread; i++)
		process_unread_release(&list->unread[i]);
	free(list->items);
	free(list->unread);
	*list = (struct process_list){ 0 };
}
