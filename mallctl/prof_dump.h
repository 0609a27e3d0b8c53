/**
 * @file prof_dump.h - a heap profile dump, taken without a disk.
 *
 * The helper thread makes a memfd and has jemalloc dump to /proc/self/fd/N.
 * While it is written we read it and punch holes behind ourselves, so that it
 * never costs the target more than a few hundred kilobytes, whatever its size:
 * a leaking service is near its memory limit. Where there can be no memfd, or
 * it has no path (no /proc), the same is done with a file
 * (mallctl/dump_file.h).
 */
#ifndef MALLCTL_PROF_DUMP_H
#define MALLCTL_PROF_DUMP_H

#include <stdint.h>

#include "base/error.h"
#include "base/strbuf.h"
#include "mallctl/mallctl.h"

/** Shows now and then how many bytes jemalloc has written. It must not wait for
 *  anything: the process is in the middle of its dump. */
struct prof_dump_progress {
	void (*show)(void *arg, int64_t bytes); /* NULL: nobody wants to know */
	void *arg;
};

/**
 * Dumps into @ret (appended). The dump is whole: every write of jemalloc's was
 * seen to succeed in full (jemalloc itself ignores short writes), and a
 * MAPPED_LIBRARIES section that jemalloc could not write is added from
 * /proc/PID/maps. *took_us: how long jemalloc took, microseconds.
 */
struct hs_error *prof_dump(struct session *s,
			   const struct prof_dump_progress *progress,
			   struct strbuf *ret, int64_t *took_us) hs_must_check;

#endif
