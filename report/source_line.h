/**
 * @file source_line.h - reads lines of source of this machine for reports.
 */
#ifndef REPORT_SOURCE_LINE_H
#define REPORT_SOURCE_LINE_H

#include "output/text_options.h"

/** Reads absolute paths of regular files that did not change since the
 *  snapshot: another text would be shown as the one that was compiled. */
extern const struct source_reader disk_source_reader;

#endif
