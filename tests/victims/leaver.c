/*
 * leaver WORD...: leaves memory that is never freed, and ends in the way it is
 * told to. Without jemalloc. The words are done in order:
 *
 *	leak		leak_test() leaks 4,096 blocks of 1,024 bytes
 *	few		leak_few() leaks 10 blocks of 100 bytes
 *	once		leak_once() leaks a block of 5,000 bytes
 *	write		8,192 blocks of 256 bytes, which it writes to
 *	threads		64 threads leak 64 blocks of 256 bytes each
 *	fork		a child leaks 200 blocks of 64 bytes, and exits
 *	daemon		goes on in the background, as daemon(3) does
 *	ready PID	says so
 *	read		reads a line, and says it
 *	wait		waits for a signal
 *	stop		stops itself
 *	exec WORD...	becomes that program
 *	exit N, _exit N	ends
 *	abort, segv	ends
 *	kill NAME	kills itself: TERM, KILL
 */
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

static void *volatile kept;

static __attribute__((noinline)) void leak_test(void)
{
	int i;

	for (i = 0; i < 4096; i++)
		kept = malloc(1024);
}

static __attribute__((noinline)) void leak_few(void)
{
	int i;

	for (i = 0; i < 10; i++)
		kept = malloc(100);
}

static __attribute__((noinline)) void leak_once(void)
{
	kept = malloc(5000);
}

static __attribute__((noinline)) void leak_written(void)
{
	int i;

	for (i = 0; i < 8192; i++) {
		kept = malloc(256);
		memset(kept, i, 256);
	}
}

static void *thread_leak(void *arg)
{
	int i;

	for (i = 0; i < 64; i++)
		kept = malloc(256);
	return arg;
}

static void run_threads(void)
{
	pthread_t threads[64];
	size_t i;

	for (i = 0; i < 64; i++)
		if (pthread_create(&threads[i], NULL, thread_leak, NULL))
			exit(99);
	for (i = 0; i < 64; i++)
		pthread_join(threads[i], NULL);
}

static __attribute__((noinline)) void leak_child(void)
{
	int i;

	for (i = 0; i < 200; i++)
		kept = malloc(64);
}

static void run_child(void)
{
	pid_t pid = fork();

	if (pid == 0) {
		leak_child();
		exit(0);
	}
	waitpid(pid, NULL, 0);
}

static void read_line(void)
{
	char line[256];

	if (fgets(line, sizeof(line), stdin))
		printf("read %s", line);
	fflush(stdout);
}

static const struct {
	const char *word;
	void (*fn)(void);
} simple[] = {
	{ "few", leak_few },	    { "once", leak_once },
	{ "threads", run_threads }, { "fork", run_child },
	{ "read", read_line },	    { "abort", abort },
	{ "write", leak_written },
};

static int run_simple(const char *word)
{
	size_t i;

	for (i = 0; i < sizeof(simple) / sizeof(simple[0]); i++)
		if (strcmp(word, simple[i].word) == 0) {
			simple[i].fn();
			return 1;
		}
	return 0;
}

static int number(const char *word)
{
	return word ? (int)strtol(word, NULL, 10) : 0;
}

/* What has a word behind it; 0: it is none of these. */
static int run_with(const char *word, char **next)
{
	if (strcmp(word, "exit") == 0)
		exit(number(*next));
	if (strcmp(word, "_exit") == 0)
		_exit(number(*next));
	if (strcmp(word, "exec") == 0) {
		execv(*next, next);
		exit(98);
	}
	if (strcmp(word, "kill") == 0)
		raise(strcmp(*next, "KILL") == 0 ? SIGKILL : SIGTERM);
	return 0;
}

int main(int argc, char **argv)
{
	int i;

	for (i = 1; i < argc; i++) {
		const char *word = argv[i];

		if (strcmp(word, "leak") == 0) {
			leak_test();
			continue;
		}
		if (run_simple(word) || run_with(word, argv + i + 1))
			continue;
		if (strcmp(word, "ready") == 0) {
			printf("ready %d\n", (int)getpid());
			fflush(stdout);
		} else if (strcmp(word, "wait") == 0) {
			pause();
		} else if (strcmp(word, "stop") == 0) {
			raise(SIGSTOP);
		} else if (strcmp(word, "segv") == 0) {
			*(volatile int *)8 = 1;
		} else if (strcmp(word, "daemon") == 0) {
			if (daemon(1, 1))
				return 97;
		} else {
			return 96;
		}
	}
	return 0;
}
