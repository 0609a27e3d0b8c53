/**
 * @file list.h - writes the list of processes that use jemalloc.
 */
#ifndef OUTPUT_LIST_H
#define OUTPUT_LIST_H

#include <stddef.h>
#include <stdio.h>

#include "base/error.h"
#include "heap/process_row.h"
#include "output/text_options.h"

/** Writes it for people. All @rows have their user. An error of @f is
 * HS_ERROR_SYSTEM with its errno. */
struct hs_error *
list_text_write(FILE *f, const struct process_row *rows, size_t n,
		const struct text_options *options) hs_must_check;

/** Writes JSON, kind "list" of the schema "heapsnap/1". All @unread have their
 *  user, too. */
struct hs_error *list_json_write(FILE *f, const struct process_row *rows,
				 size_t n, const struct process_unread *unread,
				 size_t n_unread) hs_must_check;

#endif
