#include "mallctl/session.h"

#include <errno.h>
#include <linux/capability.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "attach/locked_memory.h"
#include "attach/preflight.h"
#include "base/array.h"
#include "base/cleanup.h"
#include "mallctl/recovery.h"
#include "mallctl/values.h"
#include "proc/capability.h"
#include "proc/lock.h"
#include "proc/status.h"
#include "target/headroom.h"
#include "target/judge.h"
#include "target/unsafe_code.h"

/* No jemalloc that can be called. */
static struct hs_error *no_jemalloc(struct session *s)
{
	const struct jemalloc *mute = s->jemallocs.items;
	struct hs_error *err;

	if (s->jemallocs.n_all)
		return hs_error_hint(
			hs_error_new(HS_ERROR_UNPROFILED,
				     "it has jemalloc in '%s', but not its "
				     "function '%smallctl', by which it is "
				     "asked",
				     mute->file->first->path, mute->prefix),
			"link it so that the linker keeps that function "
			"(-Wl,-u,%smallctl)",
			mute->prefix);
	if (s->files.problems)
		return hs_error_new(
			HS_ERROR_UNPROFILED,
			"it has no jemalloc in the files that could be read; %s",
			hs_error_message(s->files.problems));
	if (s->jemallocs.doubtful)
		return take_ptr(s->jemallocs.doubtful);
	err = hs_error_new(
		HS_ERROR_UNPROFILED,
		"it has no jemalloc: none of its files has a symbol that ends in 'mallctl'");
	return hs_error_hint(err, "link it with jemalloc, or start it with "
				  "LD_PRELOAD=libjemalloc.so.2; if it has one "
				  "and its program is stripped, give the "
				  "folder of its debug file by --debug-dir, or "
				  "the address of mallctl by "
				  "--mallctl-address");
}

static bool has_address(const struct session *s, uint64_t address)
{
	size_t i;

	for (i = 0; i < s->jemallocs.n; i++)
		if (s->jemallocs.items[i].mallctl == address)
			return true;
	return false;
}

/* --mallctl-address names a jemalloc that was found, or one more that is known
 * by its address alone. The others stay in the list: a thread inside them must
 * not be borrowed either. */
static struct hs_error *use_address(struct session *s, uint64_t address)
{
	const struct mapping *m = maps_find(&s->maps, address);
	struct jemalloc je = { .mallctl = address };
	struct hs_error *err;
	size_t i;

	if (!m || !m->exec)
		return hs_error_new(
			HS_ERROR_USAGE,
			"--mallctl-address 0x%llx is not in its code",
			(unsigned long long)address);
	if (has_address(s, address))
		return NULL;
	for (i = 0; i < s->files.n; i++) {
		if (mapping_same_file(s->files.items[i].first, m))
			je.file = &s->files.items[i];
	}
	je.shared = je.file && strcmp(m->path, s->id->executable);
	je.prefix = strdup("");
	if (!je.prefix)
		return hs_error_nomem();
	err = jemallocs_add(&s->jemallocs, &je);
	if (err)
		free(je.prefix);
	return err;
}

/*
 * A jemalloc with --enable-lazy-lock takes its locks only after somebody called
 * its own pthread_create(), which is before libc's (src/mutex.c). In a process
 * of one thread we would start a second one that its jemalloc does not know of,
 * so the only thread is borrowed instead, as where none can be started.
 */
static struct hs_error *keep_single(struct session *s)
{
	const uint64_t libc = s->code.entry.pthread_create;
	struct hs_error *err;
	struct status status;
	size_t i;

	err = status_read(s->id->pid, &status);
	if (err || status.threads > 1)
		return err;
	for (i = 0; i < s->jemallocs.n_all; i++) {
		const struct loaded_file *file = s->jemallocs.items[i].file;
		uint64_t own = 0;

		if (file)
			own = loaded_file_function(file, "pthread_create");
		if (own && own != libc)
			s->code.entry.pthread_create = 0;
	}
	return NULL;
}

static bool has_allocator(const struct session *s,
			  const struct loaded_file *file)
{
	size_t i;

	for (i = 0; i < s->jemallocs.n_all; i++)
		if (s->jemallocs.items[i].file == file)
			return true;
	return loaded_file_function(file, "malloc") ||
	       loaded_file_function(file, "calloc") ||
	       loaded_file_function(file, "free");
}

/* No jemalloc was found; or an allocator is linked into the program, where only
 * symbols show its code, and exported symbols show its public functions
 * alone. */
static bool needs_symbols(const struct session *s)
{
	size_t i;

	for (i = 0; i < s->files.n; i++) {
		const struct loaded_file *file = &s->files.items[i];

		if (file->main_program && has_allocator(s, file) &&
		    !loaded_file_has_symtab(file))
			return true;
	}
	return !s->jemallocs.n;
}

/* Finds jemalloc in a stripped program by the symbols of its debug file. */
static struct hs_error *
find_in_debug_files(struct session *s, const struct session_options *options)
{
	struct hs_error *err;
	bool found;

	err = loaded_files_find_debug(&s->files, s->id, options->debug_dirs,
				      options->n_debug_dirs, &found);
	if (err || !found)
		return err;
	jemallocs_release(&s->jemallocs);
	return jemallocs_find(&s->files, &s->jemallocs);
}

