#include "cli/errors.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/escape.h"
#include "base/strbuf.h"
#include "cli/signals.h"
#include "output/progress.h"

static struct progress line;
static int without_errors = EXIT_OK; /* the exit status then */

void errors_begin(const struct cli_options *o)
{
	if (!o->quiet)
		progress_init(&line, stderr);
}

struct progress *errors_progress(void)
{
	return &line;
}

/* One write(2) a message, so that lines of several programs do not mix. */
static void say(const char *what, const char *message)
{
	_cleanup_strbuf_ struct strbuf sb = { 0 };

	progress_end(&line);
	strbuf_adds(&sb, "heapsnap: ");
	strbuf_adds(&sb, what);
	escape_terminal(&sb, message, strlen(message));
	strbuf_addc(&sb, '\n');
	fputs(sb.failed ? "heapsnap: out of memory\n" : strbuf_str(&sb),
	      stderr);
}

int errors_status(const struct hs_error *err)
{
	switch (hs_error_code(err)) {
	case HS_ERROR_USAGE:
	case HS_ERROR_INPUT:
	case HS_ERROR_NOT_FOUND:
		return EXIT_USAGE;
	case HS_ERROR_UNPROFILED:
	case HS_ERROR_NO_PROFILE:
		return EXIT_UNPROFILED;
	case HS_ERROR_DENIED:
	case HS_ERROR_GONE:
		return EXIT_DENIED;
	case HS_ERROR_UNSAFE:
	case HS_ERROR_TIMEOUT:
		return EXIT_UNSAFE;
	case HS_ERROR_GREW:
		return EXIT_GREW;
	case HS_ERROR_INTERRUPTED:
		return signals_last() ? 128 + signals_last() : EXIT_UNSAFE;
	case HS_ERROR_NOMEM:
	case HS_ERROR_SYSTEM:
		break;
	}
	return EXIT_OUTPUT;
}

static void print(const char *what, const struct hs_error *err)
{
	say(what, hs_error_message(err));
	if (hs_error_hint_text(err))
		say("hint: ", hs_error_hint_text(err));
}

int errors_end(struct hs_error *err)
{
	int status;

	if (!err)
		return without_errors;
	status = errors_status(err);
	/* Who closed the pipe has seen enough: "heapsnap ... | head". */
	if (!(hs_error_code(err) == HS_ERROR_SYSTEM &&
	      hs_error_errno(err) == EPIPE))
		print("", err);
	hs_error_free(err);
	return status;
}

void errors_exit_with(int status)
{
	without_errors = status;
}

void errors_note(const struct cli_options *o, const char *fmt, ...)
{
	_cleanup_free_ char *text = NULL;
	va_list ap;
	int n;

	if (o->quiet)
		return;
	va_start(ap, fmt);
	n = vasprintf(&text, fmt, ap);
	va_end(ap);
	if (n < 0)
		text = NULL;
	else
		say("", text);
}

static void warn(void *arg, struct hs_error *err)
{
	(void)arg;
	print("warning: ", err);
	hs_error_free(err);
}

static void note(void *arg, const char *text)
{
	(void)arg;
	say("", text);
}

static void show_progress(void *arg, const char *text)
{
	(void)arg;
	if (text)
		progress_show(&line, "%s", text);
	else
		progress_end(&line);
}

struct monitor errors_monitor(const struct cli_options *o)
{
	return (struct monitor){
		.warn = o->quiet ? NULL : warn,
		.note = o->quiet ? NULL : note,
		.progress = line.width ? show_progress : NULL,
		.stop = signals_stop(),
	};
}
