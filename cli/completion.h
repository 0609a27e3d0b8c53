/**
 * @file completion.h - heapsnap's command line, as shells complete it.
 */
#ifndef CLI_COMPLETION_H
#define CLI_COMPLETION_H

#include <stdbool.h>

#include "base/strbuf.h"

/** Appends the script for @shell: "bash", "zsh" or "fish". false, and nothing
 *  added, for others. */
bool completion_add(struct strbuf *sb, const char *shell);

#endif
