#include "target/target_files.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "cli/errors.h"
#include "mallctl/activate.h"
#include "target/mapped_elf.h"
#include "proc/file.h"
#include "proc/status.h"

static struct hs_error *open_module(void *arg, const struct heap_profile *p,
				    uint32_t module, int *ret,
				    struct hs_error **partly)
{
	const struct identity *id = arg;
	const char *path = p->modules[module].path;
	size_t i;

	for (i = 0; i < p->maps.n; i++) {
		const struct mapping *m = &p->maps.items[i];

		if (!mapped_is_elf(m) || strcmp(m->path, path))
			continue;
		/* What is in memory is what is there now. */
		return p->origin.file
			       ? file_open_mapping(id->pid, m, ret)
			       : mapped_open(id->pid, &p->maps, m, ret, partly);
	}
	return hs_error_new(HS_ERROR_NOT_FOUND, "'%s' is not mapped", path);
}

int live_open_path(void *arg, const char *path)
{
	const struct identity *id = arg;
	char root[64];

	snprintf(root, sizeof(root), "/proc/%d/root", (int)id->pid);
	return file_open_below(root, path);
}

/* When it was started, in seconds of the wall clock, a little earlier than
 * that: seconds and clock ticks are not exact. */
static time_t started_at(const struct identity *id)
{
	enum { UNCERTAIN = 2 };
	const time_t after_boot =
		(time_t)(id->start_time / (uint64_t)sysconf(_SC_CLK_TCK));
	struct timespec now, up;

	clock_gettime(CLOCK_REALTIME, &now);
	clock_gettime(CLOCK_BOOTTIME, &up);
	return now.tv_sec - up.tv_sec + after_boot - UNCERTAIN;
}

/* Everybody can write to /tmp, and numbers of processes are used again. */
static struct hs_error *check_perf_map(const struct identity *id,
				       const struct status *status,
				       const char *path, int fd)
{
	const char *what = "names of code made at run time are missing";
	struct stat st;

	if (fstat(fd, &st))
		return hs_error_sys(HS_ERROR_NOT_FOUND, errno, "%s: '%s'", what,
				    path);
	if (st.st_uid && st.st_uid != status->euid)
		return hs_error_new(HS_ERROR_NOT_FOUND,
				    "%s: '%s' is user %u's, not the process's",
				    what, path, (unsigned)st.st_uid);
	if (st.st_mtim.tv_sec < started_at(id))
		return hs_error_new(HS_ERROR_NOT_FOUND,
				    "%s: '%s' is older than the process", what,
				    path);
	return NULL;
}

static struct hs_error *open_perf_map(void *arg, int *ret)
{
	const struct identity *id = arg;
	_cleanup_close_ int fd = -1;
	struct status status;
	struct hs_error *err;
	char path[64];

	*ret = -1;
	err = status_read(id->pid, &status);
	if (err)
		return err;
	snprintf(path, sizeof(path), "/tmp/perf-%d.map",
		 (int)(status.inner_pid ? status.inner_pid : id->pid));
	fd = live_open_path(arg, path);
	if (fd < 0)
		return NULL;
	err = check_perf_map(id, &status, path, fd);
	if (!err)
		*ret = take_fd(fd);
	return err;
}

struct resolve_source live_source(const struct identity *id)
{
	return (struct resolve_source){
		.open_module = open_module,
		.open_path = live_open_path,
		.open_perf_map = open_perf_map,
		.arg = (void *)(uintptr_t)id,
		.live = true,
	};
}

struct session_options live_session_options(const struct cli_options *o)
{
	return (struct session_options){
		.mallctl_address = o->mallctl_address,
		.assume_seccomp_allows = o->assume_seccomp_allows,
		.debug_dirs = o->debug_dirs,
		.n_debug_dirs = o->n_debug_dirs,
	};
}

void live_tell_left_on(const struct identity *id, const struct cli_options *o)
{
	if (activation_is_marked(id))
		errors_note(o,
			    "another run of heapsnap switched prof.active of "
			    "process %d on, and is at work or was killed: "
			    "'heapsnap -p %d -n 1 --activate' puts it back",
			    (int)id->pid, (int)id->pid);
}
