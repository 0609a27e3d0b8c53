#include "snap/capture.h"

#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "base/array.h"
#include "base/cleanup.h"
#include "base/deadline.h"
#include "base/new_file.h"
#include "base/strbuf.h"
#include "base/units.h"
#include "contents/sampled_age.h"
#include "heap/format/read.h"
#include "heap/format/snapshot.h"
#include "heap/large_sizes.h"
#include "heap/remarks.h"
#include "heap/sampling_cost.h"
#include "snap/samples.h"

void capture_init(struct capture *c)
{
	c->snapshot = (struct snapshot){ 0 };
	heap_profile_init(&c->profile);
}

void capture_release(struct capture *c)
{
	snapshot_release(&c->snapshot);
	heap_profile_release(&c->profile);
}

/* Formats microseconds since the epoch as UTC. */
static struct tm broken_down(int64_t us)
{
	time_t seconds = (time_t)(us / 1000000);
	struct tm tm = { 0 };

	gmtime_r(&seconds, &tm);
	return tm;
}

/* Adds the metadata, which the dump does not have. */
static void move_meta(struct snapshot *from, struct heap_profile *to)
{
	heap_meta_release(&to->meta);
	to->meta = from->meta;
	heap_meta_init(&from->meta);
}

/* A library that is jemalloc and nothing else: all its frames are the
 * allocator's. That is not so for a library that contains a jemalloc. */
static void mark_allocator(struct heap_profile *p, const struct snapshot *s)
{
	const char *base;
	size_t i;

	if (!s->jemalloc_path || !s->jemalloc_shared)
		return;
	base = strrchr(s->jemalloc_path, '/');
	if (!strstr(base ? base : s->jemalloc_path, "jemalloc"))
		return;
	for (i = 0; i < p->n_modules; i++) {
		if (!strcmp(p->modules[i].path, s->jemalloc_path))
			p->modules[i].allocator = true;
	}
}

struct dump_progress {
	const struct identity *id;
	const struct monitor *monitor;
};

static void show_dump(void *arg, int64_t bytes)
{
	const struct dump_progress *p = arg;
	_cleanup_strbuf_ struct strbuf size = { 0 };

	units_add_bytes(&size, bytes, false, UNITS_IEC);
	monitor_progress(p->monitor,
			 "jemalloc of process %d has written %s of its profile",
			 (int)p->id->pid, strbuf_str(&size));
}

static struct hs_error *take(struct standing *standing,
			     const struct identity *id,
			     const struct capture_options *o, bool last,
			     struct snapshot *ret)
{
	struct deadline d = deadline_in(o->timeout_us, o->monitor.stop);
	struct dump_progress progress = { id, &o->monitor };
	const struct snapshot_options options = {
		.session = o->session,
		.last = last,
		.beside_others = o->beside_others,
		.no_stats = o->no_stats,
		.dump = { { show_dump, &progress }, o->max_dump },
	};
	struct hs_error *err = identity_check(id);

	if (!err)
		err = snapshot_take(standing, id, &options, &d, ret);
	monitor_progress_end(&o->monitor);
	return err;
}

static struct hs_error *look_at_samples(const struct identity *id,
					const struct capture_options *o,
					const struct snapshot *snapshot,
					struct sampled *ret)
{
	const struct sampled_options options = {
		.id = id,
		.tree = &snapshot->heap,
		.version = snapshot->meta.jemalloc_version,
		.no_types = o->no_contents,
		.demangle = o->demangle,
		.stop = o->monitor.stop,
	};

	return snap_samples_look(&options, ret);
}

struct hs_error *capture_take(struct standing *standing,
			      const struct identity *id,
			      const struct capture_options *o, bool last,
			      struct capture *c)
{
	hs_cleanup(sampled_release) struct sampled samples = { 0 };
	struct hs_error *err;
	char name[64], *text;

	err = take(standing, id, o, last, &c->snapshot);
	if (!err)
		err = look_at_samples(id, o, &c->snapshot, &samples);
	if (!err)
		err = spool_text(&c->snapshot.dump, &text);
	if (err)
		return err;
	snprintf(name, sizeof(name), "dump of process %d", (int)id->pid);
	err = heap_read_with(text, c->snapshot.dump.len, name,
			     &o->selection.read, &c->profile);
	if (!err)
		err = sampled_age(&samples, &c->profile);
	if (err)
		return err;
	heap_large_sizes_correct(&c->profile, &c->snapshot.meta);
	heap_remarks_warn(&c->profile, &o->monitor);
	heap_sampling_count(&c->profile, &c->snapshot.meta);
	err = heap_selection_apply(&o->selection, &o->monitor, &c->profile);
	if (err)
		return err;
	move_meta(&c->snapshot, &c->profile);
	mark_allocator(&c->profile, &c->snapshot);
	return NULL;
}

struct hs_error *capture_write(struct capture *c, const char *path)
{
	struct hs_error *err;
	char *text;

	err = spool_text(&c->snapshot.dump, &text);
	return err ? err
		   : heap_snapshot_write(path, text, c->snapshot.dump.len,
					 &c->profile);
}

/* "heapsnap.COMMAND.PID."; a command may have any bytes, even a slash. */
static void add_prefix(struct strbuf *sb, const struct identity *id)
{
	const char *c;

	strbuf_adds(sb, "heapsnap.");
	for (c = id->command; *c; c++)
		strbuf_addc(sb, isalnum((unsigned char)*c) || strchr("-_+", *c)
					? *c
					: '_');
	strbuf_addf(sb, ".%d.", (int)id->pid);
}

