/* JUnit's XML has no standard; this is what Jenkins, GitLab and others read:
 * tests/data/schemas/junit.xsd. */
#include <inttypes.h>
#include <string.h>

#include "base/escape.h"
#include "heap/remarks.h"
#include "output/findings.h"
#include "output/formats.h"
#include "output/label.h"
#include "output/write.h"

static void add_escaped(struct strbuf *sb, const char *s)
{
	escape_markup(sb, s, strlen(s));
}

/* @key="@value" */
static void add_attribute(struct strbuf *sb, const char *key, const char *value)
{
	strbuf_addf(sb, " %s=\"", key);
	add_escaped(sb, value);
	strbuf_addc(sb, '"');
}

/* A frame a line, innermost first. */
static void add_stack(struct strbuf *sb, const struct rows *rows,
		      const struct row *row)
{
	uint32_t i;

	for (i = 0; i < row->depth; i++) {
		const struct row_frame *f = row_frame(rows, row, i);
		_cleanup_strbuf_ struct strbuf line = { 0 };

		label_add(&line, f);
		if (f->look->file)
			strbuf_addf(&line, "  %s", f->look->file);
		if (f->look->file && f->look->line)
			strbuf_addf(&line, ":%" PRIu32, f->look->line);
		add_escaped(sb, strbuf_str(&line));
		strbuf_addc(sb, '\n');
		sb->failed |= line.failed;
	}
}

static void begin_case(struct strbuf *sb, const struct rows *rows,
		       const char *name)
{
	const char *command = rows->after->meta.command;

	strbuf_adds(sb, "    <testcase");
	add_attribute(sb, "classname", command ? command : "heapsnap");
	add_attribute(sb, "name", name);
	strbuf_adds(sb, " time=\"0\"");
}

static void add_finding(struct strbuf *sb, const struct rows *rows,
			const struct row *row, const struct format_options *o)
{
	const bool failed = findings_level(&o->verdict) != FINDING_NOTE;
	const char *const element = failed ? "failure" : "system-out";
	_cleanup_strbuf_ struct strbuf name = { 0 }, amount = { 0 };

	finding_add_name(&name, rows, row);
	finding_add_amount(&amount, rows, row, o->units);
	begin_case(sb, rows, strbuf_str(&name));
	strbuf_addf(sb, ">\n      <%s", element);
	if (failed) {
		add_attribute(sb, "type", rows->before ? "growth" : "left");
		add_attribute(sb, "message", strbuf_str(&amount));
	}
	strbuf_addc(sb, '>');
	add_escaped(sb, strbuf_str(&amount));
	strbuf_addc(sb, '\n');
	add_stack(sb, rows, row);
	strbuf_addf(sb, "</%s>\n    </testcase>\n", element);
	sb->failed |= name.failed || amount.failed;
}

/* Where there is no finding a test says so: a suite without one is none. */
static void add_whole(struct strbuf *sb, const struct rows *rows,
		      const struct limit_verdict *verdict)
{
	_cleanup_strbuf_ struct strbuf name = { 0 };

	findings_add_none(&name, rows);
	begin_case(sb, rows, strbuf_str(&name));
	if (verdict->above) {
		strbuf_adds(sb, ">\n      <failure type=\"limit\"");
		add_attribute(sb, "message", verdict->above);
		strbuf_adds(sb, "/>\n    </testcase>\n");
	} else {
		strbuf_adds(sb, "/>\n");
	}
	sb->failed |= name.failed;
}

static void add_remarks(struct strbuf *sb, const struct heap_profile *p)
{
	size_t i;

	for (i = 0; p && i < p->n_remarks; i++) {
		add_escaped(sb, p->remarks[i].text);
		strbuf_addc(sb, '\n');
	}
}

static void begin_suite(struct strbuf *sb, const struct rows *rows,
			size_t tests, size_t failures)
{
	const struct heap_meta *meta = &rows->after->meta;
	_cleanup_strbuf_ struct strbuf title = { 0 };

	formats_add_title(&title, rows);
	strbuf_addf(sb,
		    "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
		    "<testsuites name=\"heapsnap\" tests=\"%zu\" "
		    "failures=\"%zu\" errors=\"0\">\n"
		    "  <testsuite",
		    tests, failures);
	add_attribute(sb, "name", strbuf_str(&title));
	strbuf_addf(sb,
		    " tests=\"%zu\" failures=\"%zu\" errors=\"0\" "
		    "skipped=\"0\" time=\"0\"",
		    tests, failures);
	if (meta->taken_at)
		add_attribute(sb, "timestamp", meta->taken_at);
	if (meta->hostname)
		add_attribute(sb, "hostname", meta->hostname);
	strbuf_adds(sb, ">\n");
	sb->failed |= title.failed;
}

static size_t count_findings(const struct rows *rows, size_t end)
{
	size_t i, n = 0;

	for (i = 0; i < end; i++)
		n += finding_is(rows, &rows->items[i]);
	return n;
}

struct hs_error *junit_write(FILE *f, const struct rows *rows,
			     const struct format_options *o)
{
	_cleanup_strbuf_ struct strbuf sb = { 0 };
	const size_t end = formats_rows(rows, o->top);
	const size_t n = count_findings(rows, end);
	const bool fail = n ? findings_level(&o->verdict) != FINDING_NOTE
			    : o->verdict.above != NULL;
	struct hs_error *err = NULL;
	size_t i;

	begin_suite(&sb, rows, n ? n : 1, !fail ? 0 : n ? n : 1);
	for (i = 0; i < end && !err; i++) {
		if (finding_is(rows, &rows->items[i]))
			add_finding(&sb, rows, &rows->items[i], o);
		err = write_flush(&sb, f);
	}
	if (!n)
		add_whole(&sb, rows, &o->verdict);
	if (rows->after->n_remarks ||
	    (rows->before && rows->before->n_remarks)) {
		strbuf_adds(&sb, "    <system-err>");
		add_remarks(&sb, rows->before);
		add_remarks(&sb, rows->after);
		strbuf_adds(&sb, "</system-err>\n");
	}
	strbuf_adds(&sb, "  </testsuite>\n</testsuites>\n");
	return err ? err : write_flush(&sb, f);
}
