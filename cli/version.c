#include "cli/version.h"

#include <gnu/libc-version.h>

#include "cli/user_name.h"
#include "symbol/debuginfod.h"

const char heapsnap_version[] = HEAPSNAP_VERSION;

void version_add(struct strbuf *sb, bool verbose)
{
	strbuf_addf(sb, "heapsnap %s\n", heapsnap_version);
	if (!verbose)
		return;
	strbuf_addf(sb, "compiler:   %s\n", __VERSION__);
	strbuf_addf(sb, "libc:       glibc %s\n", gnu_get_libc_version());
	strbuf_addf(sb, "debuginfod: %s\n", debuginfod_support);
	strbuf_addf(sb, "user names: %s\n", user_names_source);
}
