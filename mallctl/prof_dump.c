#include "mallctl/prof_dump.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <limits.h>
#include <linux/magic.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/vfs.h>
#include <unistd.h>

#include "base/array.h"
#include "base/cleanup.h"
#include "heap/format/snapshot.h"
#include "mallctl/dump_file.h"
#include "mallctl/dump_reader.h"
#include "mallctl/helper_fd.h"
#include "mallctl/recovery.h"
#include "proc/file.h"
#include "proc/limits.h"
#include "proc/memory.h"
#include "proc/proc_path.h"

enum {
	MEMFD_PATH = 64,
	/* linux/memfd.h since Linux 6.3: MFD_NOEXEC_SEAL */
	MEMFD_NOEXEC_SEAL = 8,
	SEAL_EXEC = 0x20, /* linux/fcntl.h since then: its F_SEAL_EXEC */
	CLOSE_US = 2000000,
};

struct drain {
	const struct session *session;
	const struct prof_dump_progress *progress;
	struct dump_reader reader;
	/* The target cannot name its memfd @memfd by @path: jemalloc gets it in
	 * place of the file that it creates there. */
	bool unnamed;
	int64_t memfd;
	const char *path;	  /* borrowed */
	struct strbuf *rehearsal; /* NULL, or: open it, no more; gets its path */
};

static struct hs_error *on_syscall(void *arg, uint64_t number,
				   const uint64_t args[6], int64_t result)
{
	struct drain *d = arg;
	bool drained;

	/* Not before: jemalloc empties the file that it opens. */
	if (d->reader.is_memfd && !d->reader.made && result > STDERR_FILENO &&
	    helper_fd_is(d->session, result, d->reader.fd))
		dump_reader_begin(&d->reader);
	/* jemalloc's messages on stderr are no part of the dump. */
	if (number != SYS_write ||
	    !helper_fd_is(d->session, (int64_t)args[0], d->reader.fd))
		return NULL;
	dump_reader_note(&d->reader, args[2], result, &drained);
	/* Progress must not hold up a borrowed thread. */
	if (drained && d->progress->show && !d->session->helper.borrowed)
		d->progress->show(d->progress->arg, d->reader.written);
	return NULL;
}

/* What else the call does is no sign that it will end. */
static bool progressed(void *arg)
{
	struct drain *d = arg;

	return dump_reader_progressed(&d->reader);
}

/* Whether memfd @fd of ours is as it was made just now: empty, so that nothing
 * is lost in it, and with the seals of make_memfd(). fcntl(2): without
 * MFD_ALLOW_SEALING, which nobody can add, a memfd has F_SEAL_SEAL. */
static bool is_fresh(int fd)
{
	struct statx st;
	int seals = fcntl(fd, F_GET_SEALS);

	return (seals == 0 || seals == SEAL_EXEC) && file_look(fd, "", &st) &&
	       !st.stx_size && !st.stx_blocks;
}

static struct arch_call in_place_of_file(const struct drain *d)
{
	return (struct arch_call){
		.number = arch_syscalls.fcntl,
		.args = { (uint64_t)d->memfd, F_DUPFD_CLOEXEC,
			  STDERR_FILENO + 1 },
	};
}

/* The call that the thread makes, without the path @at: it fails (EFAULT) and
 * does nothing. Filters see the same call. */
static struct arch_call without_path(uint64_t number, const uint64_t args[6],
				     uint64_t at)
{
	struct arch_call call = { .number = (long)number };
	size_t i;

	for (i = 0; i < ARRAY_SIZE(call.args); i++)
		call.args[i] = args[i] == at ? 0 : args[i];
	return call;
}

/* jemalloc creates its file: where it cannot name the memfd it gets one more
 * descriptor of it. A service that closes descriptors it does not know may have
 * closed the memfd, and use the number for a file of its own, which jemalloc
 * would empty: then it gets none. */
static bool on_creation(void *arg, uint64_t number, const uint64_t args[6],
			struct arch_call *by)
{
	const struct drain *d = arg;
	const uint64_t at = arch_created_path(number, args);
	char path[MEMFD_PATH];
	size_t len = strlen(d->path) + 1;
	struct hs_error *unread;

