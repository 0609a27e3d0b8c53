/*
 * One thread in each kind of wait, which must end as it was asked to, and not
 * by an EINTR or before its time. The arguments choose the kinds:
 *
 *	--wait KIND	one more; "all" for all
 *	--for MS	how long a timed wait takes, 200 by default
 *	--stale yes	return addresses of the allocator are left on each
 *			thread's stack, in an array that it never writes
 *
 *	report		"KIND eintr=N late_us=N rounds=N tid=N" for each, then
 *			"end": late_us is by how much the latest timed wait
 *			overslept, but for the time that it then waited for
 *			a CPU; rounds how often the wait ended as it should
 *	forget		late_us, eintr and rounds are 0 again; "forgotten"
 *	poke		wakes all that wait without end: "poked" when each of
 *			them has gone one round and waits again
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/aio_abi.h>
#include <linux/futex.h>
#include <poll.h>
#include <semaphore.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/select.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

#include "base/linux.h"
#include "tests/victims/victim.h"

enum { POKE_MS = 5000, MAX_KINDS = 32, STALE_BYTES = 65536 };

struct waiter {
	const struct kind *kind;
	int pipe[2]; /* what the waits on descriptors wait for */
	int epoll;   /* one for all its waits: its number stays; 0: none */
	aio_context_t aio; /* the same for io_getevents() */
	uint32_t word;	   /* futexes: incremented by a poke */
	sem_t sem;
	pthread_mutex_t lock;
	pthread_cond_t cond;
	uint64_t pokes; /* how often it was poked; cond: under lock */
	uint64_t entered, rounds, eintr, late_us;
	pid_t tid;
	int schedstat; /* the thread's own; -1: none */
};

struct kind {
	const char *name;
	bool timed;
	/* One wait. 0: it ended as it should, else errno. */
	int (*wait)(struct waiter *w);
	void (*poke)(struct waiter *w); /* NULL for the timed ones */
};

static int64_t wait_us = 200000;
static bool stale;

static struct timespec span(int64_t us)
{
	return (struct timespec){ .tv_sec = us / 1000000,
				  .tv_nsec = us % 1000000 * 1000 };
}

static struct timespec realtime_in(int64_t us)
{
	struct timespec now;

	clock_gettime(CLOCK_REALTIME, &now);
	return span((int64_t)now.tv_sec * 1000000 + now.tv_nsec / 1000 + us);
}

static int drain(int fd)
{
	char byte;

	return read(fd, &byte, 1) == 1 ? 0 : errno;
}

/* What a wait for one descriptor without end returned. */
static int woken(struct waiter *w, int n)
{
	if (n < 0)
		return errno;
	return n == 1 ? drain(w->pipe[0]) : EPROTO;
}

/* What a wait that must time out returned. */
static int timed_out(int n)
{
	if (n < 0)
		return errno;
	return n == 0 ? 0 : EPROTO;
}

static void poke_pipe(struct waiter *w)
{
	if (write(w->pipe[1], "x", 1) != 1)
		victim_harmed("%s cannot be poked", w->kind->name);
}

static int epoll_for(struct waiter *w, int ms)
{
	struct epoll_event event = { .events = EPOLLIN };

	if (!w->epoll) {
		int fd = epoll_create1(EPOLL_CLOEXEC);

		if (fd < 0 || epoll_ctl(fd, EPOLL_CTL_ADD, w->pipe[0], &event))
			return -1;
		w->epoll = fd;
	}
	return epoll_wait(w->epoll, &event, 1, ms);
}

static int wait_epoll(struct waiter *w)
{
	return woken(w, epoll_for(w, -1));
}

static int wait_epoll_timed(struct waiter *w)
{
	return timed_out(epoll_for(w, (int)(wait_us / 1000)));
}

static int wait_poll(struct waiter *w)
{
	struct pollfd fd = { .fd = w->pipe[0], .events = POLLIN };

	return woken(w, poll(&fd, 1, -1));
}

static int wait_poll_timed(struct waiter *w)
{
	struct pollfd fd = { .fd = w->pipe[0], .events = POLLIN };

	return timed_out(poll(&fd, 1, (int)(wait_us / 1000)));
}

static int select_for(struct waiter *w, struct timeval *tv)
{
	fd_set set;

	FD_ZERO(&set);
	FD_SET(w->pipe[0], &set);
	return select(w->pipe[0] + 1, &set, NULL, NULL, tv);
}

static int wait_select(struct waiter *w)
{
	return woken(w, select_for(w, NULL));
}

