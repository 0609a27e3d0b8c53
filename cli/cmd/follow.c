#include "cli/cmd/follow.h"

#include <stdlib.h>
#include <string.h>
#include <sys/types.h>

#include "base/cleanup.h"
#include "base/stop_signals.h"
#include "base/str.h"
#include "cli/errors.h"
#include "target/process_lookup.h"

/* To look through all of /proc takes milliseconds: less often, the longer there
 * is none. */
enum { SHORTEST_US = 500000, LONGEST_US = 10000000 };

void follow_begin(struct follow *f, const struct cli_options *o,
		  const char *name, uint64_t pid)
{
	*f = (struct follow){
		.o = o, .name = name, .pid = pid, .pause_us = SHORTEST_US
	};
}

void follow_release(struct follow *f)
{
	free(f->said);
}

bool follow_goes_on(const struct follow *f, const struct hs_error *err,
		    bool watched)
{
	if (!err)
		return false;
	switch ((int)hs_error_code(err)) {
	case HS_ERROR_GONE:
		return true;
	case HS_ERROR_UNPROFILED:
	case HS_ERROR_NO_PROFILE:
	case HS_ERROR_NOT_FOUND:
	case HS_ERROR_DENIED:
	case HS_ERROR_UNSAFE:
	case HS_ERROR_TIMEOUT:
		return f->restarted && !watched;
	default:
		return false;
	}
}

/* Once, for each reason. */
static void say(struct follow *f, const struct hs_error *err)
{
	const char *why = hs_error_message(err);

	if (str_equal(why, f->said))
		return;
	errors_note(f->o, "%s", why);
	errors_note(f->o, "the next process named '%s' is waited for", f->name);
	free(f->said);
	f->said = strdup(why);
}

static struct hs_error *look_up(const char *name, pid_t *ret)
{
	hs_cleanup(process_lookup_release) struct process_lookup l = { 0 };
	struct hs_error *err = process_lookup(name, &l);

	*ret = l.pid;
	return err;
}

struct hs_error *follow_next(struct follow *f, struct hs_error *err,
			     bool watched)
{
	pid_t pid = 0;
	bool unused;

	say(f, err);
	hs_error_free(err);
	err = NULL;
	if (watched)
		f->pause_us = SHORTEST_US;
	while (!err && !pid) {
		err = stop_signals_sleep(NULL, 0, f->pause_us,
					 f->o->monitor.stop, &unused);
		f->pause_us += f->pause_us / 2;
		if (f->pause_us > LONGEST_US)
			f->pause_us = LONGEST_US;
		if (!err)
			err = look_up(f->name, &pid);
	}
	f->pid = (uint64_t)pid;
	f->restarted = true;
	return err;
}
