/**
 * @file dump_reader.h - reads a dump while jemalloc writes it, and gives back
 * the memory of what has been read: the target's file stays small.
 *
 * What is read comes by read(2), once: the target can write to the file all the
 * time.
 */
#ifndef MALLCTL_DUMP_READER_H
#define MALLCTL_DUMP_READER_H

#include <stdbool.h>
#include <stdint.h>

#include "base/error.h"
#include "base/spool.h"

struct dump_reader {
	int fd; /* ours, of the target's memfd or file; borrowed */
	bool is_memfd;
	bool punches; /* its memory can be given back */
	bool made;    /* pages of the memfd, ahead of jemalloc */
	int64_t most; /* bytes that are taken */
	struct spool *to;
	int64_t written; /* bytes, as jemalloc's writes returned */
	int64_t drained;
	int64_t seen; /* of what is written, by dump_reader_progressed() */
	/* Owned: the first reason why what was read is not the dump. */
	struct hs_error *damage;
	bool refuses; /* no more is wanted */
};

/** jemalloc has opened the memfd, and emptied it. */
void dump_reader_begin(struct dump_reader *r);

/** A write(2) of @len bytes to the dump ended with @result. *drained: the bytes
 *  were read. After an error, and beyond @most, what the target writes uses no
 *  memory any more, of ours or of its own, and r->damage says why. */
void dump_reader_note(struct dump_reader *r, uint64_t len, int64_t result,
		      bool *drained);

/** Reads the rest. Takes r->damage, if there is one. */
struct hs_error *dump_reader_end(struct dump_reader *r) hs_must_check;

/** It has written more since this was last asked, which is wanted. */
bool dump_reader_progressed(struct dump_reader *r);

/** The most that is taken of a dump without the user's word: 4 GiB, or a
 * quarter of the memory that this machine has left if that is less. Bytes. */
int64_t dump_reader_most(void);

#endif
