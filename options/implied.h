/**
 * @file implied.h - what is meant by a command line that names no command.
 *
 *	heapsnap 25861            heapsnap -p 25861
 *	heapsnap redis-server     heapsnap -p redis-server
 *	heapsnap a.heap           heapsnap report a.heap
 *	heapsnap a.heap b.heap    heapsnap diff a.heap b.heap
 */
#ifndef OPTIONS_IMPLIED_H
#define OPTIONS_IMPLIED_H

#include <stdbool.h>

#include "base/error.h"
#include "options/options.h"

/** Whether @word is a snapshot's file rather than a process: there is such a
 *  file that is no program, or it has the look of a path or of a profile's
 *  name; "-" is stdin. */
bool implied_is_file(const char *word);

/** Whether @option is -p or --pid, in any form. */
bool implied_gives_process(const char *option);

/** The command that argv[1..argc) is for when its first word is none: by how
 *  many files it has, if any, and no process. */
enum cli_command implied_command(int argc, char *const *argv);

/** HS_ERROR_USAGE for @name, which is no command, with the one that may have
 *  been meant. */
struct hs_error *implied_unknown_command(const char *name) hs_must_check;

/** Whether @name is nearly that of a command. */
bool implied_is_near_command(const char *name);

#endif
