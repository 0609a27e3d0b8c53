#include "base/sigbus.h"

#include <signal.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/mman.h>
#include <unistd.h>

/* Set before the handler is, and never changed: sysconf(3) is not known to be
 * safe in one. */
static uintptr_t page_size;

/*
 * Puts a page of zeros where the file has none, and the read is tried again.
 * Only for pages that a file should fill (BUS_ADRERR; linux, mm/memory.c,
 * do_fault() gives VM_FAULT_SIGBUS for what lies beyond its end): memory that
 * failed is another matter (BUS_MCEERR_AR). Two threads may do so at once:
 * nobody wrote to the page, so either one will do.
 */
static void on_bus_error(int sig, siginfo_t *info, void *context)
{
	uintptr_t page = (uintptr_t)info->si_addr & ~(page_size - 1);

	(void)context;
	if (info->si_code == BUS_ADRERR &&
	    mmap((void *)page, page_size, PROT_READ,
		 MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0) != MAP_FAILED)
		return;
	/* Tried again, it ends us. */
	signal(sig, SIG_DFL);
}

void sigbus_survive(void)
{
	struct sigaction action = { .sa_sigaction = on_bus_error,
				    .sa_flags = SA_SIGINFO };

	page_size = (uintptr_t)sysconf(_SC_PAGESIZE);
	sigemptyset(&action.sa_mask);
	sigaction(SIGBUS, &action, NULL);
}
