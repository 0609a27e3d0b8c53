#include "report/left.h"

#include <errno.h>
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/str.h"
#include "base/strbuf.h"
#include "base/units.h"
#include "heap/format/read.h"
#include "heap/inherited.h"
#include "heap/merge.h"
#include "heap/remarks.h"
#include "heap/selection.h"
#include "names/resolver.h"
#include "output/report.h"
#include "output/row_recipes.h"
#include "output/sink.h"
#include "output/suppressions.h"
#include "proc/disk_files.h"
#include "report/confinement.h"
#include "report/settings.h"

/* "4,194,304 bytes in 4,096 objects" */
static void add_amount(struct strbuf *sb, int64_t bytes, int64_t objects)
{
	units_add_counted(sb, bytes, "byte", false);
	strbuf_adds(sb, " in ");
	units_add_counted(sb, objects, "object", false);
}

/* What was read, in order. */
struct left {
	struct heap_profile *profiles;	   /* owned */
	const struct heap_profile **order; /* owned; of these */
	size_t n;
};

static void left_release(struct left *left)
{
	size_t i;

	for (i = 0; i < left->n; i++)
		heap_profile_release(&left->profiles[i]);
	free(left->profiles);
	free(left->order);
}

/* --- reading --------------------------------------------------------------- */

/* ld.so and libraries are mapped above the program, where it is position
 * independent; else the program is at the lowest addresses, too
 * (fs/binfmt_elf.c, load_elf_binary()). */
static const char *program_of(const struct heap_profile *p)
{
	size_t i;

	for (i = 0; i < p->maps.n; i++)
		if (mapping_has_file(&p->maps.items[i]))
			return str_base_name(p->maps.items[i].path);
	return NULL;
}

/* That a snapshot is none of the end, and of when it is. */
static struct hs_error *remark(struct heap_profile *p,
			       enum launch_dump_kind kind)
{
	if (kind == LAUNCH_LAST)
		return NULL;
	return heap_remark_add(p, NULL,
			       kind == LAUNCH_RUNNING
				       ? "%s (pid %" PRId64
					 ") runs on: this is a snapshot of %s"
				       : "%s (pid %" PRId64
					 ") ended without exit(3): this is a "
					 "snapshot of %s, before its end",
			       p->meta.command ? p->meta.command : "?",
			       p->meta.pid,
			       p->meta.taken_at ? p->meta.taken_at : "?");
}

/* A dump of jemalloc's says only where and what; its file goes away. */
static struct hs_error *complete(struct heap_profile *p,
				 const struct launch_dump *dump)
{
	struct heap_meta *meta = &p->meta;
	struct hs_error *err = NULL;
	struct stat st;

	meta->file = NULL;
	meta->pid = dump->pid;
	if (!meta->command)
		err = intern_text(&meta->strings, program_of(p),
				  &meta->command);
	if (!err && meta->taken_at_us < 0 && !stat(dump->path, &st))
		err = heap_meta_set_time(meta,
					 st.st_mtim.tv_sec * INT64_C(1000000) +
						 st.st_mtim.tv_nsec / 1000);
	return err ? err : remark(p, dump->kind);
}

static struct hs_error *read_one(const struct launch_dump *dump,
				 const struct cli_options *o,
				 struct resolver *resolver,
				 struct heap_profile *p)
{
	const struct heap_selection selection = cli_selection(o);
	_cleanup_close_ int fd = -1;
	struct hs_error *err = heap_open_file(dump->path, &fd);

	if (!err)
		err = heap_selection_read(&selection, &o->monitor, fd,
					  dump->path, p);
	if (!err)
		err = resolver_names(resolver, p);
	return err ? err : complete(p, dump);
}

/* A process may be ended while it writes: that is no reason to say nothing of
 * the others. */
