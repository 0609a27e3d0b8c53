#include "tests/victims/victim.h"

#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>

enum { BEAT_US = 5000, DEFAULT_LIFE = 1800, LINE_SIZE = 256 };

struct heartbeat *heartbeat;

static bool reads_input = true, beats = true;

static void die(const char *what, const char *about)
{
	dprintf(STDERR_FILENO, "victim: %s '%s': %s\n", what, about,
		strerror(errno));
	_exit(2);
}

void victim_say(const char *fmt, ...)
{
	char line[LINE_SIZE];
	va_list ap;
	int n;

	va_start(ap, fmt);
	n = vsnprintf(line, sizeof(line) - 1, fmt, ap);
	va_end(ap);
	if (n > (int)sizeof(line) - 2)
		n = sizeof(line) - 2;
	line[n++] = '\n';
	if (write(STDOUT_FILENO, line, (size_t)n) != n)
		die("cannot write to", "stdout");
}

void victim_harmed(const char *fmt, ...)
{
	static int taken;
	va_list ap;

	if (__atomic_exchange_n(&taken, 1, __ATOMIC_SEQ_CST))
		return;
	va_start(ap, fmt);
	vsnprintf(heartbeat->harmed, sizeof(heartbeat->harmed), fmt, ap);
	va_end(ap);
}

void victim_interrupted(void)
{
	__atomic_add_fetch(&heartbeat->eintr, 1, __ATOMIC_SEQ_CST);
}

void victim_thread(void *(*fn)(void *), void *arg)
{
	pthread_t id;

	errno = pthread_create(&id, NULL, fn, arg);
	if (errno)
		die("cannot start", "a thread");
	pthread_detach(id);
}

int64_t victim_now(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (int64_t)ts.tv_sec * 1000000 + ts.tv_nsec / 1000;
}

uint64_t victim_number(const char *text)
{
	char *end;
	uint64_t v;

	errno = 0;
	v = strtoull(text, &end, 10);
	if (end == text || *end || errno || *text == '-') {
		errno = EINVAL;
		die("not a number:", text);
	}
	return v;
}

static void *beat(void *arg)
{
	int64_t last = victim_now(), now, at = last;
	struct timespec ts;

	(void)arg;
	for (;;) {
		at += BEAT_US;
		ts.tv_sec = at / 1000000;
		ts.tv_nsec = at % 1000000 * 1000;
		while (clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &ts,
				       NULL) == EINTR)
			victim_interrupted();
		now = victim_now();
		if (now < at)
			victim_harmed("heartbeat woke %lld us early",
				      (long long)(at - now));
		if (now - last > (int64_t)heartbeat->max_gap_us)
			heartbeat->max_gap_us = (uint64_t)(now - last);
		__atomic_add_fetch(&heartbeat->beats, 1, __ATOMIC_SEQ_CST);
		last = at = now;
	}
	return NULL;
}

static void map_heartbeat(const char *path)
{
	int fd = -1;

	if (path) {
		fd = open(path, O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
		if (fd < 0 || ftruncate(fd, sizeof(*heartbeat)))
			die("cannot make", path);
	}
	heartbeat = mmap(NULL, sizeof(*heartbeat), PROT_READ | PROT_WRITE,
			 path ? MAP_SHARED : MAP_PRIVATE | MAP_ANONYMOUS, fd,
			 0);
	if (heartbeat == MAP_FAILED)
		die("cannot map", path ? path : "memory");
	if (fd >= 0)
		close(fd);
}

void victim_begin(int argc, char **argv, victim_option_fn option)
{
	unsigned int life = DEFAULT_LIFE;
	const char *path = NULL;
	int i;

	for (i = 1; i < argc; i += 2) {
		const char *value = argv[i + 1];

		errno = EINVAL;
		if (!value)
			die("no value for", argv[i]);
		if (!strcmp(argv[i], "--heartbeat"))
			path = value;
		else if (!strcmp(argv[i], "--beat"))
			beats = strcmp(value, "no") != 0;
		else if (!strcmp(argv[i], "--life"))
			life = (unsigned int)victim_number(value);
		else if (!strcmp(argv[i], "--input"))
			reads_input = strcmp(value, "no") != 0;
		else if (!option || !option(argv[i], value))
			die("unknown option", argv[i]);
	}
	alarm(life);
	map_heartbeat(path);
	if (!path || !beats)
		return;
	victim_thread(beat, NULL);
	/* A thread is born with all signals blocked (glibc's start_thread). */
	while (!__atomic_load_n(&heartbeat->beats, __ATOMIC_SEQ_CST))
		usleep(1000);
}

void victim_ready(void)
{
	victim_say("ready %d", (int)getpid());
}

/* One line of stdin without its end; false at the end of the input. */
static bool read_line(char *line, size_t size)
{
	size_t n = 0;
	ssize_t r;

	for (;;) {
		r = read(STDIN_FILENO, line + n, 1);
		if (r < 0 && errno == EINTR) {
			victim_interrupted();
			continue;
		}
		if (r <= 0)
			return false;
		if (line[n] == '\n')
			break;
		if (n < size - 1)
			n++;
	}
	line[n] = '\0';
	return true;
}

static void open_file(const char *path)
{
	int fd = open(path, O_RDONLY);

	if (fd < 0 ||
	    mmap(NULL, 4096, PROT_READ, MAP_PRIVATE, fd, 0) == MAP_FAILED)
		die("cannot map", path);
	victim_say("opened");
}

/* False at "quit". */
static bool obey_line(const char *line, victim_command_fn command)
{
	if (!strcmp(line, "quit"))
		return false;
	if (!strcmp(line, "status")) {
		victim_say("status beats=%llu max_gap_us=%llu eintr=%llu "
			   "harmed=%s",
			   (unsigned long long)heartbeat->beats,
			   (unsigned long long)heartbeat->max_gap_us,
			   (unsigned long long)heartbeat->eintr,
			   heartbeat->harmed);
	} else if (!strcmp(line, "reset")) {
		heartbeat->max_gap_us = 0;
		victim_say("reset");
	} else if (!strncmp(line, "open ", strlen("open "))) {
		open_file(line + strlen("open "));
	} else if (!command || !command(line)) {
		victim_say("unknown command: %s", line);
	}
	return true;
}

void victim_obey(victim_command_fn command)
{
	static char line[LINE_SIZE];

	while (!reads_input) {
		if (pause() < 0)
			victim_interrupted();
	}
	while (read_line(line, sizeof(line)) && obey_line(line, command))
		;
}

bool victim_obey_now(victim_command_fn command)
{
	static char line[LINE_SIZE];
	static bool prepared;
	static size_t n;
	ssize_t r;
	char c;

	if (!prepared)
		fcntl(STDIN_FILENO, F_SETFL, O_RDONLY | O_NONBLOCK);
	prepared = true;
	while ((r = read(STDIN_FILENO, &c, 1)) == 1) {
		if (c != '\n') {
			if (n < sizeof(line) - 1)
				line[n++] = c;
			continue;
		}
		line[n] = '\0';
		n = 0;
		if (!obey_line(line, command))
			return false;
	}
	if (r < 0 && errno == EINTR)
		victim_interrupted();
	return r < 0;
}
