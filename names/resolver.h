/**
 * @file resolver.h - gives the locations of profiles their names.
 */
#ifndef NAMES_RESOLVER_H
#define NAMES_RESOLVER_H

#include "base/error.h"
#include "base/file_source.h"
#include "heap/profile.h"
#include "names/options.h"

struct resolver;

/** Borrows what @options and @source point to until resolver_destroy(). */
struct hs_error *resolver_create(const struct names_options *options,
				 const struct file_source *source,
				 struct resolver **ret) hs_must_check;

/** NULL is fine. */
void resolver_destroy(struct resolver *r);

static inline void cleanup_resolver(struct resolver **r)
{
	resolver_destroy(*r);
}

/** Calls resolver_destroy() at the end of the scope. */
#define _cleanup_resolver_ __attribute__((cleanup(cleanup_resolver)))

/**
 * Names the locations of @p whose module has no named location yet, and sets
 * the build-ids and segments of their modules. Warns of files that cannot be
 * used, once each; their frames stay without names. When the source is the
 * process, and @p was taken just now (it has no file yet), it also names JIT
 * code.
 */
struct hs_error *resolver_names(struct resolver *r,
				struct heap_profile *p) hs_must_check;

#endif