static struct hs_error *read_all(const struct launch_dumps *dumps,
				 const struct cli_options *o, struct left *left)
{
	const struct names_options names = cli_names_options(o);
	const struct file_source source = disk_files(NULL);
	_cleanup_resolver_ struct resolver *resolver = NULL;
	struct hs_error *err;
	size_t i;

	left->profiles = calloc(dumps->n, sizeof(*left->profiles));
	left->order = calloc(dumps->n, sizeof(*left->order));
	if (!left->profiles || !left->order)
		return hs_error_nomem();
	err = resolver_create(&names, &source, &resolver);
	for (i = 0; !err && i < dumps->n; i++) {
		struct heap_profile *p = &left->profiles[left->n];

		heap_profile_init(p);
		err = read_one(&dumps->items[i], o, resolver, p);
		if (!err) {
			left->order[left->n++] = p;
			continue;
		}
		heap_profile_release(p);
		if (hs_error_code(err) == HS_ERROR_INPUT) {
			monitor_warn(&names.monitor,
				     hs_error_wrap(err,
						   "no profile of "
						   "process %d",
						   (int)dumps->items[i].pid));
			err = NULL;
		}
	}
	return err;
}

/* What the command had before it forked a child is not the child's leak. Of
 * what was forked of others it is not known who the ancestor is. */
static struct hs_error *drop_inherited(struct left *left, pid_t command)
{
	const struct heap_profile *parent = left->profiles;
	struct hs_error *err = NULL;
	size_t i;

	if (!left->n || parent->meta.pid != command)
		return NULL;
	for (i = 1; i < left->n && !err; i++) {
		struct heap_profile *p = &left->profiles[i];
		struct heap_counts counts = { 0 };
		_cleanup_strbuf_ struct strbuf sb = { 0 };

		if (p->meta.pid == command)
			continue;
		err = heap_inherited_drop(p, parent, &counts);
		if (err || !counts.samples)
			continue;
		add_amount(&sb, llround(counts.bytes), llround(counts.objects));
		err = heap_remark_add(p, NULL,
				      "without %s that it has inherited from "
				      "process %" PRId64,
				      strbuf_str(&sb), parent->meta.pid);
	}
	return err;
}

/* --- reporting ------------------------------------------------------------- */

/* The rows of each process. */
struct left_rows {
	struct rows *items; /* owned */
	size_t n;
	int64_t bytes, objects; /* of all */
	size_t suppressed;
};

static void left_rows_release(struct left_rows *all)
{
	size_t i;

	for (i = 0; i < all->n; i++)
		rows_release(&all->items[i]);
	free(all->items);
}

static struct hs_error *make_rows(const struct left *left,
				  const struct cli_options *o,
				  struct left_rows *all)
{
	const struct rows_options options = cli_rows_options(o);
	struct hs_error *err = NULL;
	struct rows *rows;
	size_t i;

	all->items = calloc(left->n + 1, sizeof(*all->items));
	if (!all->items)
		return hs_error_nomem();
	for (i = 0; i < left->n && !err; i++) {
		rows = &all->items[all->n];
		err = rows_of_profile(&left->profiles[i], &options, rows);
		if (err)
			break;
		all->n++;
		all->bytes += rows->net.bytes;
		all->objects += rows->net.objects;
	}
	return err;
}

/* A line for each process that left something, or one for all. */
static void say(const struct left *left, const struct left_rows *all,
		const struct cli_options *o)
{
	const struct heap_meta *meta;
	size_t i;

	for (i = 0; i < all->n; i++) {
		_cleanup_strbuf_ struct strbuf sb = { 0 };

		if (!all->items[i].net.objects)
			continue;
		meta = &left->profiles[i].meta;
		add_amount(&sb, all->items[i].net.bytes,
			   all->items[i].net.objects);
		monitor_note(&o->monitor, "%s (pid %" PRId64 ") never freed %s",
			     meta->command ? meta->command : "?", meta->pid,
			     strbuf_str(&sb));
	}
	if (all->objects || !all->n)
		return;
	meta = &left->profiles[0].meta;
	if (all->n == 1)
		monitor_note(&o->monitor, "%s (pid %" PRId64 ") left nothing",
			     meta->command ? meta->command : "?", meta->pid);
	else
		monitor_note(&o->monitor, "%zu processes left nothing", all->n);
}

