#include "base/stop_signals.h"

#include <errno.h>
#include <string.h>
#include <time.h>

const int stop_signals[STOP_SIGNALS] = { SIGINT, SIGTERM, SIGHUP };

void stop_signals_block(sigset_t *old)
{
	sigset_t block;
	size_t i;

	sigemptyset(&block);
	for (i = 0; i < STOP_SIGNALS; i++)
		sigaddset(&block, stop_signals[i]);
	sigprocmask(SIG_BLOCK, &block, old);
}

struct hs_error *stop_signals_poll(struct pollfd *fds, size_t n, int64_t us,
				   const sigset_t *old, int *ready)
{
	const struct timespec ts = { .tv_sec = us / 1000000,
				     .tv_nsec = us % 1000000 * 1000 };

	*ready = ppoll(fds, n, &ts, old);
	if (*ready < 0 && errno != EINTR)
		return hs_error_sys(HS_ERROR_SYSTEM, errno, "cannot wait");
	return NULL;
}

struct hs_error *stop_signals_check(const volatile sig_atomic_t *stop)
{
	if (!stop || !*stop)
		return NULL;
	return hs_error_new(HS_ERROR_INTERRUPTED, "interrupted: %s",
			    strsignal(*stop));
}

struct hs_error *stop_signals_sleep_blocked(struct pollfd *fds, size_t n,
					    int64_t us,
					    const volatile sig_atomic_t *stop,
					    const sigset_t *old, bool *ready)
{
	struct hs_error *err = stop_signals_check(stop);
	int found = 0;

	if (!err)
		err = stop_signals_poll(fds, n, us, old, &found);
	if (!err)
		err = stop_signals_check(stop);
	*ready = found > 0;
	return err;
}

struct hs_error *stop_signals_sleep(struct pollfd *fds, size_t n, int64_t us,
				    const volatile sig_atomic_t *stop,
				    bool *ready)
{
	struct hs_error *err;
	sigset_t old;

	stop_signals_block(&old);
	err = stop_signals_sleep_blocked(fds, n, us, stop, &old, ready);
	sigprocmask(SIG_SETMASK, &old, NULL);
	return err;
}
