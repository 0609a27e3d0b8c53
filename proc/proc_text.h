/**
 * @file proc_text.h - the text of a file below /proc, for its parser:
 *
 *	_cleanup_proc_text_ struct proc_text t;
 *	struct hs_error *err = proc_text_read(proc_path(pid, "limits"), &t);
 *
 *	return err ? err : limits_parse(t.s, t.len, t.path.text, ret);
 */
#ifndef PROC_PROC_TEXT_H
#define PROC_PROC_TEXT_H

#include <stddef.h>

#include "base/error.h"
#include "proc/proc_path.h"

struct proc_text {
	struct proc_path path; /* for messages */
	char *s;	       /* owned; NUL-terminated */
	size_t len;	       /* bytes, without the NUL */
};

/** Reads all of the file, as file_read_proc() does. *ret is to be released also
 *  after an error. */
struct hs_error *proc_text_read(struct proc_path path,
				struct proc_text *ret) hs_must_check;

void proc_text_release(struct proc_text *t);

#define _cleanup_proc_text_ __attribute__((cleanup(proc_text_release)))

#endif