static int wait_select_timed(struct waiter *w)
{
	struct timeval tv = { .tv_sec = wait_us / 1000000,
			      .tv_usec = wait_us % 1000000 };

	return timed_out(select_for(w, &tv));
}

static int wait_ppoll_timed(struct waiter *w)
{
	struct pollfd fd = { .fd = w->pipe[0], .events = POLLIN };
	struct timespec ts = span(wait_us);

	return timed_out(ppoll(&fd, 1, &ts, NULL));
}

static int wait_pselect_timed(struct waiter *w)
{
	struct timespec ts = span(wait_us);
	fd_set set;

	FD_ZERO(&set);
	FD_SET(w->pipe[0], &set);
	return timed_out(pselect(w->pipe[0] + 1, &set, NULL, NULL, &ts, NULL));
}

/* The time-out is a struct, not a number. */
static int wait_epoll_pwait2_timed(struct waiter *w)
{
	struct timespec ts = span(wait_us);
	struct epoll_event event;

	if (!w->epoll && epoll_for(w, 0))
		return EPROTO;
	return timed_out((int)syscall(SYS_epoll_pwait2, w->epoll, &event, 1,
				      &ts, NULL, (size_t)8));
}

static int wait_sigtimedwait_timed(struct waiter *w)
{
	struct timespec ts = span(wait_us);
	sigset_t set;

	(void)w;
	sigemptyset(&set);
	sigaddset(&set, SIGRTMIN);
	if (sigtimedwait(&set, NULL, &ts) >= 0)
		return EPROTO;
	return errno == EAGAIN ? 0 : errno;
}

static int wait_io_getevents_timed(struct waiter *w)
{
	struct timespec ts = span(wait_us);
	struct io_event event;

	if (!w->aio && syscall(SYS_io_setup, 1, &w->aio))
		return errno;
	return timed_out(
		(int)syscall(SYS_io_getevents, w->aio, 1L, 1L, &event, &ts));
}

static int wait_read(struct waiter *w)
{
	return drain(w->pipe[0]);
}

static int wait_nanosleep(struct waiter *w)
{
	struct timespec ts = span(wait_us);

	(void)w;
	return nanosleep(&ts, NULL) ? errno : 0;
}

/* As sleep(3) does it: the time left takes the place of the time. */
static int wait_own_rest_nanosleep(struct waiter *w)
{
	struct timespec ts = span(wait_us);

	(void)w;
	return nanosleep(&ts, &ts) ? errno : 0;
}

static int wait_clock_nanosleep(struct waiter *w)
{
	struct timespec ts = span(victim_now() + wait_us);

	(void)w;
	return clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &ts, NULL);
}

static int wait_futex(struct waiter *w)
{
	uint32_t seen = __atomic_load_n(&w->word, __ATOMIC_SEQ_CST);

	if (seen != w->rounds)
		return 0;
	if (syscall(SYS_futex, &w->word, FUTEX_WAIT, seen, NULL, NULL, 0))
		return errno == EAGAIN ? 0 : errno;
	return __atomic_load_n(&w->word, __ATOMIC_SEQ_CST) != seen ? 0 : EPROTO;
}

static void poke_futex(struct waiter *w)
{
	__atomic_add_fetch(&w->word, 1, __ATOMIC_SEQ_CST);
	syscall(SYS_futex, &w->word, FUTEX_WAKE, 1, NULL, NULL, 0);
}

static int wait_futex_timed(struct waiter *w)
{
	struct timespec ts = span(wait_us);

	if (!syscall(SYS_futex, &w->word, FUTEX_WAIT, 0, &ts, NULL, 0))
		return EPROTO;
	return errno == ETIMEDOUT ? 0 : errno;
}

static int wait_accept(struct waiter *w)
{
	int fd = accept(w->pipe[0], NULL, NULL);

	if (fd < 0)
		return errno;
	close(fd);
	return 0;
}

static void poke_accept(struct waiter *w)
{
	struct sockaddr_un addr;
	socklen_t len = sizeof(addr);
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

	if (fd < 0 || getsockname(w->pipe[0], (struct sockaddr *)&addr, &len) ||
	    connect(fd, (struct sockaddr *)&addr, len))
		victim_harmed("accept cannot be poked");
	close(fd);
}

static int wait_sem_timed(struct waiter *w)
{
	struct timespec ts = realtime_in(wait_us);

	if (!sem_timedwait(&w->sem, &ts))
		return EPROTO;
	return errno == ETIMEDOUT ? 0 : errno;
}

