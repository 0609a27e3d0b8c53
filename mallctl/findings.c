#include "mallctl/findings.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/array.h"

/* @reason and @remedy are taken. */
static struct hs_error *add_item(struct check *check, const char *name,
				 enum check_answer answer, char *reason,
				 char *remedy)
{
	struct check_report *r = &check->report;

	if (!reason || !ARRAY_GROW(r->items, r->items_cap, r->n_items + 1)) {
		free(reason);
		free(remedy);
		return hs_error_nomem();
	}
	r->items[r->n_items++] =
		(struct check_item){ name, answer, reason, remedy };
	return NULL;
}

struct hs_error *check_add(struct check *check, const char *name,
			   enum check_answer answer, const char *fmt, ...)
{
	char *reason = NULL;
	va_list ap;

	va_start(ap, fmt);
	if (vasprintf(&reason, fmt, ap) < 0)
		reason = NULL;
	va_end(ap);
	return add_item(check, name, answer, reason, NULL);
}

/* Message and hint of @why, which stays the caller's. */
static struct hs_error *add_why(struct check *check, const char *name,
				enum check_answer answer,
				const struct hs_error *why)
{
	const char *hint = hs_error_hint_text(why);
	char *remedy = hint ? strdup(hint) : NULL;

	if (hint && !remedy)
		return hs_error_nomem();
	return add_item(check, name, answer, strdup(hs_error_message(why)),
			remedy);
}

struct hs_error *check_add_no(struct check *check, const char *name,
			      struct hs_error *why)
{
	struct hs_error *err;

	if (hs_error_code(why) == HS_ERROR_NOMEM ||
	    hs_error_code(why) == HS_ERROR_INTERRUPTED)
		return why;
	err = add_why(check, name, CHECK_NO, why);
	if (check->verdict)
		hs_error_free(why);
	else
		check->verdict = why;
	return err;
}

struct hs_error *check_add_warning(struct check *check, const char *name,
				   struct hs_error *why)
{
	struct hs_error *err = add_why(check, name, CHECK_WARNING, why);

	hs_error_free(why);
	return err;
}

void check_release(struct check *check)
{
	check_report_release(&check->report);
	maps_release(&check->maps);
	hs_error_free(check->verdict);
	*check = (struct check){ 0 };
}
