/**
 * @file capture.h - takes a snapshot of a live process, as a profile and as a
 * file.
 */
#ifndef SNAP_CAPTURE_H
#define SNAP_CAPTURE_H

#include "base/demangle_style.h"
#include "base/error.h"
#include "base/monitor.h"
#include "base/spool.h"
#include "heap/profile.h"
#include "heap/selection.h"
#include "mallctl/snapshot.h"
#include "proc/identity.h"

/** How to take a snapshot. Pointers are borrowed. */
struct capture_options {
	struct session_options session;
	struct heap_selection selection;
	int64_t timeout_us;
	int64_t max_dump;	      /* bytes; 0: mallctl/dump_reader.h */
	bool beside_others;	      /* of other processes: snapshot_options */
	bool no_stats;		      /* the same */
	bool no_contents;	      /* of sampled allocations: no types */
	enum demangle_style demangle; /* of types */
	struct monitor monitor;
};

/** A snapshot that may still be saved. Zero-initialised: none. */
struct kept {
	char *path; /* owned; of its file */
	struct spool dump;
	struct strbuf lines;
};

struct capture {
	struct snapshot snapshot;
	struct heap_profile profile;
};

/** Empty; capture_release() is fine with it. */
void capture_init(struct capture *c);
void capture_release(struct capture *c);

#define _cleanup_capture_ __attribute__((cleanup(capture_release)))

/** Takes a snapshot of @id and parses it, with its metadata; @c is empty
 *  before. @last: no other follows in @standing. The frames have no names yet.
 *  HS_ERROR_NO_PROFILE when the process has no stacks to show. */
struct hs_error *capture_take(struct standing *standing,
			      const struct identity *id,
			      const struct capture_options *options, bool last,
			      struct capture *c) hs_must_check;

/** Writes the snapshot file @path. */
struct hs_error *capture_write(struct capture *c,
			       const char *path) hs_must_check;

/** Prepares what capture_save() would write, for kept_save() later; takes the
 *  dump. Replaces what @ret has. */
struct hs_error *capture_keep(struct capture *c, const struct identity *id,
			      const char *dir, struct kept *ret) hs_must_check;

/** Writes the file, if there is one, and sets meta.file of @p, its profile. */
struct hs_error *kept_save(struct kept *kept,
			   struct heap_profile *p) hs_must_check;

void kept_release(struct kept *kept);

/** Writes it as DIR/heapsnap.COMMAND.PID.TIME.heap and sets meta.file. */
struct hs_error *capture_save(struct capture *c, const struct identity *id,
			      const char *dir) hs_must_check;

/** Checks that a snapshot of @id can be saved in @dir: else the error that
 *  capture_save() would give. */
struct hs_error *capture_check_dir(const struct identity *id,
				   const char *dir) hs_must_check;

/** Finds the newest snapshot of process @id in @dir: *ret is the caller's,
 *  free(3). HS_ERROR_INPUT when there is none. */
struct hs_error *capture_find_last(const struct identity *id, const char *dir,
				   char **ret) hs_must_check;

#endif
