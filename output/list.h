/**
 * @file list.h - processes that use jemalloc.
 */
#ifndef OUTPUT_LIST_H
#define OUTPUT_LIST_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "base/error.h"
#include "output/text.h"

/** A jemalloc in a process. */
struct list_row {
	int64_t pid;
	const char *user; /* its name, or number */
	const char *command;
	const char *module;    /* path of the file that jemalloc is in */
	const char *linkage;   /* "shared", "static", "preloaded" */
	const char *prefix;    /* of its functions: "", "je_", ... */
	const char *version;   /* NULL: not known */
	const char *profiling; /* "on", "inactive", "off"; NULL: not known */
	int64_t rss;
};

/** For people. An error of @f is HS_ERROR_SYSTEM with its errno. */
struct hs_error *
list_text_write(FILE *f, const struct list_row *rows, size_t n,
		const struct text_options *options) hs_must_check;

/** Kind "list" of the schema "heapsnap/1". */
struct hs_error *list_json_write(FILE *f, const struct list_row *rows,
				 size_t n) hs_must_check;

#endif
