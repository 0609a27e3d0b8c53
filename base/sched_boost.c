#include "base/sched_boost.h"

void sched_boost_begin(struct sched_boost *sched_boost)
{
	sched_boost_begin_helper(sched_boost, 0);
}

void sched_boost_begin_helper(struct sched_boost *sched_boost, pid_t tid)
{
	const struct sched_param lowest = {
		.sched_priority = sched_get_priority_min(SCHED_RR)
	};

	if (sched_boost->on)
		return;
	sched_boost->tid = tid;
	sched_boost->policy = sched_getscheduler(tid);
	if (sched_boost->policy < 0 || sched_getparam(tid, &sched_boost->param))
		return;
	sched_boost->on = !sched_setscheduler(tid, SCHED_RR, &lowest);
}

void sched_boost_end(struct sched_boost *sched_boost)
{
	if (sched_boost->on)
		sched_setscheduler(sched_boost->tid, sched_boost->policy,
				   &sched_boost->param);
	sched_boost->on = false;
}

bool sched_boost_may_spin(void)
{
	int policy = sched_getscheduler(0);

	return policy != SCHED_FIFO && policy != SCHED_RR;
}
