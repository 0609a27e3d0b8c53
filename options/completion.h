/**
 * @file completion.h - scripts by which shells complete heapsnap's command
 * line.
 */
#ifndef OPTIONS_COMPLETION_H
#define OPTIONS_COMPLETION_H

#include <stdbool.h>

#include "base/strbuf.h"

/** Whether there is a script for it. */
bool completion_knows(const char *shell);

/** Appends the script for @shell, which completion_knows(). */
void completion_add(struct strbuf *sb, const char *shell);

#endif
