#include "attach/pause.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "proc/status.h"

/* "" when it is gone. */
static void name_of(pid_t pid, pid_t tid, char *ret, size_t size)
{
	struct status status;
	struct hs_error *err = status_read_thread(pid, tid, &status);

	snprintf(ret, size, "%s", err ? "" : status.name);
	hs_error_free(err);
}

void pause_note(struct pause *longest, pid_t pid, pid_t tid, int64_t us)
{
	if (us <= longest->us)
		return;
	longest->us = us;
	longest->tid = tid;
	name_of(pid, tid, longest->thread, sizeof(longest->thread));
}

void pause_join(struct pause *longest, const struct pause *other)
{
	if (other->us > longest->us)
		*longest = *other;
}

struct hs_error *pause_check(pid_t pid, pid_t tid, int64_t us, int64_t most_us)
{
	char thread[64];
	struct hs_error *err;

	if (!most_us || us <= most_us)
		return NULL;
	name_of(pid, tid, thread, sizeof(thread));
	err = hs_error_new(HS_ERROR_UNSAFE,
			   "thread %d ('%s') was stopped for %" PRId64
			   " us, and --max-pause is %" PRId64 " us",
			   (int)tid, thread, us, most_us);
	return hs_error_hint(err, "it runs on as before, and the process was "
				  "not changed; on a busy machine a longer "
				  "--max-pause does, or another try");
}