	if (!at)
		return false;
	unread = memory_read(helper_tid(&d->session->helper), at, path, len);
	if (unread || memcmp(path, d->path, len) != 0) {
		hs_error_free(unread);
		return false;
	}
	if (!helper_fd_is(d->session, d->memfd, d->reader.fd))
		*by = without_path(number, args, at);
	else if (d->unnamed)
		*by = in_place_of_file(d);
	else
		return false;
	return true;
}

/* Opens descriptor @fd of the helper thread for us, the memfd that it has just
 * made: another thread of the service may have put something else there. */
static struct hs_error *share_fd(struct session *s, int64_t fd, int *ret)
{
	struct hs_error *err = helper_fd_open_memfd(s, fd, RECOVERY_MEMFD, ret);

	if (err || (is_fresh(*ret) && helper_fd_is(s, fd, *ret)))
		return err;
	close(*ret);
	*ret = -1;
	return hs_error_new(HS_ERROR_DENIED,
			    "its memfd %" PRId64 " is not as it was made", fd);
}

static struct hs_error *make_memfd(struct session *s, int64_t *ret)
{
	struct helper *helper = &s->helper;
	/* memfd_create(2): with vm.memfd_noexec = 2 the flag is required, and
	 * it allows seals; kernels before 6.3 do not know it (EINVAL). */
	uint64_t args[6] = { helper_scratch(helper),
			     MFD_CLOEXEC | MEMFD_NOEXEC_SEAL };
	struct hs_error *err;

	err = remote_write(helper_remote(helper), helper_scratch(helper),
			   RECOVERY_MEMFD, sizeof(RECOVERY_MEMFD));
	if (!err)
		err = helper_syscall(helper, arch_syscalls.memfd_create, args,
				     &s->deadline, ret);
	if (!err && *ret == -EINVAL) {
		args[1] = MFD_CLOEXEC | MFD_ALLOW_SEALING;
		err = helper_syscall(helper, arch_syscalls.memfd_create, args,
				     &s->deadline, ret);
	}
	if (!err && *ret < 0)
		err = hs_error_sys(HS_ERROR_SYSTEM, (int)-*ret,
				   "memfd_create()");
	return hs_error_wrap(err, "the target cannot make a memfd");
}

/* jemalloc opens the maps by its own pid: where /proc is of another pid
 * namespace, they are another process's. The right ones have jemalloc's code at
 * its address. */
static bool maps_are_its(const struct session *s, const char *maps)
{
	const struct mapping *m = maps_find(&s->maps, s->jemalloc->mallctl);
	char line[48];

	if (!m) /* unknown */
		return true;
	snprintf(line, sizeof(line), "\n%08" PRIx64 "-%08" PRIx64 " ", m->start,
		 m->end);
	return strstr(maps, line);
}

/* Adds the maps that jemalloc copies from /proc. It cannot copy them where
 * /proc is not mounted, and up to 5.2.1 reports a failed dump then (prof.c,
 * prof_dump_maps()). */
static struct hs_error *add_maps(struct session *s, struct spool *dump)
{
	static const char title[] = "\nMAPPED_LIBRARIES:\n";
	_cleanup_free_ char *maps = NULL;
	struct hs_error *err;
	char *text, *at;
	size_t len;

	err = spool_text(dump, &text);
	if (err)
		return err;
	at = memmem(text, dump->len, title, strlen(title));
	if (at && maps_are_its(s, at))
		return NULL;
	if (at)
		spool_cut(dump, (size_t)(at - text));
	err = file_read_proc(proc_path(s->id->pid, "maps").text, &maps, &len);
	if (!err)
		err = spool_adds(dump, title);
	return err ? err : spool_add(dump, maps, len);
}

/* The dump without the lines that only heapsnap writes, its last line whole. */
static struct hs_error *clean(struct spool *dump)
{
	struct hs_error *err;
	char *text;

	err = spool_text(dump, &text);
	if (!err && dump->len && text[dump->len - 1] != '\n') {
		err = spool_adds(dump, "\n");
		if (!err)
			err = spool_text(dump, &text);
	}
	if (!err)
		spool_cut(dump, heap_snapshot_drop_lines(text, dump->len));
	return err;
}

