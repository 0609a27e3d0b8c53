#include "mallctl/activate.h"

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/parse.h"
#include "mallctl/profiling_off.h"
#include "proc/memory.h"

#define MARK "heapsnap-active"

static bool is_mark(const char *folder, const char *name)
{
	char path[64], target[64] = "";

	snprintf(path, sizeof(path), "%s/%.20s", folder, name);
	return readlink(path, target, sizeof(target) - 1) > 0 &&
	       !strcmp(target, "/memfd:" MARK " (deleted)");
}

/* The first descriptor of process @id that is a mark; false: none. */
static bool find_mark(const struct identity *id, uint64_t *ret)
{
	struct dirent *entry;
	bool found = false;
	char folder[32];
	DIR *dir;

	snprintf(folder, sizeof(folder), "/proc/%d/fd", (int)id->pid);
	dir = opendir(folder);
	if (!dir)
		return false;
	while (!found && (entry = readdir(dir)))
		found = parse_u64(entry->d_name, strlen(entry->d_name), ret) &&
			is_mark(folder, entry->d_name);
	closedir(dir);
	return found;
}

bool activation_is_marked(const struct identity *id)
{
	uint64_t fd;

	return find_mark(id, &fd);
}

static struct hs_error *make_mark(struct session *s)
{
	const uint64_t at = helper_scratch(&s->guest);
	const uint64_t args[6] = { at, MFD_CLOEXEC };
	struct hs_error *err;
	int64_t fd = -1;

	err = memory_write(helper_tid(&s->guest), at, MARK, sizeof(MARK));
	if (!err)
		err = guest_syscall(&s->guest, arch_syscalls.memfd_create, args,
				    &s->deadline, &fd);
	if (!err && fd < 0)
		err = hs_error_sys(HS_ERROR_SYSTEM, (int)-fd,
				   "the target cannot make a memfd, by which "
				   "what --activate does is marked");
	return err;
}

static struct hs_error *remove_marks(struct session *s)
{
	uint64_t args[6] = { 0 };
	struct hs_error *err = NULL;
	int64_t result = 0;

	while (!err && result == 0 && find_mark(s->id, &args[0]))
		err = guest_syscall(&s->guest, arch_syscalls.close, args,
				    &s->deadline, &result);
	return err;
}

static struct hs_error *get_active(struct session *s, bool *ret)
{
	bool found;

	*ret = false;
	return mallctl_get(s, "prof.active", ret, sizeof(*ret), &found);
}

static struct hs_error *set_active(struct session *s, bool on)
{
	struct hs_error *err;
	int64_t result;
	bool now;

	err = mallctl_set(s, "prof.active", &on, sizeof(on), NULL, &result);
	if (!err)
		err = get_active(s, &now);
	if (!err && now != on)
		err = hs_error_new(HS_ERROR_SYSTEM,
				   "prof.active could not be switched %s",
				   on ? "on" : "off");
	return err;
}

/* The mark is first: killed between the two, nothing is on that is not
 * marked. */
static struct hs_error *switch_on(struct session *s, enum activation *ret,
				  bool *begun)
{
	bool marked = activation_is_marked(s->id), active;
	struct hs_error *err, *off = NULL;

	err = advice_profiling(s, NULL, &off);
	if (err || off)
		return hs_error_join(err, off);
	err = get_active(s, &active);
	if (err)
		return err;
	*begun = marked || !active;
	*ret = ACTIVATION_DONE;
	if (active)
		*ret = marked ? ACTIVATION_ADOPTED : ACTIVATION_WAS_ON;
	if (!marked && !active)
		err = make_mark(s);
	if (!err && !active)
		err = set_active(s, true);
	return err;
}

struct hs_error *activation_begin(const struct identity *id,
				  const struct session_options *options,
				  const struct deadline *d,
				  enum activation *ret, bool *begun)
{
	struct session session;
	struct hs_error *err;

	*begun = false;
	err = session_open(id, options, d, &session);
	if (!err) {
		err = switch_on(&session, ret, begun);
		err = hs_error_join(err, session_close(&session, NULL));
	}
	return hs_error_wrap(err,
			     "cannot switch on prof.active of process %d "
			     "('%s')",
			     (int)id->pid, id->command);
}

static struct hs_error *switch_off(const struct identity *id,
				   const struct session_options *options,
				   const struct deadline *d)
{
	struct session session;
	struct hs_error *err;

	err = session_open(id, options, d, &session);
	if (err)
		return err;
	err = set_active(&session, false);
	if (!err)
		err = remove_marks(&session);
	return hs_error_join(err, session_close(&session, NULL));
}

/* Nobody would put it back later: what failed once may work the next time. */
struct hs_error *activation_end(const struct identity *id,
				const struct session_options *options,
				const struct deadline *d)
{
	enum { TRIES = 3 };
	struct hs_error *err;
	int i;

	err = switch_off(id, options, d);
	for (i = 1; i < TRIES && err && hs_error_code(err) != HS_ERROR_GONE &&
		    deadline_left(d) > 0;
	     i++) {
		hs_error_free(err);
		err = switch_off(id, options, d);
	}
	if (err && hs_error_code(err) == HS_ERROR_GONE) {
		hs_error_free(err);
		return NULL;
	}
	err = hs_error_wrap(err,
			    "prof.active of process %d ('%s') could not be "
			    "switched off again",
			    (int)id->pid, id->command);
	return hs_error_hint(err,
			     "'heapsnap -p %d -n 1 --activate' tries it "
			     "again",
			     (int)id->pid);
}
