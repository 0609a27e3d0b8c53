/**
 * @file input_order.h - puts dumps into the order in which they were written.
 *
 * A shell sorts a.10.heap before a.9.heap, and dumps of several processes one
 * process after the other.
 */
#ifndef HEAP_INPUT_ORDER_H
#define HEAP_INPUT_ORDER_H

#include "base/error.h"
#include "base/monitor.h"
#include "heap/inputs.h"

/**
 * Of a trend, three and more: sorts the order by the time in the files or, when
 * one does not tell it, by the sequence in their names (heap/dump_name.h).
 * Profiles of several processes are no trend, which is an error (HS_ERROR_USAGE)
 * unless they lived one after the other. Two are left as they are.
 *
 * Warns when they were written in another order than that: by their names or,
 * where these do not tell it, by when the files were last changed.
 */
struct hs_error *heap_inputs_order(struct heap_inputs *inputs,
				   const struct monitor *monitor) hs_must_check;

#endif
