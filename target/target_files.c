#include "target/target_files.h"

#include <errno.h>
#include <stdio.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/regular_file.h"
#include "proc/file.h"
#include "proc/mapped_file.h"
#include "proc/memory.h"
#include "proc/proc_path.h"
#include "proc/status.h"
#include "symbol/perf_map.h"
#include "target/mapped_elf.h"

static struct hs_error *open_module(const void *arg,
				    const struct module_file *file, int *ret,
				    struct hs_error **warning)
{
	const struct target_files *files = arg;
	const struct mapping *m = file->mapping;
	const pid_t pid = files->id->pid;

	if (!m || !mapped_is_elf(m))
		return hs_error_new(HS_ERROR_NOT_FOUND, "'%s' is not mapped",
				    file->path);
	/* The image in memory is the present one. */
	return file->now ? mapped_open(pid, file->maps, m, ret, warning)
			 : mapped_file_open(pid, m, ret);
}

static int open_path(const void *arg, const char *path)
{
	const struct target_files *files = arg;
	int fd = file_open_as_target(files->id->pid, path);

	if (fd < 0 && files->sysroot)
		fd = file_open_below(files->sysroot, path);
	return fd;
}

static bool path_of(const void *arg, int fd, char *ret)
{
	const struct target_files *files = arg;

	return (files->sysroot && file_path_below(files->sysroot, fd, ret)) ||
	       file_path_below(proc_path(files->id->pid, "root").text, fd, ret);
}

/* Start time of the process in seconds of the wall clock, or a little earlier:
 * seconds and clock ticks are not exact. */
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

/* In /tmp as the process has it: *ret is -1 when it is not there. Who made a
 * link there could choose any file that root may read. */
static struct hs_error *open_in_tmp(pid_t pid, const char *name, int *ret)
{
	_cleanup_close_ int root = file_open_root(pid), tmp = -1, found = -1;

	if (root >= 0)
		tmp = file_find_in_root(root, "/tmp");
	if (tmp >= 0)
		found = file_find_no_link(tmp, name);
	if (tmp >= 0 && found < 0 && errno == ELOOP)
		return hs_error_new(HS_ERROR_NOT_FOUND,
				    "names of code made at run time are "
				    "missing: '/tmp/%s' is a symbolic link",
				    name);
	*ret = found < 0 ? -1 : regular_file_reopen(found);
	return NULL;
}

/* Everybody can write to /tmp, and process ids are reused. */
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
	if (st.st_size > PERF_MAP_SIZE_MAX)
		return hs_error_new(HS_ERROR_NOT_FOUND,
				    "%s: '%s' is larger than %d MiB", what,
				    path, PERF_MAP_SIZE_MAX >> 20);
	if (st.st_mtim.tv_sec < started_at(id))
		return hs_error_new(HS_ERROR_NOT_FOUND,
				    "%s: '%s' is older than the process", what,
				    path);
	return NULL;
}

static struct hs_error *open_perf_map(const void *arg, int *ret)
{
	const struct identity *id = ((const struct target_files *)arg)->id;
	_cleanup_close_ int fd = -1;
	struct status status;
	struct hs_error *err;
	char name[32], path[64];

	*ret = -1;
	err = status_read(id->pid, &status);
	if (err)
		return err;
	snprintf(name, sizeof(name), "perf-%d.map",
		 (int)(status.inner_pid ? status.inner_pid : id->pid));
	err = open_in_tmp(id->pid, name, &fd);
	if (err || fd < 0)
		return err;
	snprintf(path, sizeof(path), "/tmp/%s", name);
	err = check_perf_map(id, &status, path, fd);
	if (err)
		return err;
	*ret = take_fd(fd);
	return NULL;
}

static bool read_memory(const void *arg, uint64_t address, void *buf,
			size_t len)
{
	const struct target_files *files = arg;
	struct hs_error *unread =
		memory_read(files->id->pid, address, buf, len);
	const bool ok = !unread;

	hs_error_free(unread);
	return ok;
}

struct file_source target_files_source(const struct target_files *files)
{
	return (struct file_source){
		.open_module = open_module,
		.open_path = open_path,
		.path_of = path_of,
		.open_perf_map = open_perf_map,
		.read_memory = read_memory,
		.arg = files,
		.live = true,
	};
}
