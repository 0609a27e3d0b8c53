/* What a process has given the kernel: the data of its epoll(7) descriptors and
 * the values of its timers, as the kernel writes them of this very process. */
#include "proc/kernel_words.h"

#include <signal.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include "tests/unit/hs_check.h"

#define WORD UINT64_C(0x7f3db68dd010)

static bool has(const struct kernel_words *words, uint64_t value)
{
	size_t i;

	for (i = 0; i < words->n; i++) {
		if (words->items[i] == value)
			return true;
	}
	return false;
}

START_TEST(fdinfo)
{
	static const char text[] =
		"pos:\t0\nflags:\t02000002\nmnt_id:\t15\nino:\t1062\n"
		"tfd:        5 events:       19 data:     7f3db68dd010  pos:0 "
		"ino:426 sdev:f\n"
		"tfd:        6 events: 80000019 data:                0  pos:0 "
		"ino:426 sdev:f\n"
		"tfd:        7 events: 80000019 data: ffffffffffffffff  pos:0 "
		"ino:426 sdev:f\n"
		"tfd:        8\n"
		"tfd:        9 events: 80000019 data: 1234";
	struct kernel_words words = { 0 };

	hs_ck_ok(kernel_words_parse_fdinfo(text, strlen(text), &words));
	ck_assert_uint_eq(words.n, 2);
	ck_assert_uint_eq(words.items[0], WORD);
	ck_assert_uint_eq(words.items[1], UINT64_MAX);
	ck_assert(!words.hidden);
	kernel_words_release(&words);
}
END_TEST

START_TEST(timers)
{
	static const char text[] = "ID: 0\nsignal: 60/00007f3db68dd010\n"
				   "notify: signal/tid.2634\nClockID: 0\n"
				   "ID: 1\nsignal: 34/(null)\n"
				   "signal: 7\nsignal:\n";
	struct kernel_words words = { 0 };

	hs_ck_ok(kernel_words_parse_timers(text, strlen(text), &words));
	ck_assert_uint_eq(words.n, 1);
	ck_assert_uint_eq(words.items[0], WORD);
	kernel_words_release(&words);
}
END_TEST

/* More than would ever be kept. */
START_TEST(bounded)
{
	static const char line[] = "tfd: 1 events: 19 data: 1234\n";
	const size_t n = 1 << 16, len = strlen(line);
	struct kernel_words words = { 0 };
	char *text = malloc(n * len);
	size_t i;

	ck_assert_ptr_nonnull(text);
	for (i = 0; i < n; i++)
		memcpy(text + i * len, line, len);
	for (i = 0; i < KERNEL_WORDS_MAX / n; i++)
		hs_ck_ok(kernel_words_parse_fdinfo(text, n * len, &words));
	ck_assert_uint_eq(words.n, KERNEL_WORDS_MAX);
	ck_assert(!words.hidden);
	hs_ck_ok(kernel_words_parse_fdinfo(text, len, &words));
	ck_assert_uint_eq(words.n, KERNEL_WORDS_MAX);
	ck_assert(words.hidden);
	kernel_words_release(&words);
	free(text);
}
END_TEST

START_TEST(own)
{
	const int epoll = epoll_create1(EPOLL_CLOEXEC);
	const int event = eventfd(0, EFD_CLOEXEC);
	struct epoll_event e = { .events = EPOLLIN, .data.u64 = WORD };
	struct sigevent se = { .sigev_notify = SIGEV_SIGNAL };
	struct kernel_words words = { 0 };
	timer_t timer;

	ck_assert_int_eq(epoll_ctl(epoll, EPOLL_CTL_ADD, event, &e), 0);
	se.sigev_signo = SIGUSR1;
	se.sigev_value.sival_ptr = &timer;
	ck_assert_int_eq(timer_create(CLOCK_MONOTONIC, &se, &timer), 0);
	hs_ck_ok(kernel_words_read(getpid(), &words));
	ck_assert(has(&words, WORD));
	/* A kernel without CONFIG_CHECKPOINT_RESTORE lists no timers. */
	if (!access("/proc/self/timers", R_OK))
		ck_assert(has(&words, (uint64_t)(uintptr_t)&timer));
	ck_assert(!words.hidden);
	kernel_words_release(&words);
	timer_delete(timer);
	close(event);
	close(epoll);
}
END_TEST

/* Where there is io_uring, nobody knows what it keeps. */
START_TEST(io_uring)
{
	char params[256] = { 0 };
	const long fd = syscall(SYS_io_uring_setup, 1, params);
	struct kernel_words words = { 0 };

	hs_ck_ok(kernel_words_read(getpid(), &words));
	ck_assert_int_eq(words.hidden, fd >= 0);
	kernel_words_release(&words);
	if (fd >= 0)
		close((int)fd);
}
END_TEST

START_TEST(gone)
{
	struct kernel_words words = { 0 };

	hs_ck_err(kernel_words_read(0x7ffffff0, &words), HS_ERROR_GONE,
		  "no process 2147483632");
	kernel_words_release(&words);
}
END_TEST

int main(void)
{
	return hs_check_run("proc/kernel_words", fdinfo, timers, bounded, own,
			    io_uring, gone);
}
