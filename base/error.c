#include "base/error.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct hs_error {
	enum hs_error_code code;
	int errnum;
	char *message; /* owned, never NULL */
	char *hint;    /* owned, may be NULL */
};

static char nomem_message[] = "out of memory";

static struct hs_error nomem = {
	.code = HS_ERROR_NOMEM,
	.message = nomem_message,
};

struct hs_error *hs_error_nomem(void)
{
	return &nomem;
}

void hs_error_free(struct hs_error *err)
{
	if (!err || err == &nomem)
		return;
	free(err->message);
	free(err->hint);
	free(err);
}

static struct hs_error *error_create(enum hs_error_code code, int errnum,
				     char *message)
{
	struct hs_error *err;

	if (!message)
		return &nomem;
	err = calloc(1, sizeof(*err));
	if (!err) {
		free(message);
		return &nomem;
	}
	err->code = code;
	err->errnum = errnum;
	err->message = message;
	return err;
}

struct hs_error *hs_error_new(enum hs_error_code code, const char *fmt, ...)
{
	char *message;
	va_list ap;

	va_start(ap, fmt);
	if (vasprintf(&message, fmt, ap) < 0)
		message = NULL;
	va_end(ap);
	return error_create(code, 0, message);
}

struct hs_error *hs_error_sys(enum hs_error_code code, int errnum,
			      const char *fmt, ...)
{
	char *text, *message;
	va_list ap;

	va_start(ap, fmt);
	if (vasprintf(&text, fmt, ap) < 0)
		text = NULL;
	va_end(ap);
	if (!text)
		return &nomem;
	if (asprintf(&message, "%s: %s", text, strerror(errnum)) < 0)
		message = NULL;
	free(text);
	return error_create(code, errnum, message);
}

struct hs_error *hs_error_wrap(struct hs_error *err, const char *fmt, ...)
{
	char *text, *message;
	va_list ap;

	if (!err || err == &nomem)
		return err;
	va_start(ap, fmt);
	if (vasprintf(&text, fmt, ap) < 0)
		text = NULL;
	va_end(ap);
	if (!text)
		return err;
	if (asprintf(&message, "%s: %s", text, err->message) >= 0) {
		free(err->message);
		err->message = message;
	}
	free(text);
	return err;
}

struct hs_error *hs_error_hint(struct hs_error *err, const char *fmt, ...)
{
	va_list ap;

	if (!err || err == &nomem || err->hint)
		return err;
	va_start(ap, fmt);
	if (vasprintf(&err->hint, fmt, ap) < 0)
		err->hint = NULL;
	va_end(ap);
	return err;
}

struct hs_error *hs_error_drop_hint(struct hs_error *err)
{
	if (!err || err == &nomem)
		return err;
	free(err->hint);
	err->hint = NULL;
	return err;
}

struct hs_error *hs_error_join(struct hs_error *err, struct hs_error *more)
{
	char *message;

	if (!err)
		return more;
	if (!more)
		return err;
	if (err != &nomem && asprintf(&message, "%s; also: %s", err->message,
				      more->message) >= 0) {
		free(err->message);
		err->message = message;
	}
	hs_error_free(more);
	return err;
}

struct hs_error *hs_error_recode(struct hs_error *err, enum hs_error_code code)
{
	if (err && err != &nomem)
		err->code = code;
	return err;
}

enum hs_error_code hs_error_code(const struct hs_error *err)
{
	return err->code;
}

int hs_error_errno(const struct hs_error *err)
{
	return err->errnum;
}

const char *hs_error_message(const struct hs_error *err)
{
	return err->message;
}

const char *hs_error_hint_text(const struct hs_error *err)
{
	return err->hint;
}
