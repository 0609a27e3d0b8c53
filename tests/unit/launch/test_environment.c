/* launch/environment: what is there is added to, and stays in force. */
#include "launch/environment.h"

#include <string.h>

#include "tests/unit/hs_check.h"

static const char *value(char **environment, const char *name)
{
	const size_t len = strlen(name);

	for (; *environment; environment++)
		if (!strncmp(*environment, name, len) &&
		    (*environment)[len] == '=')
			return *environment + len + 1;
	return "none";
}

static const struct launch_settings plain = { .folder = "/tmp/f",
					      .preload = "/lib/je.so",
					      .lg_sample = -1 };

START_TEST(of_nothing)
{
	char home[] = "HOME=/root", *const environment[] = { home, NULL };
	char **ret;

	hs_ck_ok(launch_environment(environment, &plain, &ret));
	ck_assert_str_eq(ret[0], "HOME=/root");
	ck_assert_str_eq(value(ret, "LD_PRELOAD"), "/lib/je.so");
	ck_assert_str_eq(value(ret, "MALLOC_CONF"),
			 "lg_prof_sample:0,prof:true,prof_active:true,"
			 "prof_thread_active_init:true,prof_final:true,"
			 "prof_prefix:/tmp/f/MALLOC_CONF");
	ck_assert_ptr_nonnull(strstr(value(ret, "JE_MALLOC_CONF"),
				     ",prof_prefix:/tmp/f/JE_MALLOC_CONF"));
	ck_assert_ptr_nonnull(strstr(value(ret, "_RJEM_MALLOC_CONF"),
				     ",prof_prefix:/tmp/f/_RJEM_MALLOC_CONF"));
	launch_environment_free(ret);
}
END_TEST

START_TEST(of_the_user)
{
	char preload[] = "LD_PRELOAD=/lib/x.so";
	char conf[] = "MALLOC_CONF=lg_prof_sample:9,prof:false";
	char *const environment[] = { preload, conf, NULL };
	struct launch_settings settings = plain;
	char **ret;

	settings.lg_sample = 19;
	settings.accumulate = true;
	hs_ck_ok(launch_environment(environment, &settings, &ret));
	ck_assert_str_eq(value(ret, "LD_PRELOAD"), "/lib/je.so:/lib/x.so");
	ck_assert_str_eq(
		value(ret, "MALLOC_CONF"),
		"lg_prof_sample:0,lg_prof_sample:9,prof:false,prof:true,"
		"prof_active:true,prof_thread_active_init:true,prof_final:true,"
		"lg_prof_sample:19,prof_accum:true,"
		"prof_prefix:/tmp/f/MALLOC_CONF");
	launch_environment_free(ret);
}
END_TEST

START_TEST(preloaded_already)
{
	char preload[] = "LD_PRELOAD=/opt/libjemalloc.so.2";
	char *const environment[] = { preload, NULL };
	char **ret;

	hs_ck_ok(launch_environment(environment, &plain, &ret));
	ck_assert_str_eq(value(ret, "LD_PRELOAD"), "/opt/libjemalloc.so.2");
	launch_environment_free(ret);
}
END_TEST

START_TEST(another_prefix)
{
	char *const environment[] = { NULL };
	struct launch_settings settings = plain;
	char **ret;

	settings.preload = NULL;
	settings.variable = "MY_MALLOC_CONF";
	hs_ck_ok(launch_environment(environment, &settings, &ret));
	ck_assert_str_eq(value(ret, "LD_PRELOAD"), "none");
	ck_assert_ptr_nonnull(strstr(value(ret, "MY_MALLOC_CONF"),
				     ",prof_prefix:/tmp/f/MY_MALLOC_CONF"));
	launch_environment_free(ret);
}
END_TEST

int main(void)
{
	return hs_check_run("launch/environment", of_nothing, of_the_user,
			    preloaded_already, another_prefix);
}
