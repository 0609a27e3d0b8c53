#include "snap/series.h"

#include <stdlib.h>

#include "base/array.h"
#include "base/cleanup.h"
#include "cli/report.h"

void series_release(struct series *s)
{
	size_t i;

	for (i = 0; i < s->n; i++)
		heap_profile_release(&s->profiles[i]);
	free(s->profiles);
	*s = (struct series){ 0 };
}

struct hs_error *series_add(struct series *s, struct heap_profile *profile)
{
	if (!ARRAY_GROW(s->profiles, s->cap, s->n + 1))
		return hs_error_nomem();
	s->profiles[s->n++] = *profile;
	heap_profile_init(profile);
	return NULL;
}

const struct heap_profile *series_last(const struct series *s)
{
	return &s->profiles[s->n - 1];
}

struct hs_error *series_report(const struct series *s,
			       const struct cli_options *o)
{
	_cleanup_free_ const struct heap_profile **profiles = NULL;
	size_t i;

	if (s->n == 1)
		return cli_report_one(&s->profiles[0], o);
	profiles = calloc(s->n, sizeof(const struct heap_profile *));
	if (!profiles)
		return hs_error_nomem();
	for (i = 0; i < s->n; i++)
		profiles[i] = &s->profiles[i];
	return cli_report_several(profiles, s->n, o);
}
