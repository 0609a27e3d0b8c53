/**
 * @file resolver.h - gives the locations of profiles their names.
 */
#ifndef NAMES_RESOLVER_H
#define NAMES_RESOLVER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "cli/options.h"
#include "heap/profile.h"

/** Where the files of a profile are. */
struct resolve_source {
	/** Opens the file of module @module of @p: *ret is the caller's,
	 *  close(2). *partly, NULL before, may become what to warn of. */
	struct hs_error *(*open_module)(void *arg, const struct heap_profile *p,
					uint32_t module, int *ret,
					struct hs_error **partly);
	/** Opens a file as the process sees it, see symbol_places.open; may be
	 *  NULL. */
	int (*open_path)(void *arg, const char *path);
	/** Opens the names that the process wrote of code that it made
	 *  (symbol/perf_map.h); *ret -1: it wrote none. May be NULL. */
	struct hs_error *(*open_perf_map)(void *arg, int *ret);
	void *arg; /* of all; borrowed */
	/* Of a profile that was not read from a file it knows the very files
	 * that are mapped, and what is in memory. */
	bool live;
};

/** What is at the modules' paths on this machine, or below --sysroot. Files
 *  that were deleted or replaced while they were mapped cannot be opened,
 *  unless their build-id is known (then symbol/ checks it). */
struct resolve_source resolve_from_disk(const struct cli_options *o);

/** @source is the process as it was when @p was taken, just now; it may well
 *  name profiles of earlier ones, too. */
bool resolve_is_live(const struct resolve_source *source,
		     const struct heap_profile *p);

struct resolver;

/** @o is borrowed while it lives. resolver_destroy(). */
struct hs_error *resolver_create(const struct cli_options *o,
				 const struct resolve_source *source,
				 struct resolver **ret) hs_must_check;

/** NULL is fine. */
void resolver_destroy(struct resolver *r);

static inline void cleanup_resolver(struct resolver **r)
{
	resolver_destroy(*r);
}

/** resolver_destroy()ed at the end of the scope. */
#define _cleanup_resolver_ __attribute__((cleanup(cleanup_resolver)))

/**
 * Names the locations of @p whose module has no named location yet, and tells
 * @p the build-ids and segments of their modules. Files that cannot be used
 * are warned of, once each, on stderr; their frames stay without names.
 */
struct hs_error *resolver_names(struct resolver *r,
				struct heap_profile *p) hs_must_check;

#endif
