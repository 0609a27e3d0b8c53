#include "heap/remarks.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/array.h"
#include "base/cleanup.h"

static struct hs_error *add(struct heap_profile *p, const char *text,
			    const char *hint)
{
	struct heap_remark *remark;
	struct hs_error *err;

	if (!ARRAY_GROW(p->remarks, p->remarks_cap, p->n_remarks + 1))
		return hs_error_nomem();
	remark = &p->remarks[p->n_remarks];
	err = intern_text(&p->strings, text, &remark->text);
	if (!err)
		err = intern_text(&p->strings, hint, &remark->hint);
	if (!err)
		p->n_remarks++;
	return err;
}

struct hs_error *heap_remark_add(struct heap_profile *p, const char *hint,
				 const char *fmt, ...)
{
	_cleanup_free_ char *text = NULL;
	va_list ap;
	int n;

	va_start(ap, fmt);
	n = vasprintf(&text, fmt, ap);
	va_end(ap);
	if (n < 0) {
		text = NULL;
		return hs_error_nomem();
	}
	return add(p, text, hint);
}

struct hs_error *heap_remarks_copy(struct heap_profile *p,
				   const struct heap_profile *from)
{
	struct hs_error *err = NULL;
	size_t i;

	for (i = 0; !err && i < from->n_remarks; i++)
		err = add(p, from->remarks[i].text, from->remarks[i].hint);
	return err;
}

void heap_remarks_warn(const struct heap_profile *p, const struct monitor *m)
{
	const struct heap_remark *remark;
	struct hs_error *err;
	size_t i;

	for (i = 0; i < p->n_remarks; i++) {
		remark = &p->remarks[i];
		err = hs_error_new(HS_ERROR_INPUT, "%s", remark->text);
		if (remark->hint)
			err = hs_error_hint(err, "%s", remark->hint);
		monitor_warn(m, err);
	}
}
