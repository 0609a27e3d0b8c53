/**
 * @file sample.h - counts what is in use, and looks at some of each size class.
 */
#ifndef CONTENTS_SAMPLE_H
#define CONTENTS_SAMPLE_H

#include <stddef.h>

#include "base/error.h"
#include "base/monitor.h"
#include "contents/graph_live.h"
#include "contents/surroundings.h"
#include "heap/contents.h"
#include "target/heap_regions.h"

/** Makes the classes of @c: of @now and, in what came and went, of @before
 *  (NULL: nothing was looked at before). */
struct hs_error *sample_classes(const struct heap_regions *before,
				const struct heap_regions *now,
				struct heap_contents *c) hs_must_check;

struct sample_options {
	const struct surroundings *around; /* borrowed */
	size_t most; /* regions of a class that are looked at, at least 2 */
	const struct monitor *monitor;	/* borrowed */
	const struct graph_live *reach; /* borrowed; NULL: it is not known */
};

/** Looks at regions of each class of @c, which sample_classes() made of the
 *  same two: at all of them, or at as many as @options say, any of them with
 * the same chance. Makes the types. */
struct hs_error *sample_types(const struct heap_regions *before,
			      const struct heap_regions *now,
			      const struct sample_options *options,
			      struct heap_contents *c) hs_must_check;

#endif
