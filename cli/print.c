#include "cli/print.h"

#include <stdio.h>

#include "output/sink.h"

struct hs_error *cli_print(const char *text)
{
	struct hs_error *err;
	struct sink sink;

	err = sink_open(&sink, NULL, stdout);
	if (err)
		return err;
	(void)fputs(text, sink.f);
	return sink_close(&sink, NULL);
}