static struct hs_error *check_dump(struct session *s, struct spool *dump,
				   int64_t result)
{
	static const char *const starts[] = { "heap_v2/", "heap profile:" };
	struct hs_error *err;
	char *text;
	size_t i;

	err = clean(dump);
	if (!err)
		err = spool_text(dump, &text);
	if (err)
		return err;
	for (i = 0; i < ARRAY_SIZE(starts); i++) {
		if (!strncmp(text, starts[i], strlen(starts[i])))
			return add_maps(s, dump);
	}
	/* jemalloc reports every failure as EFAULT (prof_sys.c). */
	if (dump->len)
		return hs_error_new(HS_ERROR_SYSTEM,
				    "jemalloc's dump begins with no header "
				    "that is known");
	if (result)
		return hs_error_sys(HS_ERROR_SYSTEM, (int)result,
				    "jemalloc wrote no dump: "
				    "mallctl(\"prof.dump\")");
	return hs_error_new(HS_ERROR_SYSTEM, "jemalloc wrote an empty dump");
}

/* A descriptor of the target that is to be closed. */
struct closing {
	const struct session *session;
	int64_t fd;
	int ours; /* our descriptor of the same file; below 0: none, a memfd */
};

static bool is_still_ours(const void *arg)
{
	const struct closing *c = arg;

	return c->ours < 0
		       ? helper_fd_is_memfd(c->session, c->fd, RECOVERY_MEMFD)
		       : helper_fd_is(c->session, c->fd, c->ours);
}

/* Closes descriptor @fd of the target, if it is that of @ours, or a memfd of
 * heapsnap's where that is below 0; with a deadline of its own: the user's
 * interrupt and the session's deadline come just when there is something to
 * clean up. */
static struct hs_error *close_fd(struct session *s, int64_t fd, int ours)
{
	const struct closing closing = { s, fd, ours };
	struct deadline patience = deadline_in(CLOSE_US, NULL);
	int64_t result;

	if (!is_still_ours(&closing))
		return NULL;
	return helper_fd_close(s, fd, is_still_ours, &closing, &patience,
			       &result);
}

/* Opens @path as jemalloc does (prof_sys.c, prof_dump_open_file_impl()), and
 * closes it again. */
static struct hs_error *open_only(struct session *s, const char *path,
				  struct drain *drain, bool *opened)
{
	const uint64_t at = mallctl_text_address(s);
	struct arch_call call = { .number = arch_syscalls.creat,
				  .args = { at, 0644 } };
	struct hs_error *err;
	int64_t fd = -1;

	if (drain->unnamed)
		call = in_place_of_file(drain);
	*opened = false;
	if (drain->path && !helper_fd_is(s, drain->memfd, drain->reader.fd))
		return hs_error_new(HS_ERROR_SYSTEM,
				    "the target has closed the memfd");
	err = remote_write(helper_remote(&s->helper), at, path,
			   strlen(path) + 1);
	if (!err)
		err = helper_syscall(&s->helper, call.number, call.args,
				     &s->deadline, &fd);
	if (!err && fd < 0)
		err = hs_error_sys(HS_ERROR_SYSTEM, (int)-fd,
				   "the target cannot open '%s'", path);
	*opened = !err;
	if (err)
		return err;
	strbuf_adds(drain->rehearsal, path);
	return close_fd(s, fd, drain->reader.fd);
}

/* Has jemalloc dump to @path of the target. *opened: it wrote, or tried to. */
static struct hs_error *dump_to(struct session *s, const char *path,
				struct drain *drain, int64_t *took_us,
				bool *opened)
{
	const struct remote_watch watch = { .arg = drain,
					    .syscall = on_syscall,
					    .progressed = progressed,
					    .replaces = drain->path
								? on_creation
								: NULL };
	struct hs_error *err;
	int64_t result = 0;

	if (drain->rehearsal)
		return open_only(s, path, drain, opened);
	*took_us = clock_us();
	err = mallctl_set_string(s, "prof.dump", path, &watch, &result);
	*took_us = clock_us() - *took_us;
	*opened = err || drain->reader.written || drain->reader.damage ||
		  !result;
	/* A call may not come to its end because its dump is refused. */
	if (!err ||
	    (drain->reader.refuses && hs_error_code(err) == HS_ERROR_TIMEOUT))
		err = hs_error_join(dump_reader_end(&drain->reader), err);
	hs_error_free(drain->reader.damage);
	drain->reader.damage = NULL;
	return err ? err : check_dump(s, drain->reader.to, result);
}

