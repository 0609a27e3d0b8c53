/**
 * @file stop_signals.h - the signals by which a user asks to stop, and a sleep
 * that none of them comes too late for.
 *
 * Their handler, which is the command line's, sets a flag: `stop' of struct
 * deadline and struct monitor.
 */
#ifndef BASE_STOP_SIGNALS_H
#define BASE_STOP_SIGNALS_H

#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"

enum { STOP_SIGNALS = 3 };

/** SIGINT, SIGTERM and SIGHUP. */
extern const int stop_signals[STOP_SIGNALS];

/** Blocks them. *old: what was blocked before, for stop_signals_poll() and for
 *  sigprocmask(2) at the end. */
void stop_signals_block(sigset_t *old);

/**
 * Sleeps @us microseconds, or less when one of fds[0..n) is ready, *ready of
 * them, or a signal comes. They are blocked before and unblocked only here, by
 * @old: none can come between the test of a flag and the sleep.
 */
struct hs_error *stop_signals_poll(struct pollfd *fds, size_t n, int64_t us,
				   const sigset_t *old,
				   int *ready) hs_must_check;

/** HS_ERROR_INTERRUPTED when *@stop is a signal's number; it may be NULL. */
struct hs_error *
stop_signals_check(const volatile sig_atomic_t *stop) hs_must_check;

/** Sleeps @us microseconds, or less when one of fds[0..n) is ready: *ready, as
 *  their revents tell. HS_ERROR_INTERRUPTED when *@stop is set. They are
 *  blocked by stop_signals_block(@old), for many sleeps at once. */
struct hs_error *stop_signals_sleep_blocked(struct pollfd *fds, size_t n,
					    int64_t us,
					    const volatile sig_atomic_t *stop,
					    const sigset_t *old,
					    bool *ready) hs_must_check;

/** The same for one sleep: they are blocked meanwhile alone. */
struct hs_error *stop_signals_sleep(struct pollfd *fds, size_t n, int64_t us,
				    const volatile sig_atomic_t *stop,
				    bool *ready) hs_must_check;

#endif