static int wait_cond(struct waiter *w)
{
	int err = 0;

	pthread_mutex_lock(&w->lock);
	while (w->pokes == w->rounds && !err)
		err = pthread_cond_wait(&w->cond, &w->lock);
	pthread_mutex_unlock(&w->lock);
	return err;
}

static void poke_cond(struct waiter *w)
{
	(void)w; /* pokes was changed under the lock, the signal is sent */
}

static int wait_cond_timed(struct waiter *w)
{
	struct timespec ts = realtime_in(wait_us);
	int err;

	pthread_mutex_lock(&w->lock);
	err = pthread_cond_timedwait(&w->cond, &w->lock, &ts);
	pthread_mutex_unlock(&w->lock);
	return err == ETIMEDOUT ? 0 : err ? err : EPROTO;
}

static const struct kind kinds[] = {
	{ "epoll", false, wait_epoll, poke_pipe },
	{ "epoll-timed", true, wait_epoll_timed, NULL },
	{ "poll", false, wait_poll, poke_pipe },
	{ "poll-timed", true, wait_poll_timed, NULL },
	{ "select", false, wait_select, poke_pipe },
	{ "select-timed", true, wait_select_timed, NULL },
	{ "ppoll-timed", true, wait_ppoll_timed, NULL },
	{ "pselect-timed", true, wait_pselect_timed, NULL },
	{ "epoll-pwait2-timed", true, wait_epoll_pwait2_timed, NULL },
	{ "sigtimedwait-timed", true, wait_sigtimedwait_timed, NULL },
	{ "io-getevents-timed", true, wait_io_getevents_timed, NULL },
	{ "read", false, wait_read, poke_pipe },
	{ "accept", false, wait_accept, poke_accept },
	{ "nanosleep", true, wait_nanosleep, NULL },
	{ "own-rest-nanosleep", true, wait_own_rest_nanosleep, NULL },
	{ "clock-nanosleep", true, wait_clock_nanosleep, NULL },
	{ "futex", false, wait_futex, poke_futex },
	{ "futex-timed", true, wait_futex_timed, NULL },
	{ "sem-timed", true, wait_sem_timed, NULL },
	{ "cond", false, wait_cond, poke_cond },
	{ "cond-timed", true, wait_cond_timed, NULL },
};

enum { KINDS = sizeof(kinds) / sizeof(kinds[0]) };

static struct waiter waiters[MAX_KINDS];
static size_t n_waiters;

/* Microseconds for which the thread has waited for a CPU: the second number, in
 * nanoseconds (Documentation/scheduler/sched-stats.rst). 0: nobody counts. */
static int64_t queued_us(const struct waiter *w)
{
	char text[64] = "", *second;
	ssize_t n = pread(w->schedstat, text, sizeof(text) - 1, 0);

	second = n > 0 ? strchr(text, ' ') : NULL;
	return second ? strtoll(second, NULL, 10) / 1000 : 0;
}

/* Clocks tick apart by some microseconds; a timed wait that ends a millisecond
 * early was cut short. */
static void count_round(struct waiter *w, int64_t took, int64_t queued)
{
	int64_t late = took - wait_us - queued;

	if (w->kind->timed && took < wait_us - 1000)
		victim_harmed("%s ended after %lld us", w->kind->name,
			      (long long)took);
	if (w->kind->timed && late > (int64_t)w->late_us)
		w->late_us = (uint64_t)late;
	if (!w->kind->timed &&
	    __atomic_load_n(&w->pokes, __ATOMIC_SEQ_CST) <= w->rounds)
		victim_harmed("%s ended though nobody woke it", w->kind->name);
	__atomic_add_fetch(&w->rounds, 1, __ATOMIC_SEQ_CST);
}

/* jemalloc samples and unwinds: its frames lie where an array of the loop's is
 * to be. */
static __attribute__((noinline)) void leave_stale_words(void)
{
	void *volatile kept[64];
	size_t i;

	for (i = 0; i < sizeof(kept) / sizeof(kept[0]); i++)
		kept[i] = malloc(STALE_BYTES);
	for (i = 0; i < sizeof(kept) / sizeof(kept[0]); i++)
		free(kept[i]);
}

