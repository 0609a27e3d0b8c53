#include "output/check_text.h"

#include <inttypes.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/escape.h"
#include "base/str.h"
#include "base/strbuf.h"
#include "base/units.h"
#include "output/style.h"
#include "output/write.h"

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

struct check_text {
	struct strbuf sb;
	bool color;
	const struct check_report *r;
};

static void add_styled(struct check_text *p, enum style style, const char *s)
{
	style_add(&p->sb, style, p->color, s, strlen(s));
}

/* A string from the process, or from files it names. */
static void add_foreign(struct check_text *p, const char *s)
{
	escape_terminal(&p->sb, s, strlen(s));
}

static void add_head(struct check_text *p)
{
	strbuf_addf(&p->sb, "process %d (", (int)p->r->pid);
	add_foreign(p, p->r->command);
	strbuf_adds(&p->sb, ") ");
	if (p->r->ok)
		add_styled(p, STYLE_SHRUNK, "can be snapshotted");
	else
		add_styled(p, STYLE_GROWN, "cannot be snapshotted");
	strbuf_addc(&p->sb, '\n');
}

static size_t widest_name(const struct check_report *r)
{
	size_t i, width = 0;

	for (i = 0; i < r->n_items; i++)
		if (strlen(r->items[i].name) > width)
			width = strlen(r->items[i].name);
	return width;
}

