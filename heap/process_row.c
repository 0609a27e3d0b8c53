#include "heap/process_row.h"

#include <stdlib.h>

const char *survey_linkage_name(enum survey_linkage linkage)
{
	static const char *const names[] = {
		[SURVEY_SHARED] = "shared",
		[SURVEY_STATIC] = "static",
		[SURVEY_PRELOADED] = "preloaded",
	};

	return names[linkage];
}

const char *survey_profiling_name(enum survey_profiling profiling)
{
	static const char *const names[] = {
		[SURVEY_UNKNOWN] = NULL,
		[SURVEY_OFF] = "off",
		[SURVEY_INACTIVE] = "inactive",
		[SURVEY_ON] = "on",
	};

	return names[profiling];
}

void survey_row_release(struct survey_row *row)
{
	free(row->user);
	free(row->command);
	free(row->module);
	free(row->prefix);
	free(row->version);
}
