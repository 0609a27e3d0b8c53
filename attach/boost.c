#include "attach/boost.h"

void boost_begin(struct boost *boost)
{
	const struct sched_param lowest = {
		.sched_priority = sched_get_priority_min(SCHED_RR)
	};

	if (boost->on)
		return;
	boost->policy = sched_getscheduler(0);
	if (boost->policy < 0 || sched_getparam(0, &boost->param))
		return;
	boost->on = !sched_setscheduler(0, SCHED_RR, &lowest);
}

void boost_end(struct boost *boost)
{
	if (boost->on)
		sched_setscheduler(0, boost->policy, &boost->param);
	boost->on = false;
}

bool boost_may_spin(void)
{
	int policy = sched_getscheduler(0);

	return policy != SCHED_FIFO && policy != SCHED_RR;
}
