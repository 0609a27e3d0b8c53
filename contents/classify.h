/**
 * @file classify.h - what a region is: the first rule of a table that says so.
 */
#ifndef CONTENTS_CLASSIFY_H
#define CONTENTS_CLASSIFY_H

#include "contents/known.h"
#include "contents/region.h"

/** Appends the name of @r's type. Without memory k->failed. */
enum contents_kind classify(struct known *k, const struct region *r,
			    struct strbuf *name);

#endif
