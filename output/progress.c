#include "output/progress.h"

#include <poll.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/deadline.h"
#include "output/terminal.h"

enum { LEAST_GAP_US = 100000 };

void progress_init(struct progress *p, FILE *f)
{
	const char *term = getenv("TERM");

	p->f = f;
	if (term && *term && strcmp(term, "dumb") != 0)
		p->width = terminal_width(fileno(f));
}

static bool takes_text(const struct progress *p)
{
	struct pollfd fd = { .fd = fileno(p->f), .events = POLLOUT };

	return poll(&fd, 1, 0) == 1 && fd.revents == POLLOUT;
}

static void show(struct progress *p, const char *fmt, va_list ap)
	hs_printf(2, 0);

/* Returns the cursor, erases the line: ECMA-48, EL. */
static void show(struct progress *p, const char *fmt, va_list ap)
{
	char text[256];

	if (!takes_text(p))
		return;
	vsnprintf(text, sizeof(text), fmt, ap);
	/* A full line would make some terminals go to the next one. */
	fprintf(p->f, "\r\033[Kheapsnap: %.*s",
		(int)(p->width - sizeof("heapsnap: ")), text);
	fflush(p->f);
	p->shown = true;
	p->shown_at = clock_us();
}

void progress_show(struct progress *p, const char *fmt, ...)
{
	va_list ap;

	if (!p->width || (p->shown && clock_us() - p->shown_at < LEAST_GAP_US))
		return;
	va_start(ap, fmt);
	show(p, fmt, ap);
	va_end(ap);
}

void progress_force(struct progress *p, const char *fmt, ...)
{
	va_list ap;

	if (!p->width)
		return;
	va_start(ap, fmt);
	show(p, fmt, ap);
	va_end(ap);
}

void progress_end(struct progress *p)
{
	if (p->shown)
		fputs("\r\033[K", p->f);
	p->shown = false;
}
