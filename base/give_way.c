#include "base/give_way.h"

#include <sched.h>
#include <sys/resource.h>

void give_way(void)
{
	enum { NICE = 10 };
	const struct sched_param none = { 0 };

	(void)sched_setscheduler(0, SCHED_BATCH, &none);
	/* Of the calling thread: in Linux each has its own (setpriority(2), C
	 * library/kernel differences). */
	if (getpriority(PRIO_PROCESS, 0) < NICE)
		(void)setpriority(PRIO_PROCESS, 0, NICE);
}
