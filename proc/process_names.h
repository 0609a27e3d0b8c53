/**
 * @file process_names.h - finds processes by what people call them.
 */
#ifndef PROC_PROCESS_NAMES_H
#define PROC_PROCESS_NAMES_H

#include <stdbool.h>
#include <sys/types.h>

#include "base/error.h"
#include "proc/children.h"

/**
 * Adds to @list, in the order of /proc, the processes whose name is @name: that
 * of /proc/PID/comm, of the file they run, or of the first word of their
 * command line, without its folder. This process is none of them, and neither
 * is a zombie. What may not be read counts as another name.
 */
struct hs_error *process_names_find(const char *name,
				    struct pid_list *list) hs_must_check;

/** The same for the second word of the command line: the script that an
 *  interpreter runs. */
struct hs_error *process_names_find_script(const char *name,
					   struct pid_list *list) hs_must_check;

/** Whether @word can be a container's id: 12 hexadecimal digits or more, as
 *  docker ps and crictl ps print them. */
bool process_names_is_container(const char *word);

/** The same for processes of the container with the id @id, or one that begins
 *  so: their control group has it in its path, cgroups(7). */
struct hs_error *
process_names_find_container(const char *id,
			     struct pid_list *list) hs_must_check;

#endif
