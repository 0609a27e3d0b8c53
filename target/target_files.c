#include "target/target_files.h"

#include <errno.h>
#include <stdio.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "proc/file.h"
#include "proc/mapped_file.h"
#include "proc/status.h"
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
	char path[64];

	*ret = -1;
	err = status_read(id->pid, &status);
	if (err)
		return err;
	snprintf(path, sizeof(path), "/tmp/perf-%d.map",
		 (int)(status.inner_pid ? status.inner_pid : id->pid));
	fd = file_open_as_target(id->pid, path);
	if (fd < 0)
		return NULL;
	err = check_perf_map(id, &status, path, fd);
	if (err)
		return err;
	*ret = take_fd(fd);
	return NULL;
}

struct file_source target_files_source(const struct target_files *files)
{
	return (struct file_source){
		.open_module = open_module,
		.open_path = open_path,
		.open_perf_map = open_perf_map,
		.arg = files,
		.live = true,
	};
}
