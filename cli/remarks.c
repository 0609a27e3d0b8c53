#include "cli/remarks.h"

#include <inttypes.h>

#include "cli/errors.h"
#include "mallctl/activate.h"

void remark_borrowed(const struct cli_options *o, const struct heap_meta *meta)
{
	if (heap_meta_borrowed(meta))
		errors_note(o,
			    "no thread could be made in the process: thread "
			    "%" PRId64 " of it was used instead, and stopped "
			    "for %" PRId64 " us",
			    meta->borrowed_tid, meta->pause_us);
}

const char *remark_stopped(const struct heap_meta *meta)
{
	if (meta->stopped_thread)
		return meta->stopped_thread;
	return meta->pause_us ? "a thread that has ended" : "none";
}

void remark_left_on(const struct cli_options *o, const struct identity *id)
{
	if (activation_is_marked(id))
		errors_note(o,
			    "another run of heapsnap switched prof.active of "
			    "process %d on, and is at work or was killed: "
			    "'heapsnap -p %d -n 1 --activate' puts it back",
			    (int)id->pid, (int)id->pid);
}
