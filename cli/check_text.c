#include <errno.h>
#include <inttypes.h>
#include <string.h>

#include "attach/arch.h"
#include "base/escape.h"
#include "cli/check_report.h"
#include "output/style.h"
#include "symbol/demangle.h"

static const struct {
	const char *text;
	enum style style;
} answers[] = {
	[CHECK_YES] = { "yes", STYLE_SHRUNK },
	[CHECK_NO] = { "no", STYLE_GROWN },
	[CHECK_WARNING] = { "but", STYLE_WARN },
	[CHECK_NOT_KNOWN] = { "?", STYLE_FAINT },
};

enum { ANSWER_WIDTH = 5, INDENT = 2 };

struct page {
	struct strbuf sb;
	bool color;
	const struct check_report *r;
};

static void add_styled(struct page *p, enum style style, const char *s)
{
	style_add(&p->sb, style, p->color, s, strlen(s));
}

/* Text from the process, or from files it names. */
static void add_foreign(struct page *p, const char *s)
{
	escape_terminal(&p->sb, s, strlen(s));
}

static void add_head(struct page *p)
{
	const struct check *check = p->r->check;

	strbuf_adds(&p->sb, "process ");
	strbuf_addf(&p->sb, "%d (", (int)p->r->id->pid);
	add_foreign(p, p->r->id->command);
	strbuf_adds(&p->sb, ") ");
	if (check->verdict)
		add_styled(p, STYLE_GROWN, "cannot be snapshotted");
	else
		add_styled(p, STYLE_SHRUNK, "can be snapshotted");
	strbuf_addc(&p->sb, '\n');
}

static size_t widest_name(const struct check *check)
{
	size_t i, width = 0;

	for (i = 0; i < check->n; i++)
		if (strlen(check->items[i].name) > width)
			width = strlen(check->items[i].name);
	return width;
}

static void add_items(struct page *p)
{
	const struct check *check = p->r->check;
	size_t width = widest_name(check) + 2, i;

	for (i = 0; i < check->n; i++) {
		const struct check_item *item = &check->items[i];
		const char *answer = answers[item->answer].text;

		style_pad(&p->sb, INDENT);
		add_styled(p, answers[item->answer].style, answer);
		style_pad(&p->sb, ANSWER_WIDTH - strlen(answer));
		strbuf_adds(&p->sb, item->name);
		style_pad(&p->sb, width - strlen(item->name));
		add_foreign(p, item->reason);
		strbuf_addc(&p->sb, '\n');
		if (!item->remedy)
			continue;
		style_pad(&p->sb, INDENT + ANSWER_WIDTH + width);
		add_styled(p, STYLE_STRONG, "do: ");
		add_foreign(p, item->remedy);
		strbuf_addc(&p->sb, '\n');
	}
}

void check_report_activity(struct strbuf *sb, const struct check_thread *t)
{
	const char *name = arch_syscall_name(t->number);

	if (t->number < 0)
		strbuf_adds(sb, t->state == 'R' ? "runs" : "waits");
	else if (name)
		strbuf_addf(sb, "in %s", name);
	else
		strbuf_addf(sb, "in system call %" PRId64, t->number);
}

static const char *base_name(const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash ? slash + 1 : path;
}

static void add_name(struct page *p, const struct check_name *name)
{
	struct strbuf text = { 0 };

	if (name->function)
		demangle(&text, name->function, DEMANGLE_SHORT);
	else if (name->module[0])
		strbuf_addf(&text, "%s+0x%" PRIx64, base_name(name->module),
			    name->offset);
	else
		strbuf_addf(&text, "0x%" PRIx64, name->offset);
	add_foreign(p, strbuf_str(&text));
	p->sb.failed |= text.failed;
	strbuf_release(&text);
}

static struct hs_error *add_frame(struct page *p, uint64_t address, bool caller)
{
	struct check_name name;
	struct hs_error *err;

	err = check_names_find(p->r->names, address, caller, &name);
	if (err)
		return err;
	style_pad(&p->sb, 2 * INDENT + 2);
	add_name(p, &name);
	if (name.file) {
		strbuf_adds(&p->sb, "  ");
		add_foreign(p, name.file);
		strbuf_addf(&p->sb, ":%" PRIu32, name.line);
	} else if (name.function) {
		strbuf_adds(&p->sb, "  ");
		add_foreign(p, base_name(name.module));
	}
	strbuf_addc(&p->sb, '\n');
	return NULL;
}

static struct hs_error *add_verdict(struct page *p,
				    const struct host_opinion *opinion)
{
	struct check_name name;
	struct hs_error *err;

	if (opinion->safe) {
		add_styled(p, STYLE_SHRUNK, "safe");
		strbuf_addc(&p->sb, '\n');
		return NULL;
	}
	add_styled(p, STYLE_WARN, "unsafe");
	strbuf_addf(&p->sb, ": it %s", opinion->why);
	if (opinion->inside) {
		err = check_names_find(p->r->names, opinion->inside, true,
				       &name);
		if (err)
			return err;
		strbuf_adds(&p->sb, ": ");
		add_name(p, &name);
	}
	strbuf_addc(&p->sb, '\n');
	return NULL;
}

static struct hs_error *add_thread(struct page *p, const struct check_thread *t)
{
	const struct unwind *unwind = &t->opinion.unwind;
	struct hs_error *err;
	size_t i;

	style_pad(&p->sb, INDENT);
	strbuf_addf(&p->sb, "%d ", (int)t->tid);
	add_foreign(p, t->name);
	strbuf_adds(&p->sb, "  ");
	check_report_activity(&p->sb, t);
	strbuf_adds(&p->sb, "  ");
	err = add_verdict(p, &t->opinion);
	for (i = 0; i < unwind->n && !err; i++)
		err = add_frame(p, unwind->pcs[i], i > 0);
	if (!err && t->opinion.looked && !unwind->complete) {
		style_pad(&p->sb, 2 * INDENT + 2);
		strbuf_addf(&p->sb, "... (%s)\n", unwind->why);
	}
	return err;
}

static void add_price(struct page *p)
{
	const struct check *check = p->r->check;

	if (!check->attached) {
		add_styled(p, STYLE_FAINT, "no thread of it was stopped");
	} else if (check->stuck_tid) {
		strbuf_addf(&p->sb,
			    "thread %d of it has stood still for %.1f s, in a "
			    "call of heapsnap's",
			    (int)check->stuck_tid,
			    (double)check->pause_us / 1e6);
	} else if (check->pause_us) {
		strbuf_addf(&p->sb,
			    "no thread of it was stopped for longer than "
			    "%" PRId64 " us",
			    check->pause_us);
	} else {
		strbuf_adds(&p->sb, "no thread of it was stopped");
	}
	strbuf_addc(&p->sb, '\n');
}

struct hs_error *check_report_text(FILE *f, const struct check_report *r,
				   const struct text_options *o)
{
	struct page p = { .r = r, .color = o->color };
	struct hs_error *err = NULL;
	size_t i;

	add_head(&p);
	add_items(&p);
	if (r->check->n_threads)
		strbuf_adds(&p.sb, "threads\n");
	for (i = 0; i < r->check->n_threads && !err; i++)
		err = add_thread(&p, &r->check->threads[i]);
	add_price(&p);
	if (!err)
		err = strbuf_check(&p.sb);
	if (!err && fwrite(strbuf_str(&p.sb), 1, p.sb.len, f) != p.sb.len)
		err = hs_error_sys(HS_ERROR_SYSTEM, errno,
				   "cannot write the report");
	strbuf_release(&p.sb);
	return err;
}