/* Finds jemalloc, and the code in which no thread may be. */
static struct hs_error *search(struct session *s,
			       const struct session_options *options)
{
	struct hs_error *err;

	err = loaded_files_open(s->id, &s->maps, &s->search, &s->files);
	if (!err)
		err = jemallocs_find(&s->files, &s->jemallocs);
	if (!err && (options->mallctl_address || needs_symbols(s)))
		err = find_in_debug_files(s, options);
	if (!err && options->mallctl_address)
		err = use_address(s, options->mallctl_address);
	if (!err && !s->jemallocs.n)
		err = no_jemalloc(s);
	if (!err)
		err = unsafe_code_map(s->id->pid, &s->maps, &s->files,
				      &s->jemallocs, &s->code);
	if (!err)
		err = keep_single(s);
	if (!err)
		err = loaded_files_check(&s->files);
	/* What is looked up later is in files that are known. */
	s->search = (struct deadline){ .at = INT64_MAX };
	if (err && (hs_error_code(err) == HS_ERROR_TIMEOUT ||
		    hs_error_code(err) == HS_ERROR_INTERRUPTED))
		err = hs_error_wrap(err,
				    "the search of its files for jemalloc");
	return err;
}

static struct hs_error *probe(struct session *s,
			      const struct session_options *options)
{
	struct hs_error *err;

	err = preflight(s->id);
	if (!err)
		err = recovery_await(s->id, &s->deadline);
	if (!err)
		err = maps_read(s->id->pid, &s->maps);
	return err ? err : search(s, options);
}

/* Chooses the one that was asked for; else the first that profiles, else the
 * first. */
static struct hs_error *choose_jemalloc(struct session *s,
					const struct session_options *options)
{
	struct hs_error *err = NULL;
	bool on = false, found;
	size_t i;

	for (i = 0; i < s->jemallocs.n && options->mallctl_address; i++) {
		s->jemalloc = &s->jemallocs.items[i];
		if (s->jemalloc->mallctl == options->mallctl_address)
			return NULL;
	}

	for (i = 0; i < s->jemallocs.n && !err && !on; i++) {
		s->jemalloc = &s->jemallocs.items[i];
		if (s->jemallocs.n > 1)
			err = mallctl_get_bool(s, "opt.prof", &on, &found);
	}
	if (!on)
		s->jemalloc = &s->jemallocs.items[0];
	return err;
}

void session_release(struct session *s)
{
	process_unlock(s->id, &s->lock);
	code_map_release(&s->code);
	jemallocs_release(&s->jemallocs);
	loaded_files_release(&s->files);
	maps_release(&s->maps);
}

/* The least that the search has: that of a large program may take a second
 * where others want the CPUs, too. */
enum { SEARCH_US = 3000000 };

struct hs_error *session_probe(const struct identity *id,
			       const struct session_options *options,
			       const struct deadline *d, struct session *ret)
{
	struct hs_error *err;

	*ret = (struct session){ .id = id, .deadline = *d };
	ret->lock = PROCESS_UNLOCKED;
	ret->search = deadline_later(d, SEARCH_US);
	ret->judge = target_judge(&ret->code);
	err = process_lock(id, d, &ret->lock);
	if (!err)
		err = probe(ret, options);
	if (!err)
		err = identity_check(id);
	if (err)
		session_release(ret);
	return err;
}

struct borrow_request session_request(const struct session *s,
				      const struct session_options *options)
{
	return (struct borrow_request){
		.pid = s->id->pid,
		.code = &s->code,
		.judge = &s->judge,
		.deadline = &s->deadline,
		.among = options->among,
		.max_pause_us = options->max_pause_us,
		.assume_seccomp_allows = options->assume_seccomp_allows,
	};
}

/* *lockable: the bytes of RLIMIT_MEMLOCK that are left; *ask: whether so much
 * of new memory can be had has to be asked, of a thread. */
static struct hs_error *find_lockable(const struct session *s,
				      uint64_t *lockable, uint64_t *ask)
{
	struct hs_error *err = headroom_locked(s->id, lockable);

	*ask = !err && *lockable < HEADROOM_ADDRESSES ? HEADROOM_ADDRESSES : 0;
	return err;
}

/* @err, or what it means. */
static struct hs_error *explain_locked(struct hs_error *err, uint64_t lockable)
{
	if (!locked_memory_denied(err))
		return err;
	hs_error_free(err);
	return headroom_locked_error(lockable);
}

static struct hs_error *attach(struct session *s,
			       const struct session_options *options)
{
	struct borrow_request request = session_request(s, options);
	uint64_t lockable = 0;
	struct hs_error *err;

	err = headroom_for_memory(s->id);
	if (!err)
		err = headroom_for_addresses(s->id);
	if (!err)
		err = find_lockable(s, &lockable, &request.lockable);
	s->no_room = err && hs_error_code(err) == HS_ERROR_DENIED;
	if (err)
		return err;
	s->log = options->log;
	s->attached_at = clock_us();
	err = helper_start(&request, &s->helper);
	s->no_room = locked_memory_denied(err);
	if (err)
		return explain_locked(err, lockable);
	err = recovery_alone(s);
	if (!err)
		err = choose_jemalloc(s, options);
	if (!err)
		err = recovery_reclaim(s);
	if (err)
		err = hs_error_join(err, helper_end(&s->helper, NULL));
	return err;
}

