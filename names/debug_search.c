#include "names/debug_search.h"

#include "cli/errors.h"
#include "cli/signals.h"
#include "proc/file.h"
#include "symbol/debuginfod.h"

/* As the process sees it, then as --sysroot has it. */
static int open_elsewhere(void *arg, const char *path)
{
	const struct cli_places *places = arg;
	const char *sysroot = places->options->sysroot;
	int fd = -1;

	if (places->open_path)
		fd = places->open_path(places->arg, path);
	if (fd < 0 && sysroot)
		fd = file_open_below(sysroot, path);
	return fd;
}

struct hs_error *cli_places_init(struct cli_places *places,
				 const struct cli_options *o,
				 int (*open_path)(void *arg, const char *path),
				 void *arg)
{
	struct hs_error *err = NULL;

	*places = (struct cli_places){
		.symbol = {
			.debug_dirs = o->debug_dirs,
			.n_debug_dirs = o->n_debug_dirs,
			.open = open_elsewhere,
			.arg = places,
		},
		.options = o,
		.open_path = open_path,
		.arg = arg,
	};
	if (o->debuginfod)
		err = debuginfod_create(signals_stop(), &places->servers);
	places->symbol.servers = places->servers;
	return err;
}

void cli_places_release(struct cli_places *places)
{
	debuginfod_destroy(places->servers);
	*places = (struct cli_places){ 0 };
}

void cli_places_warn(struct cli_places *places)
{
	if (places->servers)
		errors_warn(places->options,
			    debuginfod_problem(places->servers));
}