/* Where else they can go, behind what would have to be otherwise here. */
static struct hs_error *hint_at_options(struct hs_error *err)
{
	const char *here = err ? hs_error_hint_text(err) : NULL;
	_cleanup_strbuf_ struct strbuf sb = { 0 };

	if (here)
		strbuf_addf(&sb, "%s; ", here);
	strbuf_adds(&sb,
		    "--save DIR keeps snapshots elsewhere, --no-save keeps "
		    "none");
	if (!err || sb.failed)
		return err;
	return hs_error_hint(hs_error_drop_hint(err), "%s", strbuf_str(&sb));
}

/* DIR/heapsnap.COMMAND.PID.TIME.heap */
static struct hs_error *add_path(struct strbuf *path, const struct capture *c,
				 const struct identity *id, const char *dir)
{
	int64_t us = c->profile.meta.taken_at_us;
	struct tm tm = broken_down(us);
	char time[64];

	/* With milliseconds, so that two snapshots get two names. */
	strftime(time, sizeof(time), "%Y%m%dT%H%M%S", &tm);
	if (strcmp(dir, "."))
		strbuf_addf(path, "%s/", dir);
	add_prefix(path, id);
	strbuf_addf(path, "%s.%03dZ.heap", time, (int)(us / 1000 % 1000));
	return strbuf_check(path);
}

struct hs_error *capture_keep(struct capture *c, const struct identity *id,
			      const char *dir, struct kept *ret)
{
	_cleanup_strbuf_ struct strbuf path = { 0 };
	struct hs_error *err;

	kept_release(ret);
	err = add_path(&path, c, id, dir);
	if (err)
		return err;
	ret->path = strdup(strbuf_str(&path));
	if (!ret->path)
		return hs_error_nomem();
	ret->dump = c->snapshot.dump;
	c->snapshot.dump = (struct spool){ 0 };
	heap_snapshot_lines(&ret->lines, &c->profile);
	return strbuf_check(&ret->lines);
}

struct hs_error *kept_save(struct kept *kept, struct heap_profile *p)
{
	struct hs_error *err;
	char *text;

	if (!kept->path)
		return NULL;
	err = spool_text(&kept->dump, &text);
	if (!err)
		err = heap_snapshot_write_lines(kept->path, text,
						kept->dump.len, &kept->lines);
	if (!err)
		err = intern_text(&p->meta.strings, kept->path, &p->meta.file);
	return hint_at_options(err);
}

void kept_release(struct kept *kept)
{
	free(kept->path);
	spool_release(&kept->dump);
	strbuf_release(&kept->lines);
	*kept = (struct kept){ 0 };
}

struct hs_error *capture_save(struct capture *c, const struct identity *id,
			      const char *dir)
{
	_cleanup_strbuf_ struct strbuf path = { 0 };
	struct hs_error *err = add_path(&path, c, id, dir);

	if (!err)
		err = capture_write(c, strbuf_str(&path));
	if (!err)
		err = intern_text(&c->profile.meta.strings, strbuf_str(&path),
				  &c->profile.meta.file);
	return hint_at_options(err);
}

struct hs_error *capture_check_dir(const struct identity *id, const char *dir)
{
	_cleanup_strbuf_ struct strbuf path = { 0 };
	struct new_file file;
	struct hs_error *err;

	strbuf_addf(&path, "%s/", dir);
	add_prefix(&path, id);
	strbuf_adds(&path, "heap");
	err = strbuf_check(&path);
	if (!err)
		err = new_file_open(strbuf_str(&path), &file);
	if (!err)
		new_file_discard(&file);
	return hint_at_options(err);
}

/* Who else can write to the folder is not to choose what is compared with. */
static bool may_be_last(int folder, const char *name)
{
	struct stat st;

	return strstr(name, ".heap") &&
	       !fstatat(folder, name, &st, AT_SYMLINK_NOFOLLOW) &&
	       S_ISREG(st.st_mode) && (!st.st_uid || st.st_uid == geteuid());
}

struct hs_error *capture_find_last(const struct identity *id, const char *dir,
				   char **ret)
{
	_cleanup_strbuf_ struct strbuf prefix = { 0 };
	_cleanup_strbuf_ struct strbuf newest = { 0 };
	struct dirent *entry;
	struct hs_error *err;
	DIR *d = opendir(dir);

	if (!d)
		return hs_error_sys(HS_ERROR_INPUT, errno, "cannot open '%s'",
				    dir);
	add_prefix(&prefix, id);
	while ((entry = readdir(d))) {
		/* The names end in the time, so the greatest is the newest. */
		if (strncmp(entry->d_name, strbuf_str(&prefix), prefix.len) ||
		    strcmp(entry->d_name, strbuf_str(&newest)) <= 0 ||
		    !may_be_last(dirfd(d), entry->d_name))
			continue;
		strbuf_clear(&newest);
		strbuf_adds(&newest, entry->d_name);
	}
	closedir(d);
	err = strbuf_check(&newest);
	if (err)
		return err;
	if (!newest.len)
		return hs_error_hint(
			hs_error_new(HS_ERROR_INPUT,
				     "no snapshot of process %d is kept in "
				     "'%s'",
				     (int)id->pid, dir),
			"take one with 'heapsnap -p %d -n 1'", (int)id->pid);
	if (asprintf(ret, "%s/%s", dir, strbuf_str(&newest)) < 0)
		return hs_error_nomem();
	return NULL;
}
