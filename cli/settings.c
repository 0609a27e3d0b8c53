#include "cli/settings.h"

#include <unistd.h>

#include "cli/signals.h"
#include "mallctl/attach_log.h"

struct session_options cli_session_options(const struct cli_options *o)
{
	return (struct session_options){
		.mallctl_address = o->mallctl_address,
		.log = o->no_syslog || geteuid() ? NULL : attach_log,
		.max_pause_us = o->max_pause_us,
		.assume_seccomp_allows = o->assume_seccomp_allows,
		.debug_dirs = o->debug_dirs.items,
		.n_debug_dirs = o->debug_dirs.n,
	};
}

struct deadline cli_deadline(const struct cli_options *o)
{
	return deadline_in(o->timeout_us, signals_stop());
}
