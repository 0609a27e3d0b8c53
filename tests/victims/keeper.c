/*
 * It waits for input with a lock that the allocator needs, which nobody can
 * see: that of the shim it is started with (shim.c).
 *
 *	--keeps first	the thread that waits for input has the lock
 *	--keeps other	another one, which gives it back at SIGUSR1
 */
#include <dlfcn.h>
#include <errno.h>
#include <signal.h>
#include <string.h>
#include <unistd.h>

#include "tests/victims/victim.h"

static pthread_mutex_t *lock;
static bool by_other;
static int kept;
static volatile sig_atomic_t signalled;

static void note_signal(int signo)
{
	(void)signo;
	signalled = 1;
}

static void *keep(void *arg)
{
	(void)arg;
	pthread_mutex_lock(lock);
	__atomic_store_n(&kept, 1, __ATOMIC_SEQ_CST);
	while (!signalled)
		pause();
	pthread_mutex_unlock(lock);
	for (;;)
		pause();
	return NULL;
}

/* Nobody else takes the signal. */
static void start_keeping(const sigset_t *mask)
{
	sigset_t all;

	pthread_sigmask(SIG_SETMASK, mask, &all);
	victim_thread(keep, NULL);
	pthread_sigmask(SIG_SETMASK, &all, NULL);
}

static bool option(const char *name, const char *value)
{
	if (strcmp(name, "--keeps"))
		return false;
	by_other = !strcmp(value, "other");
	return true;
}

int main(int argc, char **argv)
{
	sigset_t set, before;

	signal(SIGUSR1, note_signal);
	sigemptyset(&set);
	sigaddset(&set, SIGUSR1);
	pthread_sigmask(SIG_BLOCK, &set, &before);
	victim_begin(argc, argv, option);
	lock = dlsym(RTLD_DEFAULT, "shim_lock");
	if (!lock)
		return 2;
	if (!by_other)
		pthread_mutex_lock(lock);
	else
		start_keeping(&before);
	while (by_other && !__atomic_load_n(&kept, __ATOMIC_SEQ_CST))
		usleep(1000);
	victim_ready();
	victim_obey(NULL);
	if (!by_other)
		pthread_mutex_unlock(lock);
	return 0;
}
