/**
 * @file follow.h - from a process that has ended to the next one of its name: a
 * service that was restarted.
 */
#ifndef CLI_CMD_FOLLOW_H
#define CLI_CMD_FOLLOW_H

#include <stdbool.h>
#include <stdint.h>

#include "base/error.h"
#include "options/options.h"

struct follow {
	const struct cli_options *o; /* borrowed */
	const char *name;	     /* borrowed */
	uint64_t pid;		     /* the process now */
	bool restarted;		     /* it is not the first one */
	int64_t pause_us;	     /* before the next look */
	char *said;		     /* owned: why it was left; NULL */
};

/** The process @pid is the first one of @name. Call follow_release() at the
 *  end. */
void follow_begin(struct follow *f, const struct cli_options *o,
		  const char *name, uint64_t pid);

void follow_release(struct follow *f);

/**
 * Whether the work on the process, which ended with @err, goes on with another:
 * after its end, and when one that has just begun is not ready yet, without its
 * libraries or in another program before an execve(2). @watched: the wait for a
 * condition had begun.
 */
bool follow_goes_on(const struct follow *f, const struct hs_error *err,
		    bool watched);

/** Says @err, which is taken, waits for the next process of the name and sets
 *  f->pid. HS_ERROR_INTERRUPTED when a signal asked to stop. */
struct hs_error *follow_next(struct follow *f, struct hs_error *err,
			     bool watched) hs_must_check;

#endif
