#include "mallctl/session_meta.h"

#include <unistd.h>

#include "base/array.h"
#include "base/cleanup.h"
#include "proc/status.h"

static struct hs_error *
set_strings(struct heap_meta *o, const struct session *s, const char *version)
{
	char hostname[256] = "";
	const struct {
		const char *text;
		const char **to;
	} rows[] = {
		{ s->id->command, &o->command },
		{ s->id->command_line, &o->command_line },
		{ hostname, &o->hostname },
		{ version, &o->jemalloc_version },
		{ s->helper.borrowed ? "borrowed" : "guest", &o->mode },
	};
	struct hs_error *err = NULL;
	size_t i;

	if (gethostname(hostname, sizeof(hostname) - 1))
		hostname[0] = '\0';
	for (i = 0; i < ARRAY_SIZE(rows) && !err; i++)
		err = intern_text(&o->strings, rows[i].text, rows[i].to);
	if (!hostname[0])
		o->hostname = NULL;
	return err;
}

/* One that has ended has none. */
static void set_parent(struct heap_meta *o)
{
	struct hs_error *unread;
	struct status status;

	unread = status_read((pid_t)o->pid, &status);
	if (!unread)
		o->parent_pid = status.ppid;
	hs_error_free(unread);
}

/* The thread that was stopped longest. A borrowed one still is. */
static struct hs_error *name_stopped(struct session *s, struct heap_meta *o)
{
	const struct pause *longest = helper_longest(&s->helper);
	struct pause held = { 0 };

	if (s->helper.borrowed) {
		pause_note(&held, s->id->pid, s->helper.borrowed_tid, 1);
		longest = &held;
	}
	if (!longest->thread[0])
		return NULL;
	return intern_text(&o->strings, longest->thread, &o->stopped_thread);
}

struct hs_error *session_describe(struct session *s, struct heap_meta *o)
{
	_cleanup_free_ char *version = NULL;
	struct hs_error *err;

	o->pid = s->id->pid;
	o->start_time = s->id->start_time;
	set_parent(o);
	o->borrowed_tid = s->helper.borrowed_tid;
	err = mallctl_get_string(s, "version", &version);
	if (!err)
		err = set_strings(o, s, version);
	return err ? err : name_stopped(s, o);
}
