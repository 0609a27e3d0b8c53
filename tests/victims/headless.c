/*
 * A program whose main thread ends by pthread_exit(3) when the process gets
 * SIGUSR1; another one lives on, until SIGUSR2 makes it exit(3) with status 7.
 */
#include <signal.h>
#include <stdlib.h>
#include <unistd.h>

#include "tests/victims/victim.h"

static volatile sig_atomic_t listening;

static void *outlive_main(void *arg)
{
	int number = 0;

	listening = 1;
	sigwait(arg, &number);
	exit(7);
}

int main(int argc, char **argv)
{
	static sigset_t first, last;
	int number = 0;

	sigemptyset(&first);
	sigaddset(&first, SIGUSR1);
	sigemptyset(&last);
	sigaddset(&last, SIGUSR2);
	sigprocmask(SIG_BLOCK, &first, NULL);
	sigprocmask(SIG_BLOCK, &last, NULL);
	victim_begin(argc, argv, NULL);
	victim_thread(outlive_main, &last);
	while (!listening)
		usleep(1000);
	victim_ready();
	sigwait(&first, &number);
	pthread_exit(NULL);
}
