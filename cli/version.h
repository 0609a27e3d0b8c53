/**
 * @file version.h - the version of heapsnap.
 */
#ifndef CLI_VERSION_H
#define CLI_VERSION_H

/** As NEWS.md and the man page call it. */
#define HEAPSNAP_VERSION "0.1.0"

#endif
