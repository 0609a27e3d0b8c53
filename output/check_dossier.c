#include "output/check_dossier.h"

#include <inttypes.h>
#include <string.h>

#include "base/escape.h"
#include "base/strbuf.h"
#include "output/check_text.h"
#include "output/write.h"

static void add_foreign(struct strbuf *sb, const char *s)
{
	escape_terminal(sb, s, strlen(s));
}

/* Lines stay lines. */
static void add_facts(struct strbuf *sb, const char *facts)
{
	while (*facts) {
		size_t len = strcspn(facts, "\n");

		strbuf_adds(sb, "  ");
		escape_terminal(sb, facts, len);
		strbuf_addc(sb, '\n');
		facts += len + (facts[len] == '\n');
	}
}

static void add_modules(struct strbuf *sb, const struct check_report *r)
{
	size_t i;

	for (i = 0; i < r->n_modules; i++) {
		const struct check_module *m = &r->modules[i];

		strbuf_addf(sb, "  %s ", m->build_id ? m->build_id : "-");
		add_foreign(sb, m->name);
		if (m->version)
			strbuf_addf(sb, " (glibc %s)", m->version);
		strbuf_addc(sb, '\n');
	}
}

static bool same_verdict(const struct check_thread *a,
			 const struct check_thread *b)
{
	return a->tid == b->tid && a->safe == b->safe &&
	       !strcmp(a->why_unsafe, b->why_unsafe);
}

/* How often each thread got which verdict. */
static void add_counts(struct strbuf *sb, const struct check_report *r)
{
	size_t i, k;

	for (i = 0; i < r->n_looked; i++) {
		const struct check_thread *t = &r->threads[i];
		size_t same = 0, looks = 0;
		bool first = true;

		for (k = 0; k < r->n_looked; k++) {
			const struct check_thread *o = &r->threads[k];

			looks += o->tid == t->tid;
			same += same_verdict(t, o);
			first = first && !(k < i && same_verdict(t, o));
		}
		if (!first)
			continue;
		strbuf_addf(sb, "  %zu of %zu: thread %" PRId64 " ", same,
			    looks, t->tid);
		add_foreign(sb, t->safe ? "is safe" : t->why_unsafe);
		strbuf_addc(sb, '\n');
	}
}

/* The threads of all looks, one look after the other. */
static void add_looks(struct strbuf *sb, const struct check_report *r)
{
	size_t i;

	for (i = 0; i < r->n_looked; i++) {
		const struct check_thread *t = &r->threads[i];

		if (!i || t->look != r->threads[i - 1].look)
			strbuf_addf(sb, "look %u\n", t->look + 1);
		check_text_add_thread(sb, t);
	}
}

struct hs_error *check_dossier_write(FILE *f, const struct check_dossier *d)
{
	struct strbuf sb = { 0 };
	struct hs_error *err;

	strbuf_addf(&sb, "heapsnap %s\n", d->version);
	check_text_add_conditions(&sb, d->report);
	strbuf_adds(&sb, "machine and process\n");
	add_facts(&sb, d->facts);
	strbuf_adds(&sb, "modules\n");
	add_modules(&sb, d->report);
	strbuf_adds(&sb, "verdicts\n");
	add_counts(&sb, d->report);
	add_looks(&sb, d->report);
	err = write_flush(&sb, f);
	strbuf_release(&sb);
	return err;
}
