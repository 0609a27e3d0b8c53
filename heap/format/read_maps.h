/**
 * @file read_maps.h - reads the maps of a dump, which give names and no
 * numbers: nothing in them costs the report.
 *
 * Internal to heap/.
 */
#ifndef HEAP_FORMAT_READ_MAPS_H
#define HEAP_FORMAT_READ_MAPS_H

#include "base/error.h"
#include "heap/format/lines.h"
#include "heap/profile.h"

/** The line at @t->s is "MAPPED_LIBRARIES:" or "--- Memory map:". */
bool heap_maps_begin(const struct heap_text *t);

/** Reads from that line on up to the end, or our own lines, into @p->maps.
 * Lines that cannot be read are passed over, and a remark says so; an error is
 * what belongs to a dump and must not be passed over. Anonymous code that
 * stands exactly where a file's would be is taken for that file's. */
struct hs_error *heap_read_maps(struct heap_text *t,
				struct heap_profile *p) hs_must_check;

/** Calls heap_maps_order() for the maps of @p, read from file @name; a remark
 *  says where it is doubtful. */
struct hs_error *heap_maps_sort(struct heap_profile *p,
				const char *name) hs_must_check;

/** Adds the remark "NAME:LINE: @what", and how many more such lines there are,
 *  unless there is none. */
struct hs_error *heap_passed_remark(const struct heap_passed *passed,
				    struct heap_profile *p, const char *name,
				    const char *what,
				    const char *hint) hs_must_check;

#endif
