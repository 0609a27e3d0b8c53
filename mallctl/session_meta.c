#include "mallctl/session_meta.h"

#include <unistd.h>

#include "base/array.h"
#include "base/cleanup.h"

static struct hs_error *set_texts(struct heap_origin *o,
				  const struct session *s, const char *version)
{
	char host[256] = "";
	const struct {
		const char *text;
		const char **to;
	} rows[] = {
		{ s->id->command, &o->command },
		{ s->id->command_line, &o->command_line },
		{ host, &o->host },
		{ version, &o->jemalloc_version },
		{ s->guest.borrowed ? "borrowed" : "guest", &o->mode },
	};
	struct hs_error *err = NULL;
	size_t i;

	if (gethostname(host, sizeof(host) - 1))
		host[0] = '\0';
	for (i = 0; i < ARRAY_SIZE(rows) && !err; i++)
		err = intern_text(&o->strings, rows[i].text, rows[i].to);
	if (!host[0])
		o->host = NULL;
	return err;
}

struct hs_error *session_describe(struct session *s, struct heap_origin *o)
{
	_cleanup_free_ char *version = NULL;
	struct hs_error *err;

	o->pid = s->id->pid;
	o->start_time = s->id->start_time;
	o->host_tid = s->guest.host_tid;
	err = mallctl_get_string(s, "version", &version);
	return err ? err : set_texts(o, s, version);
}
