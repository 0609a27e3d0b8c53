/**
 * @file sampled_types.h - what the sampled allocations of each stack are, by
 * their first words. Internal to sampled_find.c.
 */
#ifndef CONTENTS_SAMPLED_TYPES_H
#define CONTENTS_SAMPLED_TYPES_H

#include "base/demangle_style.h"
#include "base/error.h"
#include "contents/sampled.h"
#include "proc/identity.h"
#include "proc/maps.h"

/** Makes @s->types, whose allocations are sorted: those of the stacks with most
 *  of them first, as long as there is time. */
struct hs_error *sampled_types_find(const struct identity *id,
				    enum demangle_style demangle,
				    const struct maps *maps,
				    struct sampled_reader *reader,
				    struct sampled *s) hs_must_check;

#endif
