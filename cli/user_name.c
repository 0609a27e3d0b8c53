#include "cli/user_name.h"

#include <pwd.h>
#include <stdio.h>
#include <string.h>

const char user_names_source[] = "the system's name services";

struct hs_error *user_name(uid_t uid, char **ret)
{
	const struct passwd *pw = getpwuid(uid);

	if (pw)
		*ret = strdup(pw->pw_name);
	else if (asprintf(ret, "%u", (unsigned)uid) < 0)
		*ret = NULL;
	return *ret ? NULL : hs_error_nomem();
}
