#include "base/monitor.h"

#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>

#include "base/cleanup.h"
#include "base/stop_signals.h"

void monitor_warn(const struct monitor *m, struct hs_error *err)
{
	if (err && m->warn)
		m->warn(m->arg, err);
	else
		hs_error_free(err);
}

void monitor_note(const struct monitor *m, const char *fmt, ...)
{
	_cleanup_free_ char *text = NULL;
	va_list ap;

	if (!m->note)
		return;
	va_start(ap, fmt);
	if (vasprintf(&text, fmt, ap) < 0)
		text = NULL;
	va_end(ap);
	if (text)
		m->note(m->arg, text);
}

void monitor_progress(const struct monitor *m, const char *fmt, ...)
{
	char text[256]; /* a line of a terminal; longer ones are cut */
	va_list ap;

	if (!m->progress)
		return;
	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	m->progress(m->arg, text);
}

void monitor_progress_end(const struct monitor *m)
{
	if (m->progress)
		m->progress(m->arg, NULL);
}

struct hs_error *monitor_check_stop(const struct monitor *m)
{
	return stop_signals_check(m->stop);
}
