#include "output/report.h"

#include "output/formats.h"
#include "output/json.h"
#include "output/page.h"
#include "output/text.h"
#include "output/tree_text.h"

struct hs_error *report_write(FILE *f, const struct rows *rows,
			      enum report_format format,
			      const struct text_options *o)
{
	struct format_options options = {
		.top = o->top,
		.sort = o->sort,
		.units = o->units,
		.addresses = o->addresses,
		.folded_signed = o->folded_signed,
		.verdict = o->verdict,
	};

	switch (format) {
	case FORMAT_AUTO:
	case FORMAT_HEAP:
	case FORMAT_TEXT:
		break;
	case FORMAT_TREE:
		return tree_write(f, rows, o);
	case FORMAT_JSON:
		return json_write(f, rows, o->top);
	case FORMAT_CSV:
		return csv_write(f, rows, &options);
	case FORMAT_FOLDED:
		return folded_write(f, rows, &options);
	case FORMAT_DOT:
		return dot_write(f, rows, &options);
	case FORMAT_JEPROF:
		return jeprof_write(f, rows, &options);
	case FORMAT_PPROF:
		return pprof_write(f, rows, &options);
	case FORMAT_HTML:
		return page_write(f, rows, &options);
	case FORMAT_SVG:
		return svg_write(f, rows, &options);
	case FORMAT_MARKDOWN:
		return markdown_write(f, rows, o);
	case FORMAT_JUNIT:
		return junit_write(f, rows, &options);
	case FORMAT_SARIF:
		return sarif_write(f, rows, &options);
	}
	return text_write(f, rows, o);
}
