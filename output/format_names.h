/**
 * @file format_names.h - the formats of reports: their names, file endings and
 * properties.
 */
#ifndef OUTPUT_FORMAT_NAMES_H
#define OUTPUT_FORMAT_NAMES_H

#include <stdbool.h>

#include "base/strbuf.h"

enum report_format {
	FORMAT_AUTO, /* not chosen yet */
	FORMAT_TEXT,
	FORMAT_TREE,
	FORMAT_JSON,
	FORMAT_CSV,
	FORMAT_FOLDED,
	FORMAT_DOT,
	FORMAT_JEPROF,
	FORMAT_PPROF,
	FORMAT_HTML,
	FORMAT_SVG,
	FORMAT_MARKDOWN,
	FORMAT_JUNIT,
	FORMAT_SARIF,
	FORMAT_HEAP, /* a snapshot file, which is no report */
};

/** Names of the formats as -f takes them, by enum report_format; ends with
 * NULL. The first, of FORMAT_AUTO, is "". */
extern const char *const format_names[];

/** The list of formats for the error about an unknown -f. */
#define FORMAT_WANT                                                           \
	"want text, tree, html, svg, json, csv, folded, dot, jeprof, pprof, " \
	"markdown, junit or sarif"

/** The format by the ending of file @path, or FORMAT_AUTO. */
enum report_format format_of_path(const char *path);

/** Appends all endings: ".txt, .json or .csv". */
void format_add_endings(struct strbuf *sb);

/** The format is not for a terminal. */
bool format_is_binary(enum report_format format);

#endif
