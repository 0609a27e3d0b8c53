#include "output/format_names.h"

#include <string.h>

const char *const format_names[] = {
	[FORMAT_AUTO] = "",
	[FORMAT_TEXT] = "text",
	[FORMAT_TREE] = "tree",
	[FORMAT_JSON] = "json",
	[FORMAT_CSV] = "csv",
	[FORMAT_FOLDED] = "folded",
	[FORMAT_DOT] = "dot",
	[FORMAT_JEPROF] = "jeprof",
	[FORMAT_PPROF] = "pprof",
	[FORMAT_HTML] = "html",
	[FORMAT_SVG] = "svg",
	[FORMAT_MARKDOWN] = "markdown",
	[FORMAT_JUNIT] = "junit",
	[FORMAT_SARIF] = "sarif",
	NULL,
};

/* The first name of a format is the canonical one. */
static const struct ending {
	const char *text;
	enum report_format format;
	bool alias;
} endings[] = {
	{ ".txt", FORMAT_TEXT, false },
	{ ".tree", FORMAT_TREE, false },
	{ ".html", FORMAT_HTML, false },
	{ ".htm", FORMAT_HTML, true },
	{ ".svg", FORMAT_SVG, false },
	{ ".sarif.json", FORMAT_SARIF, true },
	{ ".json", FORMAT_JSON, false },
	{ ".csv", FORMAT_CSV, false },
	{ ".folded", FORMAT_FOLDED, false },
	{ ".collapsed", FORMAT_FOLDED, true },
	{ ".dot", FORMAT_DOT, false },
	{ ".gv", FORMAT_DOT, true },
	{ ".jeprof", FORMAT_JEPROF, false },
	{ ".pb.gz", FORMAT_PPROF, false },
	{ ".md", FORMAT_MARKDOWN, false },
	{ ".xml", FORMAT_JUNIT, false },
	{ ".sarif", FORMAT_SARIF, false },
	{ NULL, FORMAT_AUTO, false },
};

enum report_format format_of_path(const char *path)
{
	size_t len = strlen(path), n;
	const struct ending *e;

	for (e = endings; e->text; e++) {
		n = strlen(e->text);
		if (len > n && strcmp(path + len - n, e->text) == 0)
			return e->format;
	}
	return FORMAT_AUTO;
}

void format_add_endings(struct strbuf *sb)
{
	const struct ending *e, *last = NULL;
	bool first = true;

	for (e = endings; e->text; e++)
		if (!e->alias)
			last = e;
	for (e = endings; e->text; e++) {
		if (e->alias)
			continue;
		if (!first)
			strbuf_adds(sb, e == last ? " or " : ", ");
		first = false;
		strbuf_adds(sb, e->text);
	}
}

bool format_is_binary(enum report_format format)
{
	return format == FORMAT_HEAP || format == FORMAT_PPROF;
}