static struct hs_error *write_each(const struct left_rows *all, FILE *f,
				   const struct cli_options *o,
				   const struct text_options *text)
{
	struct hs_error *err = NULL;
	bool first = true;
	size_t i;

	for (i = 0; i < all->n && !err; i++) {
		if (!all->items[i].net.objects)
			continue;
		if (!first && !o->print_suppressions)
			(void)fputc('\n', f);
		first = false;
		err = o->print_suppressions
			      ? suppressions_write(f, &all->items[i])
			      : report_write(f, &all->items[i], o->format,
					     text);
	}
	return err;
}

/* The formats that are one document. */
static struct hs_error *write_together(const struct left *left, FILE *f,
				       const struct cli_options *o,
				       const struct text_options *text)
{
	hs_cleanup(heap_profile_release) struct heap_profile merged;
	hs_cleanup(rows_release) struct rows rows = { 0 };
	const struct rows_options options = cli_rows_options(o);
	struct hs_error *err;

	heap_profile_init(&merged);
	err = heap_merge(left->order, left->n, &merged);
	if (!err)
		err = rows_take_profile(&merged, &options, &rows);
	return err ? err : report_write(f, &rows, o->format, text);
}

/* Standard error stays open: more may have to be said there. */
static FILE *open_stderr(void)
{
	int fd = dup(STDERR_FILENO);

	return fd < 0 ? NULL : fdopen(fd, "w");
}

static struct hs_error *write_report(const struct left *left,
				     const struct left_rows *all,
				     const struct cli_options *o,
				     const struct hs_error *limit)
{
	FILE *standard = o->output ? NULL : open_stderr();
	struct text_options text;
	struct hs_error *err;
	struct sink sink;

	if (!o->output && !standard)
		return hs_error_sys(HS_ERROR_SYSTEM, errno,
				    "cannot write to standard error");
	err = sink_open(&sink, o->output, standard);
	if (err)
		return err;
	text = cli_text_options(o, sink.f);
	text.once_apart = true;
	text.verdict = cli_limit_verdict(o, limit);
	if (o->format == FORMAT_TEXT || o->format == FORMAT_TREE ||
	    o->print_suppressions)
		err = write_each(all, sink.f, o, &text);
	else if (left->n == 1)
		err = report_write(sink.f, &all->items[0], o->format, &text);
	else
		err = write_together(left, sink.f, o, &text);
	return sink_close(&sink, err);
}

static struct hs_error *check_limit(const struct left_rows *all,
				    const struct cli_options *o)
{
	_cleanup_strbuf_ struct strbuf sb = { 0 };

	if (!o->fail_above.text || all->bytes <= o->fail_above.bytes)
		return NULL;
	add_amount(&sb, all->bytes, all->objects);
	return hs_error_new(HS_ERROR_GREW,
			    "%s that were never freed are above %s",
			    strbuf_str(&sb), o->fail_above.text);
}

static struct hs_error *report(const struct left *left,
			       const struct cli_options *o)
{
	hs_cleanup(left_rows_release) struct left_rows all = { 0 };
	struct hs_error *err = make_rows(left, o, &all);

	struct hs_error *limit;

	if (err)
		return err;
	say(left, &all, o);
	limit = check_limit(&all, o);
	if (all.objects || o->output)
		err = write_report(left, &all, o, limit);
	if (!err)
		return limit;
	hs_error_free(limit);
	return err;
}

struct hs_error *left_report(const struct launch_dumps *dumps, pid_t command,
			     const struct cli_options *o)
{
	hs_cleanup(left_release) struct left left = { 0 };
	struct text_list paths = { 0 };
	struct hs_error *err = NULL;
	size_t i;

	for (i = 0; i < dumps->n && !err; i++)
		err = text_list_add(&paths, dumps->items[i].path);
	if (!err)
		err = cli_confine(o, &paths);
	if (!err)
		err = read_all(dumps, o, &left);
	if (!err)
		err = drop_inherited(&left, command);
	if (!err && left.n)
		err = report(&left, o);
	free(paths.items);
	return err;
}
