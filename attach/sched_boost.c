#include "attach/sched_boost.h"

void boost_begin(struct boost *boost)
{
	boost_begin_guest(boost, 0);
}

void boost_begin_guest(struct boost *boost, pid_t tid)
{
	const struct sched_param lowest = {
		.sched_priority = sched_get_priority_min(SCHED_RR)
	};

	if (boost->on)
		return;
	boost->tid = tid;
	boost->policy = sched_getscheduler(tid);
	if (boost->policy < 0 || sched_getparam(tid, &boost->param))
		return;
	boost->on = !sched_setscheduler(tid, SCHED_RR, &lowest);
}

void boost_end(struct boost *boost)
{
	if (boost->on)
		sched_setscheduler(boost->tid, boost->policy, &boost->param);
	boost->on = false;
}

bool boost_may_spin(void)
{
	int policy = sched_getscheduler(0);

	return policy != SCHED_FIFO && policy != SCHED_RR;
}
