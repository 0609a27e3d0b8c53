#include "heap/process_row.h"

#include <stdlib.h>

const char *process_linkage_name(enum process_linkage linkage)
{
	static const char *const names[] = {
		[LINKAGE_SHARED] = "shared",
		[LINKAGE_STATIC] = "static",
		[LINKAGE_PRELOADED] = "preloaded",
	};

	return names[linkage];
}

const char *process_profiling_name(enum process_profiling profiling)
{
	static const char *const names[] = {
		[PROFILING_UNKNOWN] = NULL,
		[PROFILING_OFF] = "off",
		[PROFILING_INACTIVE] = "inactive",
		[PROFILING_ON] = "on",
	};

	return names[profiling];
}

void process_row_release(struct process_row *row)
{
	free(row->user);
	free(row->command);
	free(row->module);
	free(row->prefix);
	free(row->version);
	free(row->container);
}

void process_unread_release(struct process_unread *unread)
{
	free(unread->user);
	free(unread->command);
}