static __attribute__((noinline)) void *go_round(struct waiter *w)
{
	char buf[STALE_BYTES]; /* as a read buffer before the first read */

	__asm__ volatile("" ::"r"(buf) : "memory");
	w->schedstat =
		open("/proc/thread-self/schedstat", O_RDONLY | O_CLOEXEC);
	w->tid = gettid();
	for (;;) {
		int64_t queued = queued_us(w), start = victim_now();
		int err;

		__atomic_add_fetch(&w->entered, 1, __ATOMIC_SEQ_CST);
		err = w->kind->wait(w);
		if (err == EINTR) {
			w->eintr++;
			victim_interrupted();
		} else if (err) {
			victim_harmed("%s ended with: %s", w->kind->name,
				      strerror(err));
		} else {
			int64_t took = victim_now() - start;

			count_round(w, took, queued_us(w) - queued);
		}
	}
	return NULL;
}

static void *wait_for_ever(void *arg)
{
	if (stale)
		leave_stale_words();
	return go_round(arg);
}

/* An abstract address chosen by the kernel, see unix(7). */
static int listening(void)
{
	struct sockaddr_un addr = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

	if (fd < 0 ||
	    bind(fd, (struct sockaddr *)&addr, sizeof(addr.sun_family)) ||
	    listen(fd, 4))
		return -1;
	return fd;
}

static bool add_waiter(const struct kind *kind)
{
	struct waiter *w = &waiters[n_waiters];

	if (n_waiters == MAX_KINDS || pipe(w->pipe))
		return false;
	if (!strcmp(kind->name, "accept")) {
		close(w->pipe[0]);
		close(w->pipe[1]);
		w->pipe[0] = listening();
	}
	w->kind = kind;
	sem_init(&w->sem, 0, 0);
	pthread_mutex_init(&w->lock, NULL);
	pthread_cond_init(&w->cond, NULL);
	n_waiters++;
	return w->pipe[0] >= 0;
}

static bool option(const char *name, const char *value)
{
	bool found = false;
	size_t i;

	if (!strcmp(name, "--for")) {
		wait_us = (int64_t)victim_number(value) * 1000;
		return true;
	}
	if (!strcmp(name, "--stale")) {
		stale = !strcmp(value, "yes");
		return true;
	}
	if (strcmp(name, "--wait") != 0)
		return false;
	for (i = 0; i < KINDS; i++) {
		if (!strcmp(value, "all") || !strcmp(value, kinds[i].name))
			found = add_waiter(&kinds[i]);
	}
	return found;
}

static void report(void)
{
	const struct waiter *w;

	for (w = waiters; w < waiters + n_waiters; w++)
		victim_say("%s eintr=%llu late_us=%llu rounds=%llu tid=%d",
			   w->kind->name, (unsigned long long)w->eintr,
			   (unsigned long long)w->late_us,
			   (unsigned long long)w->rounds, (int)w->tid);
	victim_say("end");
}

/* Only the timed ones: the others count their rounds against the pokes. */
static void forget(void)
{
	struct waiter *w;

	for (w = waiters; w < waiters + n_waiters; w++) {
		w->late_us = w->eintr = 0;
		if (w->kind->timed)
			w->rounds = 0;
	}
	victim_say("forgotten");
}

static bool settled(const struct waiter *w)
{
	return __atomic_load_n(&w->rounds, __ATOMIC_SEQ_CST) == w->pokes &&
	       __atomic_load_n(&w->entered, __ATOMIC_SEQ_CST) >
		       w->rounds + w->eintr;
}

static void poke_all(void)
{
	int64_t end = victim_now() + POKE_MS * 1000;
	struct waiter *w;

	for (w = waiters; w < waiters + n_waiters; w++) {
		if (w->kind->timed)
			continue;
		pthread_mutex_lock(&w->lock);
		__atomic_add_fetch(&w->pokes, 1, __ATOMIC_SEQ_CST);
		pthread_cond_signal(&w->cond);
		pthread_mutex_unlock(&w->lock);
		w->kind->poke(w);
		while (!settled(w) && victim_now() < end)
			usleep(1000);
		if (!settled(w))
			victim_harmed("%s does not wake", w->kind->name);
	}
	victim_say("poked");
}

static bool command(const char *line)
{
	if (!strcmp(line, "report"))
		report();
	else if (!strcmp(line, "forget"))
		forget();
	else if (!strcmp(line, "poke"))
		poke_all();
	else
		return false;
	return true;
}

int main(int argc, char **argv)
{
	struct waiter *w;

	victim_begin(argc, argv, option);
	for (w = waiters; w < waiters + n_waiters; w++)
		victim_thread(wait_for_ever, w);
	for (w = waiters; w < waiters + n_waiters; w++) {
		while (!__atomic_load_n(&w->entered, __ATOMIC_SEQ_CST))
			usleep(1000);
	}
	victim_ready();
	victim_obey(command);
	return 0;
}
