#include "cli/progress.h"

#include <poll.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/deadline.h"
#include "output/terminal.h"

enum { LEAST_GAP_US = 100000 };

static size_t width; /* of the terminal; 0: nobody sees it */
static bool shown;
static int64_t shown_at;

void progress_init(const struct cli_options *o)
{
	const char *term = getenv("TERM");

	if (!o->quiet && term && *term && strcmp(term, "dumb") != 0)
		width = terminal_width(STDERR_FILENO);
}

static bool takes_text(void)
{
	struct pollfd fd = { .fd = STDERR_FILENO, .events = POLLOUT };

	return poll(&fd, 1, 0) == 1 && fd.revents == POLLOUT;
}

static void show(const char *fmt, va_list ap) hs_printf(1, 0);

/* Returns the cursor, erases the line: ECMA-48, EL. */
static void show(const char *fmt, va_list ap)
{
	char text[256];

	if (!takes_text())
		return;
	vsnprintf(text, sizeof(text), fmt, ap);
	/* A full line would make some terminals go to the next one. */
	fprintf(stderr, "\r\033[Kheapsnap: %.*s",
		(int)(width - sizeof("heapsnap: ")), text);
	fflush(stderr);
	shown = true;
	shown_at = clock_us();
}

void progress_show(const char *fmt, ...)
{
	va_list ap;

	if (!width || (shown && clock_us() - shown_at < LEAST_GAP_US))
		return;
	va_start(ap, fmt);
	show(fmt, ap);
	va_end(ap);
}

void progress_force(const char *fmt, ...)
{
	va_list ap;

	if (!width)
		return;
	va_start(ap, fmt);
	show(fmt, ap);
	va_end(ap);
}

void progress_end(void)
{
	if (shown)
		fputs("\r\033[K", stderr);
	shown = false;
}