static void add_items(struct check_text *p)
{
	size_t width = widest_name(p->r) + 2, i;

	for (i = 0; i < p->r->n_items; i++) {
		const struct check_item *item = &p->r->items[i];
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

/* What the thread did: "in poll", "runs". */
static void add_activity(struct check_text *p, const struct check_thread *t)
{
	if (t->syscall_number < 0)
		strbuf_adds(&p->sb, t->state == 'R' ? "runs" : "waits");
	else if (t->syscall)
		strbuf_addf(&p->sb, "in %s", t->syscall);
	else
		strbuf_addf(&p->sb, "in system call %" PRId64,
			    t->syscall_number);
}

static void add_name(struct check_text *p, const struct check_frame *frame)
{
	if (frame->function) {
		add_foreign(p, frame->function);
		return;
	}
	if (frame->module && frame->module[0]) {
		add_foreign(p, str_base_name(frame->module));
		strbuf_addc(&p->sb, '+');
	}
	strbuf_addf(&p->sb, "0x%" PRIx64, frame->offset);
}

static void add_frame(struct check_text *p, const struct check_frame *frame)
{
	style_pad(&p->sb, 2 * INDENT + 2);
	add_name(p, frame);
	if (frame->file) {
		strbuf_adds(&p->sb, "  ");
		add_foreign(p, frame->file);
		strbuf_addf(&p->sb, ":%" PRIu32, frame->line);
	} else if (frame->function) {
		strbuf_adds(&p->sb, "  ");
		add_foreign(p, str_base_name(frame->module));
	}
	strbuf_addc(&p->sb, '\n');
}

static void add_verdict(struct check_text *p, const struct check_thread *t)
{
	if (t->safe) {
		add_styled(p, STYLE_SHRUNK, "safe");
		strbuf_addc(&p->sb, '\n');
		return;
	}
	add_styled(p, STYLE_WARN, "unsafe");
	strbuf_addf(&p->sb, ": it %s", t->why_unsafe);
	if (t->inside) {
		strbuf_adds(&p->sb, ": ");
		add_name(p, t->inside);
	}
	strbuf_addc(&p->sb, '\n');
}

static void add_thread(struct check_text *p, const struct check_thread *t)
{
	size_t i;

	style_pad(&p->sb, INDENT);
	strbuf_addf(&p->sb, "%d ", (int)t->tid);
	add_foreign(p, t->name);
	strbuf_adds(&p->sb, "  ");
	add_activity(p, t);
	strbuf_adds(&p->sb, "  ");
	add_verdict(p, t);
	for (i = 0; i < t->n_frames; i++)
		add_frame(p, &t->frames[i]);
	if (t->sampled && !t->unwound) {
		style_pad(&p->sb, 2 * INDENT + 2);
		strbuf_addf(&p->sb, "... (%s)\n", t->why_not);
	}
}

static const struct {
	const char *text;
	bool bytes;
} changes[CHANGE_COUNT] = {
	[CHANGE_HELPER_THREADS] = { "helper thread", false },
	[CHANGE_BACKGROUND_THREADS] = { "jemalloc's background threads",
					false },
	[CHANGE_ARENAS] = { "jemalloc's arenas", false },
	[CHANGE_STACKS] = { "stacks kept by the C library", false },
	[CHANGE_RESIDENT] = { "resident memory, up to", true },
	[CHANGE_ADDRESSES] = { "addresses, up to", true },
	[CHANGE_DESCRIPTORS] = { "file descriptors", false },
	[CHANGE_FILES] = { "files on a disk", false },
};

/* Right-aligned, so wide. */
static void add_made(struct check_text *p, size_t width, int64_t n, bool bytes)
{
	_cleanup_strbuf_ struct strbuf text = { 0 };

	if (n < 0)
		strbuf_adds(&text, "?");
	else if (bytes)
		units_add_bytes(&text, n, false, UNITS_IEC);
	else
		strbuf_addf(&text, "%" PRId64, n);
	if (text.len < width)
		style_pad(&p->sb, width - text.len);
	strbuf_adds(&p->sb, strbuf_str(&text));
}

static void add_changes(struct check_text *p)
{
	enum { LABEL = 32, MEANWHILE = 12, STAYS = 11 };
	static const char title[] = "what a snapshot adds to it";
	size_t i;

	if (!p->r->changes_known)
		return;
	strbuf_addf(&p->sb, "%-*s%*s%*s\n", INDENT + LABEL, title, MEANWHILE,
		    "meanwhile", STAYS, "for good");
	for (i = 0; i < CHANGE_COUNT; i++) {
		const struct check_made *made = &p->r->changes[i];

		style_pad(&p->sb, INDENT);
		strbuf_addf(&p->sb, "%-*s", LABEL, changes[i].text);
		add_made(p, MEANWHILE, made->meanwhile, changes[i].bytes);
		add_made(p, STAYS, made->stays, changes[i].bytes);
		strbuf_addc(&p->sb, '\n');
	}
	strbuf_adds(&p->sb, "  (for good: this check has added it already)\n");
}

static void add_price(struct check_text *p)
{
	const struct check_report *r = p->r;

	if (!r->attached) {
		add_styled(p, STYLE_FAINT, "no thread of it was stopped");
	} else if (r->stuck_tid) {
		strbuf_addf(&p->sb,
			    "thread %" PRId64 " of it has stood still for "
			    "%.1f s, in a call of heapsnap's",
			    r->stuck_tid, (double)r->pause_us / 1e6);
	} else if (r->pause_us) {
		strbuf_addf(&p->sb,
			    "no thread of it was stopped for longer than "
			    "%" PRId64 " us",
			    r->pause_us);
		if (r->n_threads && r->stopped_thread[0]) {
			strbuf_adds(&p->sb, " (");
			add_foreign(p, r->stopped_thread);
			strbuf_addc(&p->sb, ')');
		}
	} else {
		strbuf_adds(&p->sb, "no thread of it was stopped");
	}
	strbuf_addc(&p->sb, '\n');
}

void check_text_add_thread(struct strbuf *sb, const struct check_thread *t)
{
	struct check_text p = { .sb = *sb };

	add_thread(&p, t);
	*sb = p.sb;
}

void check_text_add_conditions(struct strbuf *sb, const struct check_report *r)
{
	struct check_text p = { .sb = *sb, .r = r };

	add_head(&p);
	add_items(&p);
	add_price(&p);
	*sb = p.sb;
}

struct hs_error *check_text_write(FILE *f, const struct check_report *r,
				  const struct text_options *o)
{
	struct check_text p = { .r = r, .color = o->color };
	struct hs_error *err;
	size_t i;

	add_head(&p);
	add_items(&p);
	if (r->n_threads)
		strbuf_adds(&p.sb, "threads\n");
	for (i = 0; i < r->n_threads; i++)
		add_thread(&p, &r->threads[i]);
	add_changes(&p);
	add_price(&p);
	err = write_flush(&p.sb, f);
	strbuf_release(&p.sb);
	return err;
}