/* Seals the memfd against writes: one that stays after a killed run costs
 * nothing until the next run closes it. */
static struct hs_error *seal_memfd(struct session *s, int64_t fd)
{
	_cleanup_close_ int ours = -1;
	struct hs_error *err = share_fd(s, fd, &ours);

	if (!err && fcntl(ours, F_ADD_SEALS, F_SEAL_GROW))
		err = hs_error_sys(HS_ERROR_SYSTEM, errno,
				   "cannot seal a memfd of the target");
	return err;
}

/* Placeholders: memfds that occupy the numbers up to that of stderr, where the
 * service has closed it. What the service writes there meanwhile must not get
 * into the dump, neither through our memfd's number nor through jemalloc's. */
struct placeholders {
	int64_t fds[STDERR_FILENO + 1];
	size_t n;
};

/* When we are gone, the helper thread closes the memfd itself, at its end; but
 * after execve(2) nobody closes jemalloc's own descriptor, which was opened
 * without O_CLOEXEC. Nobody drains what is written until then: nothing can be
 * (jemalloc ignores writes that fail here, src/prof_sys.c), and what is there
 * or was made ahead is given back. */
static void leave_memfd(int fd)
{
	fcntl(fd, F_ADD_SEALS, F_SEAL_GROW);
	fallocate(fd, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, 0,
		  INT64_MAX & ~4095ll);
}

static struct hs_error *make_high_memfd(struct session *s,
					struct placeholders *placeholders,
					int64_t *ret)
{
	struct hs_error *err = make_memfd(s, ret);

	while (!err && *ret <= STDERR_FILENO) {
		if (placeholders->n == ARRAY_SIZE(placeholders->fds))
			return hs_error_new(HS_ERROR_DENIED,
					    "its descriptors are being closed "
					    "meanwhile");
		placeholders->fds[placeholders->n++] = *ret;
		err = seal_memfd(s, *ret);
		if (!err)
			err = make_memfd(s, ret);
	}
	return err;
}

/* *opened: see dump_to(); false also when there is no memfd. */
static struct hs_error *dump_by_memfd(struct session *s, struct drain *drain,
				      struct placeholders *placeholders,
				      int64_t *took_us, bool *opened)
{
	struct arch_call close_it = { .number = arch_syscalls.close };
	struct hs_error *err;
	char path[MEMFD_PATH];
	int64_t fd = -1;

	err = make_high_memfd(s, placeholders, &fd);
	if (err)
		return err;
	err = share_fd(s, fd, &drain->reader.fd);
	if (err)
		return hs_error_join(err, close_fd(s, fd, -1));
	close_it.args[0] = (uint64_t)fd;
	helper_set_undo(&s->helper, &close_it);
	drain->reader.punches = drain->reader.is_memfd = true;
	/* Not /proc/self/fd: see mallctl/helper_fd.h. */
	snprintf(path, sizeof(path), PROF_DUMP_MEMFD "%" PRId64, fd);
	drain->memfd = fd;
	drain->path = path;
	err = dump_to(s, path, drain, took_us, opened);
	helper_set_undo(&s->helper, NULL);
	if (helper_is_broken(&s->helper))
		leave_memfd(drain->reader.fd);
	else
		err = hs_error_join(err, close_fd(s, fd, drain->reader.fd));
	close(drain->reader.fd);
	drain->reader.fd = -1;
	return err;
}

static struct hs_error *dump_to_memfd(struct session *s, struct drain *drain,
				      int64_t *took_us, bool *opened)
{
	struct placeholders placeholders = { 0 };
	struct hs_error *err;

	*opened = false;
	err = dump_by_memfd(s, drain, &placeholders, took_us, opened);
	while (placeholders.n && !helper_is_broken(&s->helper))
		err = hs_error_join(
			err,
			close_fd(s, placeholders.fds[--placeholders.n], -1));
	return err;
}

