#include "cli/cmd/stats.h"

#include <inttypes.h>
#include <stdio.h>

#include "base/cleanup.h"
#include "base/deadline.h"
#include "cli/commands.h"
#include "cli/errors.h"
#include "cli/remarks.h"
#include "cli/settings.h"
#include "cli/signals.h"
#include "mallctl/stats.h"
#include "output/stats_json.h"
#include "output/stats_text.h"
#include "report/report.h"

bool stats_can_report(const struct cli_options *o)
{
	return o->format == FORMAT_TEXT || o->format == FORMAT_JSON;
}

static void remark_readings(const struct cli_options *o,
			    const struct heap_stats *s)
{
	const struct heap_meta *meta = &s->meta;

	remark_borrowed(o, meta);
	if (o->verbose)
		errors_note(o,
			    "thread %" PRId64 " was borrowed, the longest stop "
			    "was %" PRId64
			    " us, of '%s'; %zu size classes and %zu "
			    "arenas were read in %" PRId64 " us",
			    meta->borrowed_tid, meta->pause_us,
			    remark_stopped(meta), s->n_classes, s->n_arenas,
			    s->read_us);
}

/* How a process is read. */
struct reader {
	const struct identity *id;
	const struct cli_options *o;
	struct stats_options options;
};

static struct hs_error *take(const struct reader *r, struct heap_stats *ret)
{
	struct deadline d = cli_deadline(r->o);
	struct hs_error *err;

	err = identity_check(r->id);
	if (!err)
		err = stats_take(r->id, &r->options, &d, ret);
	if (err)
		return err;
	remark_readings(r->o, ret);
	return NULL;
}

/* Two readings; before is NULL when there is only one. */
struct readings {
	const struct heap_stats *before, *after;
};

static struct hs_error *write_readings(FILE *f, const void *what,
				       const struct text_options *text)
{
	const struct readings *r = what;

	if (text)
		return stats_text_write(f, r->before, r->after, text);
	return stats_json_write(f, r->before, r->after);
}

static struct hs_error *report(const struct heap_stats *before,
			       const struct heap_stats *after,
			       const struct cli_options *o)
{
	return cli_write(o, write_readings,
			 &(struct readings){ before, after });
}

struct hs_error *stats_of(const struct identity *id,
			  const struct cli_options *o)
{
	hs_cleanup(heap_stats_release) struct heap_stats before, after;
	const struct reader r = {
		.id = id,
		.o = o,
		.options = {
			.session = cli_session_options(o),
			.arenas = o->arenas,
		},
	};
	int64_t next = clock_us() + o->interval_us;
	struct hs_error *err;

	heap_stats_init(&before);
	heap_stats_init(&after);
	if (o->count == 1) {
		err = take(&r, &after);
		return err ? err : report(NULL, &after, o);
	}
	err = take(&r, &before);
	if (!err)
		err = signals_wait_alive(id, next - clock_us(),
					 errors_progress(), "second reading");
	if (!err)
		err = take(&r, &after);
	return err ? err : report(&before, &after, o);
}

struct hs_error *cmd_stats(const struct cli_options *o)
{
	hs_cleanup(identity_close) struct identity id = { 0 };
	struct hs_error *err;

	signals_catch();
	err = identity_open((pid_t)o->pid, &id);
	if (err)
		return err;
	remark_left_on(o, &id);
	return stats_of(&id, o);
}
