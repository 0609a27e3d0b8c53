/**
 * @file maps_line.h - one line of the maps of a dump, in any of the forms that
 * programs write and tools leave behind.
 *
 * Internal to heap/.
 *
 *   7f3d-7f3e r-xp 00026000 fe:00 332835   /usr/lib/libc.so.6
 *       the kernel's; from gperftools also with "rw-- " and "r--- " for memory
 *       that is shared, on Windows with paths such as "C:\srv\server.exe"
 *   7f47a4b73000-7f47a4d21000: /lib/libc-2.15.so
 *   7f47a4b73000 7f47a4d21000 r-x /lib/libc-2.15.so (@1000) 1f2e3d4c
 *       jemalloc on macOS and "--- Memory map: ---": code, unless permissions
 *       say something else; with the offset and a build-id behind (pprof,
 *       legacy_profile.go, briefMapsRE)
 *   0x400000 0x401000 1 0 0xfffff800035a0000 r-x 2 1 0x1000 COW NC vnode PATH
 *       procfs of FreeBSD, with "NCH -1" or "CH UID" behind the path
 *
 * Numbers may begin with "0x"; blanks are spaces and tabs, as many as there
 * are; a log may have put "a.cc:12] " before the line.
 */
#ifndef HEAP_FORMAT_MAPS_LINE_H
#define HEAP_FORMAT_MAPS_LINE_H

#include <stdbool.h>

#include "base/words.h"
#include "proc/maps.h"

/** Parses @line, without its newline, into *ret, whose path is then @path, a
 *  part of @line: "" without a name, and with the kernel's " (deleted)".
 * *based: the line has no file offset, which counts from where the file's first
 * mapping begins. false: no mapping. */
bool heap_maps_line(struct word line, struct mapping *ret, struct word *path,
		    bool *based);

/** Addresses in @m are offsets in a file: it has the name of one, of any
 *  system, not "[heap]" or "anon_inode:x". */
bool heap_maps_has_file(const struct mapping *m);

#endif