static struct hs_error *dump_to_file(struct session *s, const char *folder,
				     struct drain *drain, int64_t *took_us,
				     bool *opened)
{
	struct arch_call unlink_it = { .number = arch_syscalls.unlinkat };
	struct dump_file file;
	struct hs_error *err;

	*opened = false;
	err = dump_file_make(s, folder, &file);
	if (!err) {
		unlink_it.args[0] = (uint64_t)AT_FDCWD;
		unlink_it.args[1] = mallctl_text_address(s);
		if (helper_allows(&s->helper)->unlink)
			helper_set_undo(&s->helper, &unlink_it);
		drain->reader.fd = file.fd;
		drain->reader.punches = file.punches;
		err = dump_to(s, file.path, drain, took_us, opened);
		helper_set_undo(&s->helper, NULL);
	}
	return hs_error_join(err, dump_file_remove(s, &file));
}

/* What makes the next snapshot work. */
static struct hs_error *hint_at_folder(const struct session *s,
				       struct hs_error *err)
{
	char root[PATH_MAX] = "";

	if (readlink(proc_path(s->id->pid, "root").text, root,
		     sizeof(root) - 1) <= 1)
		root[0] = '\0';
	return hs_error_hint(err,
			     "a dump that can go to no memfd needs a file: "
			     "give it a folder that it can write to (mkdir -m "
			     "1777 '%s/tmp')",
			     root);
}

/* Uses the first folder that works. *opened: see dump_to(). */
static struct hs_error *dump_to_some_file(struct session *s,
					  struct drain *drain, int64_t *took_us,
					  bool *opened)
{
	struct hs_error *err, *failed = NULL;
	struct dump_folders folders;
	size_t i;

	*opened = false;
	err = dump_folders_find(s, &folders);
	for (i = 0; i < folders.n && !err && !*opened; i++) {
		err = dump_to_file(s, folders.paths[i], drain, took_us, opened);
		if (!err || *opened || hs_error_code(err) != HS_ERROR_SYSTEM)
			break;
		failed = hs_error_join(failed, take_ptr(err));
	}
	dump_folders_release(&folders);
	if (!err && !*opened) {
		err = hs_error_wrap(take_ptr(failed),
				    "there is no folder it could dump to");
		err = hint_at_folder(s, err);
	}
	hs_error_free(failed);
	return err;
}

/* A write beyond the limit would end the process by SIGXFSZ. The helper thread
 * has that signal blocked, and it stays pending until the thread ends; a
 * borrowed thread would get it when it is resumed. */
static struct hs_error *check_size_limit(const struct session *s)
{
	const uint64_t enough = 1 << 30;
	struct limits limits;
	struct hs_error *err;

	if (!s->helper.borrowed)
		return NULL;
	err = limits_read(s->id->pid, &limits);
	if (err) /* an unknown limit may be too small */
		return hs_error_recode(err, HS_ERROR_DENIED);
	if (limits.file_size >= enough)
		return NULL;
	err = hs_error_new(HS_ERROR_DENIED,
			   "no thread can be made in it, and its own must not "
			   "write a dump: a file of more than %" PRIu64
			   " bytes (RLIMIT_FSIZE) would kill it",
			   limits.file_size);
	return hs_error_hint(err,
			     "raise the limit: prlimit --pid %d "
			     "--fsize=unlimited",
			     (int)s->id->pid);
}

/* Its threads can name their descriptors. */
static bool has_proc(const struct session *s)
{
	_cleanup_close_ int fd = -1;
	struct hs_error *err;
	struct statfs fs;

	err = file_open_in_root(s->id->pid, "/proc", O_PATH | O_CLOEXEC, 0,
				&fd);
	if (err) {
		hs_error_free(err);
		return false;
	}
	return !fstatfs(fd, &fs) && fs.f_type == PROC_SUPER_MAGIC;
}

/* The next route may work where this one, which failed with @err, does not. */
static bool may_go_on(const struct session *s, const struct hs_error *err,
		      bool opened)
{
	return !opened && !helper_is_broken(&s->helper) &&
	       (!err || hs_error_code(err) == HS_ERROR_SYSTEM);
}

/* After all else has failed with @err. Its creat(2) is replaced, which takes a
 * debugger's means and so comes last. */
