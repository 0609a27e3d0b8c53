/**
 * @file helper_mark.h - how a helper thread is recognised from outside: by its
 * name and by the signals that it blocks.
 */
#ifndef ATTACH_HELPER_MARK_H
#define ATTACH_HELPER_MARK_H

#include <stdbool.h>

#include "proc/status.h"

/** The name (comm) of a helper thread that is at work, and of one that sleeps
 *  between two snapshots: that one holds nothing that others wait for. */
#define HELPER_NAME "heapsnap"
#define HELPER_RESTING "heapsnap-rests"

/** The thread is in a call of ours, or in the sleep between two: a helper
 *  thread, or one of the service's that was borrowed. */
bool helper_mark_in_call(const struct status *thread);

/** The thread is a helper thread and at work. */
bool helper_mark_works(const struct status *thread);

/** The thread is a helper thread and sleeps. */
bool helper_mark_rests(const struct status *thread);

#endif
