#include "launch/stand_in.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>

#include "base/cleanup.h"
#include "base/deadline.h"
#include "base/strbuf.h"
#include "names/resolver.h"
#include "proc/children.h"
#include "proc/file.h"
#include "proc/identity.h"
#include "proc/proc_path.h"
#include "snap/capture.h"
#include "target/target_files.h"

enum {
	/* Shorter runs are not looked at unless --every says so: an attach is
	 * quick, but a dump keeps the process's jemalloc busy. */
	FIRST_US = 60 * 1000000,
	EVERY_US = 30 * 1000000,
	/* For one snapshot. While the command runs no signal is passed on
	 * meanwhile. */
	TIMEOUT_US = 2 * 1000000,
	LAST_TIMEOUT_US = 10 * 1000000,
};

/* A process belongs to the run when its environment names the folder, whoever
 * its parent is by now. */
static bool is_ours(const struct stand_in *s, pid_t pid)
{
	_cleanup_free_ char *text = NULL;
	struct hs_error *err;
	size_t len = 0;

	err = file_read_proc(proc_path(pid, "environ").text, &text, &len);
	if (err) {
		hs_error_free(err);
		return false;
	}
	return memmem(text, len, s->folder->path, strlen(s->folder->path));
}

static struct hs_error *save(const struct stand_in *s,
			     enum launch_dump_kind kind,
			     const struct identity *id, struct capture *c)
{
	struct names_options names = s->names;
	const struct target_files files = { .id = id };
	const struct file_source source = target_files_source(&files);
	_cleanup_resolver_ struct resolver *resolver = NULL;
	_cleanup_free_ char *path = NULL;
	struct hs_error *err;

	names.cache = names_cache_writable(names.cache);
	names.monitor = (struct monitor){ .stop = s->names.monitor.stop };
	err = resolver_create(&names, &source, &resolver);
	if (!err)
		err = resolver_names(resolver, &c->profile);
	if (!err)
		err = launch_folder_path(s->folder, kind, id->pid, &path);
	return err ? err : capture_write(c, path);
}

/* Our own child, or what it has started: no line in the system's log. */
static struct hs_error *take(const struct stand_in *s,
			     enum launch_dump_kind kind, pid_t pid)
{
	struct capture_options options = {
		.session = s->session,
		.timeout_us = kind == LAUNCH_RUNNING ? LAST_TIMEOUT_US
						     : TIMEOUT_US,
		.beside_others = true,
		.no_stats = true,
		.monitor = { .stop = s->names.monitor.stop },
	};
	struct standing standing = { 0 };
	struct identity id = { 0 };
	_cleanup_capture_ struct capture c;
	struct hs_error *err = identity_open(pid, &id);

	capture_init(&c);
	options.session.log = NULL;
	if (!err)
		err = capture_take(&standing, &id, &options, true, &c);
	standing_close(&standing);
	if (!err)
		err = save(s, kind, &id, &c);
	identity_close(&id);
	return err;
}

/* What is to be taken. */
struct taking {
	const struct stand_in *s;
	enum launch_dump_kind kind;
	pid_t pid;
};

enum { TAKEN, GONE, FAILED };

static int take_one(void *arg)
{
	const struct taking *t = arg;
	struct hs_error *err = take(t->s, t->kind, t->pid);
	int result = TAKEN;

	if (err)
		result = hs_error_code(err) == HS_ERROR_GONE ? GONE : FAILED;
	hs_error_free(err);
	return result;
}

/* In a process of its own: the command is our child, and of a child that is
 * traced, too, wait(2) tells its parent and its tracer things in one way. */
static int take_apart(const struct stand_in *s, enum launch_dump_kind kind,
		      pid_t pid)
{
	struct taking taking = { s, kind, pid };
	int status = s->apart(take_one, &taking);

	return status >= 0 && WIFEXITED(status) ? WEXITSTATUS(status) : FAILED;
}

/* Of all processes of the run; returns their number. */
static size_t take_all(struct stand_in *s, enum launch_dump_kind kind)
{
	struct pid_list list = { 0 };
	struct hs_error *err = pid_list_read_all(&list);
	size_t i, n = 0;

	for (i = 0; i < list.n; i++) {
		const pid_t pid = list.pids[i];
		int result;

		if ((s->alone && pid != s->pid) || !is_ours(s, pid))
			continue;
		result = take_apart(s, kind, pid);
		n += result != GONE;
		if (pid == s->pid)
			s->failed = result == FAILED;
	}
	hs_error_free(err); /* /proc was there before */
	pid_list_release(&list);
	return n;
}

int64_t stand_in_tick(struct stand_in *s)
{
	const int64_t every = s->every_us ? s->every_us : EVERY_US;
	int64_t now = clock_us();

	if (!s->next_us)
		s->next_us = now + (s->every_us ? every : FIRST_US);
	if (now < s->next_us)
		return s->next_us - now;
	(void)take_all(s, LAUNCH_STAND_IN);
	/* What that takes counts, too, so that it is never all there is to do. */
	s->next_us = clock_us() + every;
	return every;
}

void stand_in_finish(struct stand_in *s, size_t *running)
{
	*running = take_all(s, LAUNCH_RUNNING);
}
