#include "snap/samples.h"

#include <sys/prctl.h>

static int set_dumpable(int dumpable)
{
	return prctl(PR_SET_DUMPABLE, dumpable, 0, 0, 0);
}

struct hs_error *snap_samples_look(const struct sampled_options *options,
				   struct sampled *ret)
{
	/* What is read of the process is its users' data. */
	const int was = prctl(PR_GET_DUMPABLE, 0, 0, 0, 0);
	const bool hidden = !set_dumpable(0);
	struct sampled_options o = *options;
	struct hs_error *err;

	o.no_types |= !hidden;
	err = sampled_look(&o, ret);
	if (was == 1)
		(void)set_dumpable(was);
	return err;
}
