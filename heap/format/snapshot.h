/**
 * @file snapshot.h - snapshot files: jemalloc's dump, verbatim, then lines that
 * begin with "# heapsnap ". jeprof ignores those.
 *
 *   # heapsnap 1                       version of the format; the first line
 *   # heapsnap KEY VALUE               a fact of struct heap_meta
 *   # heapsnap memory KIND MAPPINGS SIZE RSS SWAP PATH
 *   # heapsnap class SIZE REGIONS
 *   # heapsnap samples STACK N MEDIAN OLDEST LOOKED-AT OF-TYPE TYPE
 *   # heapsnap module N BUILD-ID ALLOCATOR SEGMENTS PATH
 *   # heapsnap other-code ADDRESS
 *   # heapsnap name ADDRESS FUNCTION FILE LINE INLINED
 *   # heapsnap end                     the last line: nothing was cut off
 *
 * Words are separated by one space and escaped (escape_word() in
 * base/escape.h): "\x20" is a space, "\e" the empty string. "-" is unknown, and
 * a string that is really "-" is written "\-".
 *
 * KEY: pid, command, command-line, hostname, taken-at (ISO 8601), taken-at-us
 * (microseconds since the epoch), start-time (of the process, clock ticks since
 * boot), jemalloc-version, mode, borrowed-tid, pause-us, dump-us, dump-bytes,
 * allocated, active, metadata, resident, mapped, retained, rss (bytes),
 * dirty, muzzy, tcache, owned (bytes), limit-X and used-X with X memory-max,
 * memory-high, as, data, machine (bytes, struct heap_limit), prof-active,
 * prof-accum, opt-prof-active, prof-thread-active-init, large-classes (0 or 1),
 * page, large-allocated, large-most, large-least (bytes; heap/large_sizes.h).
 * What is not known has no line. Files of 0.1 have "host" for hostname and
 * "host-tid" for borrowed-tid, which are read as well.
 *
 * memory: the mappings of the process, summed up by KIND (of enum
 * heap_memory_kind) and PATH: their number, and bytes of address space, in
 * memory, and swapped out. PATH "-": no file, or several.
 *
 * class: how many regions of SIZE bytes jemalloc has handed out or keeps in
 * thread caches, all arenas together, exactly. Ascending by SIZE; classes
 * without regions have no line. As of an "epoch" right before the dump.
 *
 * samples: of N sampled allocations of a stack that were in use: the median age
 * and the oldest, in milliseconds ("-": jemalloc keeps no times), how many were
 * looked at, and of these how many were of TYPE, that of most ("-": of none
 * with a name). STACK counts the stacks of the dump from 0, one that is
 * repeated as the first. Ascending by STACK; a stack whose samples were not
 * found has no line.
 *
 * module: N counts the modules from 0, as in struct heap_profile: those in
 * which stacks have addresses, ascending by the lowest of these. PATH repeats
 * the path of the maps. ALLOCATOR is 1 when the module contains jemalloc, else
 * 0. SEGMENTS: how file offsets become addresses in the file's own terms, as
 * "OFFSET+SIZE@ADDRESS" in 0x... numbers, separated by commas.
 *
 * other-code: the maps have ADDRESS within the code of a file, where a program
 * may have moved it (struct mapping, moved), but its bytes were others: it is
 * in no module.
 *
 * name: ADDRESS (0x...), here and above, is a lookup address of the stacks: the
 * leaf's as in the dump, a caller's less 1. The names of one address follow
 * each other, innermost first; INLINED is 1 when the function was inlined into
 * the next one, else 0. LINE is 0 when not known.
 *
 * Within a version keys may be added, and a reader ignores unknown ones; a
 * change that an old reader would misunderstand makes a new version, which old
 * readers reject.
 */
#ifndef HEAP_FORMAT_SNAPSHOT_H
#define HEAP_FORMAT_SNAPSHOT_H

#include <stdbool.h>
#include <stddef.h>

#include "base/error.h"
#include "base/strbuf.h"
#include "heap/profile.h"

/**
 * Writes the dump @text[0..len) (whole, with its MAPPED_LIBRARIES) and what @p
 * (read from it, completed with metadata, modules and names) has beside it, to
 * @path: created with mode 0600 under a temporary name in the same folder, then
 * renamed. Replaces a file @path; anything else of that name (a device, a link)
 * is an error.
 */
struct hs_error *
heap_snapshot_write(const char *path, const char *text, size_t len,
		    const struct heap_profile *p) hs_must_check;

/** The same with what heap_snapshot_lines() made of the profile. */
struct hs_error *
heap_snapshot_write_lines(const char *path, const char *text, size_t len,
			  const struct strbuf *lines) hs_must_check;

/** Removes the "# heapsnap" lines of @text[0..len), a dump that comes from a
 *  process: ours go behind it, and it could forge some. How many bytes are
 *  left. */
size_t heap_snapshot_drop_lines(char *text, size_t len);

/** Appends the "# heapsnap" lines alone to @sb. */
void heap_snapshot_lines(struct strbuf *sb, const struct heap_profile *p);

/** The progress of parsing the lines of one file; zero at first. */
struct heap_snapshot_parser {
	bool begun, ended;
};

/** @text[0..len) begins with a "# heapsnap" line. */
bool heap_snapshot_is_line(const char *text, size_t len);

/** Parses one such line, @line[0..len) without the newline, into @p, whose
 *  stacks and modules are complete. Errors do not name file and line. */
struct hs_error *heap_snapshot_parse_line(struct heap_snapshot_parser *parser,
					  struct heap_profile *p,
					  const char *line,
					  size_t len) hs_must_check;

#endif
