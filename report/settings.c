#include "report/settings.h"

#include "output/terminal.h"
#include "report/source_line.h"
#include "symbol/demangle.h"

static const char hint_at_places[] =
	"--sysroot DIR says where the files of its machine are, --debug-dir "
	"DIR where debug files are";

/* What run leaves is of this machine, now. */
static bool has_places(const struct cli_options *o)
{
	return o->command != CLI_RUN_COMMAND && !o->sysroot;
}

struct names_options cli_names_options(const struct cli_options *o)
{
	return (struct names_options){
		.debug_dirs = o->debug_dirs.items,
		.n_debug_dirs = o->debug_dirs.n,
		.no_inlines = o->no_inlines,
		.debuginfod = o->debuginfod,
		.cache = o->no_cache ? NAMES_CACHE_NONE : NAMES_CACHE_READ,
		.verbose = o->verbose,
		.elsewhere = has_places(o) ? hint_at_places : NULL,
		.monitor = o->monitor,
	};
}

/* What shows threads if the profile has them. */
static bool wants_columns(const struct cli_options *o)
{
	return o->format == FORMAT_PPROF || o->thread_column;
}

struct heap_selection cli_selection(const struct cli_options *o)
{
	const bool threads = o->by == ROWS_THREADS || o->thread.text ||
			     o->thread_column;

	return (struct heap_selection){
		.read.threads = threads || wants_columns(o),
		/* A diff is told by it what came in between. */
		.read.live_only = o->command == CLI_REPORT && !o->alloc &&
				  !wants_columns(o),
		.allocated = o->alloc,
		.threads = threads,
		.thread = pattern_regex(&o->thread),
		.thread_text = o->thread.text,
	};
}

struct rows_options cli_rows_options(const struct cli_options *o)
{
	return (struct rows_options){
		.demangle = demangle,
		.style = o->demangle,
		.sort = o->sort,
		.group = o->by,
		.counts = o->alloc ? ROWS_ALLOCATED : ROWS_INUSE,
		.columns = wants_columns(o),
		.no_inlines = o->no_inlines,
		.addresses = o->addresses,
		.fold = o->fold,
		.wrapper = pattern_regex(&o->wrapper),
		.significant = o->significant,
		.suppressions = o->suppressions.n ? &o->suppressions : NULL,
		.focus = pattern_regex(&o->focus),
		.ignore = pattern_regex(&o->ignore),
		.hide = pattern_regex(&o->hide),
		.show = pattern_regex(&o->show),
	};
}

struct limit_verdict cli_limit_verdict(const struct cli_options *o,
				       const struct hs_error *limit)
{
	const bool above = limit && hs_error_code(limit) == HS_ERROR_GREW;

	return (struct limit_verdict){
		/* What could not be told allows nothing. */
		.given = o->fail_above.text && (above || !limit),
		.above = above ? hs_error_message(limit) : NULL,
	};
}

struct text_options cli_text_options(const struct cli_options *o, FILE *f)
{
	return (struct text_options){
		.width = terminal_width(fileno(f)),
		.height = terminal_height(fileno(f)),
		.source = o->sysroot ? NULL : &disk_source_reader,
		.color = terminal_color(fileno(f), o->color),
		.utf8 = terminal_utf8(),
		.all_frames = o->verbose,
		.units = o->bytes ? UNITS_BYTES : UNITS_IEC,
		.sort = o->sort,
		.top = o->top,
		.addresses = o->addresses,
		.folded_signed = o->folded_diff == 1,
		.threads = o->thread_column,
		.modules = o->module_column,
	};
}
