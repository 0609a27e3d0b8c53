#include "cli/cmd/stats.h"

#include <inttypes.h>
#include <stdio.h>

#include "base/cleanup.h"
#include "base/deadline.h"
#include "cli/commands.h"
#include "cli/errors.h"
#include "target/target_files.h"
#include "cli/progress.h"
#include "cli/report.h"
#include "cli/signals.h"
#include "mallctl/stats.h"
#include "output/stats_json.h"
#include "output/stats_text.h"

bool stats_can_report(const struct cli_options *o)
{
	return o->format == FORMAT_TEXT || o->format == FORMAT_JSON;
}

static void tell(const struct cli_options *o, const struct heap_stats *s)
{
	const struct heap_origin *origin = &s->origin;

	if (heap_origin_borrowed(origin))
		errors_note_borrowed(o, origin->host_tid, origin->pause_us);
	if (o->verbose)
		errors_note(o,
			    "thread %" PRId64 " was borrowed, the longest stop "
			    "was %" PRId64 " us; %zu size classes and %zu "
			    "arenas were read in %" PRId64 " us",
			    origin->host_tid, origin->pause_us, s->n_classes,
			    s->n_arenas, s->read_us);
}

static struct hs_error *take(const struct identity *id,
			     const struct cli_options *o,
			     struct heap_stats *ret)
{
	const struct stats_options options = {
		.session = live_session_options(o),
		.arenas = o->arenas,
	};
	struct deadline d = deadline_in(o->timeout_us, signals_stop());
	struct hs_error *err;

	err = identity_check(id);
	if (!err)
		err = stats_take(id, &options, &d, ret);
	if (!err)
		tell(o, ret);
	return err;
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

static struct hs_error *await_second(const struct identity *id, int64_t us)
{
	struct hs_error *err;
	enum wait_end end;

	err = signals_wait(us > 0 ? us : 0, id->pidfd, "", &end);
	if (!err && end == WAIT_GONE)
		err = hs_error_new(HS_ERROR_GONE,
				   "process %d ('%s') ended before the second "
				   "reading",
				   (int)id->pid, id->command);
	return err;
}

struct hs_error *stats_of(const struct identity *id,
			  const struct cli_options *o)
{
	hs_cleanup(heap_stats_release) struct heap_stats before, after;
	int64_t next = clock_us() + o->interval_us;
	struct hs_error *err;

	heap_stats_init(&before);
	heap_stats_init(&after);
	if (o->count == 1) {
		err = take(id, o, &after);
		return err ? err : report(NULL, &after, o);
	}
	err = take(id, o, &before);
	if (!err)
		err = await_second(id, next - clock_us());
	if (!err)
		err = take(id, o, &after);
	return err ? err : report(&before, &after, o);
}

struct hs_error *cmd_stats(const struct cli_options *o)
{
	hs_cleanup(identity_close) struct identity id = { 0 };
	struct hs_error *err;

	signals_catch();
	progress_init(o);
	err = identity_open((pid_t)o->pid, &id);
	if (err)
		return err;
	live_tell_left_on(&id, o);
	return stats_of(&id, o);
}
