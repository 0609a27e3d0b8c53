#include "symbol/cache/file_stamp.h"

#include <sys/stat.h>

struct file_stamp file_stamp_of(const struct stat *st)
{
	return (struct file_stamp){ {
		1,
		(uint64_t)st->st_dev,
		(uint64_t)st->st_ino,
		(uint64_t)st->st_size,
		(uint64_t)st->st_mtim.tv_sec,
		(uint64_t)st->st_mtim.tv_nsec,
		(uint64_t)st->st_ctim.tv_sec,
		(uint64_t)st->st_ctim.tv_nsec,
	} };
}

struct file_stamp file_stamp_read(int fd)
{
	struct stat st;

	if (fd < 0 || fstat(fd, &st))
		return (struct file_stamp){ { 0 } };
	return file_stamp_of(&st);
}