/* A session that was attached, or tried to, is over. */
static void note_end(struct session *s, const struct hs_error *err)
{
	if (s->log && s->attached_at)
		s->log(s->id, clock_us() - s->attached_at, err);
	s->attached_at = 0;
}

struct hs_error *session_attach(struct session *s,
				const struct session_options *options)
{
	struct hs_error *err = attach(s, options);

	if (err)
		note_end(s, err);
	return err;
}

struct hs_error *session_detach(struct session *s, int64_t *pause_us)
{
	struct hs_error *err = helper_end(&s->helper, pause_us);

	note_end(s, err);
	return err;
}

struct hs_error *session_open(const struct identity *id,
			      const struct session_options *options,
			      const struct deadline *d, struct session *ret)
{
	struct hs_error *err;

	err = session_probe(id, options, d, ret);
	if (err)
		return err;
	err = session_attach(ret, options);
	if (err)
		session_release(ret);
	return err;
}

struct hs_error *session_close(struct session *s, int64_t *pause_us)
{
	struct hs_error *err = session_detach(s, pause_us);

	session_release(s);
	return err;
}

enum { REST_US = 2000000 };

struct hs_error *session_rest(struct session *s, bool *resting)
{
	struct deadline d = deadline_extend(&s->deadline, REST_US);
	struct hs_error *err = helper_rest(&s->helper, &d, resting);

	if (*resting)
		process_unlock(s->id, &s->lock);
	return err;
}

/* jemalloc is where it was: a library may have been unloaded. */
static bool has_its_jemalloc(const struct session *s)
{
	const struct mapping *was = maps_find(&s->maps, s->jemalloc->mallctl);
	const struct mapping *is;
	struct maps now = { 0 };
	struct hs_error *err;
	bool same = false;

	err = maps_read(s->id->pid, &now);
	is = err ? NULL : maps_find(&now, s->jemalloc->mallctl);
	if (was && is)
		same = mapping_same_file(was, is) && was->start == is->start &&
		       was->end == is->end && was->offset == is->offset;
	hs_error_free(err);
	maps_release(&now);
	return same;
}

/* The helper thread kept a right that the main thread gave up since: capset(2)
 * changes one thread. The kernel lets it exceed the limit, and so its answer
 * whether new memory can be had is not the service's. */
static bool exceeds_locked(const struct session *s)
{
	struct hs_error *err;
	struct status status;

	err = status_read_thread(s->id->pid, helper_tid(&s->helper), &status);
	if (!err)
		return capability_has(s->id->pid, &status, CAP_IPC_LOCK);
	hs_error_free(err);
	return true;
}

/* Its helper thread ends, or has ended, without us. */
static struct hs_error *end_left(struct session *s, struct hs_error *err)
{
	note_end(s, err);
	session_release(s);
	return err;
}

/* What session_open() would do before and after it starts a helper thread. */
static struct hs_error *check_again(struct session *s)
{
	struct hs_error *err;

	err = headroom_for_memory(s->id);
	if (!err)
		err = headroom_for_addresses(s->id);
	if (!err)
		err = recovery_alone(s);
	return err ? err : recovery_reclaim(s);
}

struct hs_error *session_wake(struct session *s, const struct deadline *d,
			      bool *awake)
{
	uint64_t lockable = 0, ask = 0;
	struct hs_error *err;

	*awake = false;
	s->deadline = *d;
	err = process_lock(s->id, d, &s->lock);
	if (!err)
		err = preflight(s->id);
	if (!err)
		err = recovery_await(s->id, d);
	if (!err)
		err = find_lockable(s, &lockable, &ask);
	if (err)
		helper_leave(&s->helper);
	else
		err = helper_wake(&s->helper, ask, d, awake);
	if (!*awake)
		return end_left(s, explain_locked(err, lockable));
	*awake = has_its_jemalloc(s) && !(ask && exceeds_locked(s));
	if (!*awake)
		return session_close(s, NULL);
	err = check_again(s);
	*awake = !err;
	return err ? hs_error_join(err, session_close(s, NULL)) : NULL;
}

struct hs_error *session_wake_to_end(struct session *s,
				     const struct deadline *d, bool *awake)
{
	struct hs_error *err;

	*awake = false;
	err = process_lock(s->id, d, &s->lock);
	if (err)
		helper_leave(&s->helper);
	else
		err = helper_wake(&s->helper, 0, d, awake);
	return *awake ? err : end_left(s, err);
}

struct hs_error *session_renew(struct session *s, bool *resting)
{
	struct deadline d = deadline_in(REST_US, NULL);
	struct hs_error *err = helper_renew(&s->helper, &d, resting);

	if (!*resting)
		return end_left(s, err);
	process_unlock(s->id, &s->lock);
	return err;
}
