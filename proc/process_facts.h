/**
 * @file process_facts.h - what decides from outside whether a process can be
 * attached to: kernel, security modules, limits.
 */
#ifndef PROC_PROCESS_FACTS_H
#define PROC_PROCESS_FACTS_H

#include <sys/types.h>

#include "base/strbuf.h"

/**
 * Adds lines "NAME: VALUE" to @sb: the kernel, this machine's security modules
 * and their settings; of process @pid its seccomp mode, capabilities, security
 * label and limits. What cannot be read is "not known". Nothing of what the
 * process works on: no arguments, environment or memory. The text is not
 * escaped.
 */
void process_facts_add(struct strbuf *sb, pid_t pid);

#endif
