#include "base/pattern.h"

#include <stddef.h>

struct hs_error *pattern_compile(struct pattern *p, const char *name)
{
	char why[128];
	int rc;

	if (!p->text)
		return NULL;
	rc = regcomp(&p->compiled, p->text, REG_EXTENDED | REG_NOSUB);
	if (rc) {
		regerror(rc, &p->compiled, why, sizeof(why));
		return hs_error_new(HS_ERROR_USAGE, "invalid --%s '%s': %s",
				    name, p->text, why);
	}
	p->done = true;
	return NULL;
}

const regex_t *pattern_regex(const struct pattern *p)
{
	return p->done ? &p->compiled : NULL;
}

void pattern_release(struct pattern *p)
{
	if (p->done)
		regfree(&p->compiled);
	p->done = false;
}
