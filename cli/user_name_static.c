/*
 * getpwuid(3) loads the libraries that nsswitch.conf(5) names, those of the
 * very glibc that a static program was linked with: on another system they
 * crash it. The file is read as it is; names that only a directory server has
 * stay numbers.
 */
#include "cli/user_name.h"

#include <pwd.h>
#include <stdio.h>
#include <string.h>

#include "base/cleanup.h"

const char user_names_source[] = "/etc/passwd only (static program)";

struct hs_error *user_name(uid_t uid, char **ret)
{
	_cleanup_fclose_ FILE *f = fopen("/etc/passwd", "re");
	const struct passwd *pw = NULL;

	while (f && (pw = fgetpwent(f)) && pw->pw_uid != uid)
		;
	if (pw)
		*ret = strdup(pw->pw_name);
	else if (asprintf(ret, "%u", (unsigned)uid) < 0)
		*ret = NULL;
	return *ret ? NULL : hs_error_nomem();
}
