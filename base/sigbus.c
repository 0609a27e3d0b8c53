#include "base/sigbus.h"

#include <signal.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/mman.h>
#include <unistd.h>

/*
 * Puts a page of zeros where the file has none, and the read is tried again.
 * Only for pages that a file should fill (BUS_ADRERR; linux, mm/memory.c,
 * do_fault() gives VM_FAULT_SIGBUS for what lies beyond its end): memory that
 * failed is another matter (BUS_MCEERR_AR). Two threads may do so at once:
 * nobody wrote to the page, so either one will do. getpagesize(2) is fine in a
 * handler, as glibc only loads what the auxiliary vector had; sysconf(3) is not
 * known to be.
 */
static void on_bus_error(int sig, siginfo_t *info, void *context)
{
	size_t size = (size_t)getpagesize();
	uintptr_t page = (uintptr_t)info->si_addr & ~(uintptr_t)(size - 1);

	(void)context;
	if (info->si_code == BUS_ADRERR &&
	    mmap((void *)page, size, PROT_READ,
		 MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0) != MAP_FAILED)
		return;
	/* Tried again, it ends us. */
	signal(sig, SIG_DFL);
}

void sigbus_survive(void)
{
	struct sigaction action = { .sa_sigaction = on_bus_error,
				    .sa_flags = SA_SIGINFO };

	sigemptyset(&action.sa_mask);
	sigaction(SIGBUS, &action, NULL);
}