static struct hs_error *dump_unnamed(struct session *s,
				     const struct drain *none, int64_t *took_us,
				     struct hs_error *err)
{
	const struct seccomp_allows *allows = helper_allows(&s->helper);
	struct drain drain = *none;
	struct hs_error *more;
	bool opened;

	if (!allows->memfd || !allows->dup)
		return err;
	drain.unnamed = true;
	more = dump_to_memfd(s, &drain, took_us, &opened);
	if (may_go_on(s, more, opened))
		return hs_error_join(err, more);
	hs_error_free(err);
	return more;
}

/* Before version 4 a thread can dump only if it has data of the profiler's own,
 * which its first allocation makes (3.6.0, src/prof.c, prof_dump():
 * prof_tdata_get(false)). The helper thread may never have allocated. */
static struct hs_error *allocate_once(struct session *s)
{
	const struct jemalloc *je = s->jemalloc;
	_cleanup_free_ char *version = NULL;
	struct arch_call allocate = { .number = -1 };
	struct arch_call release = { .number = -1 };
	uint64_t at = mallctl_text_address(s), pointer = 0;
	struct hs_error *err;

	err = mallctl_get_string(s, "version", &version);
	if (err || !version || !strchr("123", version[0]) || version[1] != '.')
		return err;
	/* A pointer does not fit into the result of a call: it is written. */
	allocate.function = jemalloc_function(je, "posix_memalign");
	release.function = jemalloc_function(je, "free");
	if (!allocate.function || !release.function)
		return hs_error_new(HS_ERROR_UNPROFILED,
				    "its jemalloc, version %.16s, lacks "
				    "'%sposix_memalign' or '%sfree', without "
				    "which it cannot dump in a new thread",
				    version, je->prefix, je->prefix);
	allocate.args[0] = at;
	allocate.args[1] = allocate.args[2] = sizeof(pointer);
	err = remote_write(helper_remote(&s->helper), at, &pointer,
			   sizeof(pointer));
	if (!err)
		err = remote_call(helper_remote(&s->helper), &allocate,
				  &s->deadline, NULL, NULL);
	if (!err)
		err = remote_read(helper_remote(&s->helper), at, &pointer,
				  sizeof(pointer));
	release.args[0] = pointer;
	if (!err && pointer)
		err = remote_call(helper_remote(&s->helper), &release,
				  &s->deadline, NULL, NULL);
	return hs_error_wrap(err, "allocation in the helper thread");
}

/* @none: the drain as it is before anything was opened. */
static struct hs_error *dump(struct session *s, const struct drain *none,
			     int64_t *took_us)
{
	struct drain drain = *none;
	struct hs_error *err, *more;
	bool opened = false;

	err = check_size_limit(s);
	if (!err)
		err = helper_check_pause(&s->helper);
	if (!err)
		err = allocate_once(s);
	if (err)
		return err;
	if (helper_allows(&s->helper)->memfd && has_proc(s))
		err = dump_to_memfd(s, &drain, took_us, &opened);
	/* Falls back to a file without a memfd, or where jemalloc could not
	 * open it. */
	if (!may_go_on(s, err, opened))
		return err;
	drain = *none;
	more = dump_to_some_file(s, &drain, took_us, &opened);
	if (!more) {
		hs_error_free(err);
		return NULL;
	}
	err = hs_error_join(more, err);
	return may_go_on(s, err, opened) ? dump_unnamed(s, none, took_us, err)
					 : err;
}

struct hs_error *prof_dump(struct session *s,
			   const struct prof_dump_options *options,
			   struct spool *ret, int64_t *took_us)
{
	const struct drain none = {
		.session = s,
		.progress = &options->progress,
		.reader = {
			.fd = -1,
			.most = options->most ? options->most
					      : dump_reader_most(),
			.to = ret,
		},
	};

	return dump(s, &none, took_us);
}

struct hs_error *prof_dump_rehearse(struct session *s, struct strbuf *path)
{
	const struct prof_dump_progress silent = { 0 };
	const struct drain none = {
		.session = s,
		.progress = &silent,
		.reader.fd = -1,
		.rehearsal = path,
	};
	int64_t took_us;

	return dump(s, &none, &took_us);
}
