#include "mallctl/profiling_off.h"

#include "base/cleanup.h"
#include "mallctl/values.h"

/* src/jemalloc.c, malloc_conf_init(): the environment variable, the symbolic
 * link and the program's symbol all have the prefix. */
static struct hs_error *is_off(const struct jemalloc *je, const char *variable)
{
	struct hs_error *err;

	err = hs_error_new(HS_ERROR_NO_PROFILE,
			   "profiling is not on in its jemalloc");
	return hs_error_hint(
		err,
		"it can only be turned on at start: set "
		"%s=prof:true,lg_prof_sample:19 in its environment (or link "
		"/etc/%smalloc.conf to that text, or compile it into the "
		"program as const char *%smalloc_conf); 19, one sample every "
		"512 KiB, is the default and costs next to nothing",
		variable, je->prefix, je->prefix);
}

static struct hs_error *not_built(const char *version)
{
	struct hs_error *err;

	err = hs_error_new(HS_ERROR_NO_PROFILE,
			   "its jemalloc, version %s, was built without "
			   "profiling",
			   version ? version : "unknown");
	return hs_error_hint(err, "link one that was configured with "
				  "--enable-prof, as Debian's libjemalloc2 is, "
				  "and start the program with "
				  "MALLOC_CONF=prof:true");
}

struct hs_error *profiling_off_why(struct session *s, const char *version,
				   struct hs_error **why)
{
	_cleanup_free_ char *variable = NULL;
	int config_prof, opt_prof;
	struct hs_error *err;

	*why = NULL;
	err = jemalloc_conf_variable(s->jemalloc, &variable);
	if (!err)
		err = mallctl_get_flag(s, "config.prof", &config_prof);
	if (!err)
		err = mallctl_get_flag(s, "opt.prof", &opt_prof);
	if (err)
		return err;
	if (config_prof != 1)
		*why = not_built(version);
	else if (opt_prof != 1)
		*why = is_off(s->jemalloc, variable);
	return NULL;
}

struct hs_error *profiling_off_dump_hook(struct session *s,
					 struct hs_error **why)
{
	struct hs_error *err;
	int64_t hook;

	*why = NULL;
	err = mallctl_get_size(s, &hook, "experimental.hooks.prof_dump");
	if (!err && hook != 0 && hook != -1)
		*why = hs_error_new(HS_ERROR_UNPROFILED,
				    "it has a prof_dump hook, which a snapshot "
				    "would call");
	return err;
}
