/**
 * @file signals.h - catches Ctrl-C and other signals, and waits.
 *
 * A signal only sets a flag: waits return, the target is put back as it was,
 * and then heapsnap ends. During signals_wait() the first SIGINT means "now".
 */
#ifndef CLI_SIGNALS_H
#define CLI_SIGNALS_H

#include <signal.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/error.h"
#include "output/progress.h"
#include "proc/identity.h"

/** Ignores the signals by which the kernel ends a process for what write(2)
 *  says, too: a closed pipe, and a file that may not grow (ulimit -f). */
void signals_begin(void);

/** What signals_begin() has changed, for a program that is started. */
const sigset_t *signals_begun(void);

/** From now on SIGINT, SIGTERM and SIGHUP set the flag (those that were ignored
 *  stay so, as under nohup(1)). */
void signals_catch(void);

/** For struct deadline: the signal that asked us to stop, or 0. */
const volatile sig_atomic_t *signals_stop(void);

/** The same as a number. */
int signals_last(void);

/** Takes back a SIGINT that asked to stop, so that what there is can be
 *  reported; the next one stops. false: it was another signal, or none. */
bool signals_resume(void);

enum wait_end {
	WAIT_OVER,  /* the time is up */
	WAIT_EARLY, /* Ctrl-C: go on now */
	WAIT_GONE,  /* @pidfd became readable: the process ended */
};

/** A wait, with a countdown. Pointers are borrowed. */
struct signals_wait {
	int64_t us;	   /* to wait */
	int64_t until_us;  /* what the countdown begins with; >= us */
	int pidfd;	   /* see WAIT_GONE; -1: none */
	bool early_ends;   /* Ctrl-C: no snapshot follows */
	const char *found; /* said before the countdown; "": nothing */
	struct progress *progress;
	void (*tick)(void *arg); /* called each second; NULL: nothing to do */
	void *arg;
};

/** HS_ERROR_INTERRUPTED when a signal asked to stop. */
struct hs_error *signals_wait(const struct signals_wait *wait,
			      enum wait_end *ret) hs_must_check;

/** Waits @us microseconds, none if negative, for @what of process @id.
 *  HS_ERROR_GONE when the process ends before. */
struct hs_error *signals_wait_alive(const struct identity *id, int64_t us,
				    struct progress *progress,
				    const char *what) hs_must_check;

#endif
