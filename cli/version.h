/**
 * @file version.h - the version of heapsnap.
 */
#ifndef CLI_VERSION_H
#define CLI_VERSION_H

#include "base/strbuf.h"

/** What `git describe' says of the last tag, without its v; where there is
 *  none, what NEWS.md calls the version that is being made. */
extern const char heapsnap_version[];

/** Adds what `--version' prints; @verbose: and a line for each thing that is
 *  not the same in every build. */
void version_add(struct strbuf *sb, bool verbose);

#endif
