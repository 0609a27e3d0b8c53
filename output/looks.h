/**
 * @file looks.h - what frames show, each once, and what follows from it.
 */
#ifndef OUTPUT_LOOKS_H
#define OUTPUT_LOOKS_H

#include "base/error.h"
#include "base/hash_index.h"
#include "output/function_names.h"
#include "output/rows.h"

/** State for the time while frames are made. */
struct looks {
	struct rows *rows;		    /* borrowed: gets the looks */
	const struct rows_options *options; /* borrowed */
	struct hash_index index;	    /* of rows.looks */
	struct function_names names;
};

void looks_init(struct looks *l, struct rows *rows,
		const struct rows_options *options);

void looks_release(struct looks *l);

/** The look that is like @like in what a profile says of a frame. */
struct hs_error *looks_find(struct looks *l, const struct row_look *like,
			    const struct row_look **ret) hs_must_check;

#endif
