/**
 * @file prof_dump.h - takes a heap profile dump without writing to a disk.
 *
 * The helper thread makes a memfd and has jemalloc dump to /proc/self/fd/N.
 * While jemalloc writes, we read and punch holes behind ourselves, so that a
 * dump of any size never costs the target more than a few hundred kilobytes: a
 * leaking service is near its memory limit. Where there can be no memfd, or it
 * has no path (no /proc), a file takes its role (mallctl/dump_file.h); where
 * there can be no file either, in a chroot(2) in which it can write nowhere,
 * the system call by which jemalloc creates its file is replaced by one that
 * gives it the memfd.
 */
#ifndef MALLCTL_PROF_DUMP_H
#define MALLCTL_PROF_DUMP_H

#include <stdint.h>

#include "base/error.h"
#include "base/spool.h"
#include "base/strbuf.h"
#include "mallctl/mallctl.h"

/** Called now and then with the bytes that jemalloc has written. It must not
 *  block: the process is in the middle of its dump. */
struct prof_dump_progress {
	void (*show)(void *arg, int64_t bytes); /* NULL: not wanted */
	void *arg;
};

struct prof_dump_options {
	struct prof_dump_progress progress;
	int64_t most; /* bytes of a dump; 0: dump_reader_most() */
};

/**
 * Puts the dump into @ret, an empty one. The dump is whole: we saw every write
 * of jemalloc's succeed in full (jemalloc itself ignores short writes), and a
 * MAPPED_LIBRARIES section that jemalloc could not write is added from
 * /proc/PID/maps. A larger one than it may be is an error. *took_us: how long
 * jemalloc took, microseconds.
 */
struct hs_error *prof_dump(struct session *s,
			   const struct prof_dump_options *options,
			   struct spool *ret, int64_t *took_us) hs_must_check;

/**
 * Does what prof_dump() does, but the dump: the helper thread makes the memfd,
 * or gets the file, opens it as jemalloc would and lets go of it. Fails as
 * prof_dump() would fail. @path: appends what was opened, as the target names
 * it; of a memfd it begins with PROF_DUMP_MEMFD.
 */
struct hs_error *prof_dump_rehearse(struct session *s,
				    struct strbuf *path) hs_must_check;

#define PROF_DUMP_MEMFD "/proc/thread-self/fd/"

#endif
