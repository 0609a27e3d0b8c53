#include "attach/pace.h"

#include "base/deadline.h"

enum {
	PACE_SHARE = 50,      /* one part in so many: 2% of the thread's time */
	PACE_CREDIT_US = 200, /* may be taken before it is paid for */
};

void pace_spend(struct pace *pace, int64_t us)
{
	int64_t from = clock_us() - PACE_CREDIT_US * PACE_SHARE;

	if (pace->free_at < from)
		pace->free_at = from;
	pace->free_at += us * PACE_SHARE;
}

int64_t pace_left(const struct pace *pace)
{
	int64_t left = pace->free_at - clock_us();

	return left > 0 ? left : 0;
}
