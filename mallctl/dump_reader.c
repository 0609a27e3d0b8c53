#include "mallctl/dump_reader.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <unistd.h>

#include "base/units.h"
#include "proc/meminfo.h"

enum {
	/* jemalloc writes blocks of 64 KiB. */
	DRAIN_AT = 256 << 10,
	DRAIN_PART = 64 << 10,
	/* Until it is drained a block more is written, which begins within a
	 * page. */
	MAKE_AHEAD = DRAIN_AT + (128 << 10),
};

/* A page of a memfd is charged to the memory control group of who makes it
 * (mm/shmem.c, shmem_alloc_and_add_folio()): we make them, so that the dump is
 * not charged to a service that may be at its limit. What cannot be made is
 * made by jemalloc's writes. Beyond the end of the file, which stays that of
 * the dump; what is not used goes with the memfd. */
static void make_pages(struct dump_reader *r)
{
	r->made = !fallocate(r->fd, FALLOC_FL_KEEP_SIZE, r->written & ~4095ll,
			     MAKE_AHEAD);
}

void dump_reader_begin(struct dump_reader *r)
{
	if (r->is_memfd && !r->made)
		make_pages(r);
}

/* Punching gives back whole pages only; the part of a page goes with the next
 * hole or with the file. */
static struct hs_error *punch(const struct dump_reader *r, int64_t from)
{
	const int64_t start = from & ~(int64_t)4095;

	if (!r->punches || r->drained == from ||
	    !fallocate(r->fd, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, start,
		       r->drained - start))
		return NULL;
	return hs_error_sys(HS_ERROR_SYSTEM, errno,
			    "cannot give back the dump's memory");
}

static struct hs_error *drain(struct dump_reader *r)
{
	char part[DRAIN_PART];
	int64_t from = r->drained;
	struct hs_error *err;

	while (r->drained < r->written) {
		ssize_t n = pread(r->fd, part, sizeof(part), r->drained);

		if (n <= 0)
			return hs_error_sys(HS_ERROR_SYSTEM, n ? errno : EIO,
					    "cannot read the dump of the "
					    "target");
		err = spool_add(r->to, part, (size_t)n);
		if (err)
			return err;
		r->drained += n;
	}
	err = punch(r, from);
	if (!err && r->made)
		make_pages(r);
	return err;
}

static void damaged(struct dump_reader *r, struct hs_error *err)
{
	if (r->damage)
		hs_error_free(err);
	else
		r->damage = err;
}

/* What is there is given back, and what was made ahead. A file cannot be
 * sealed: it is emptied as it comes. */
static void throw_away(struct dump_reader *r)
{
	r->drained = r->written;
	if (r->punches)
		fallocate(r->fd, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, 0,
			  INT64_MAX & ~4095ll);
}

/* Nothing more is wanted: a memfd takes nothing more, and jemalloc, which
 * ignores writes that fail (src/prof_sys.c), comes to its end. */
static void refuse(struct dump_reader *r, struct hs_error *why)
{
	damaged(r, why);
	r->refuses = true;
	if (r->is_memfd)
		fcntl(r->fd, F_ADD_SEALS, F_SEAL_GROW);
	throw_away(r);
	spool_release(r->to);
}

static struct hs_error *too_large(const struct dump_reader *r)
{
	_cleanup_strbuf_ struct strbuf size = { 0 };

	units_add_bytes(&size, r->most, false, UNITS_IEC);
	return hs_error_hint(hs_error_new(HS_ERROR_SYSTEM,
					  "its dump is larger than %s, the "
					  "most that is taken",
					  strbuf_str(&size)),
			     "--max-dump takes a larger one");
}

void dump_reader_note(struct dump_reader *r, uint64_t len, int64_t result,
		      bool *drained)
{
	struct hs_error *err;

	*drained = false;
	if (result > 0)
		r->written += result;
	if (r->refuses) {
		throw_away(r);
		return;
	}
	/* The first failure has the cause; thousands may follow. */
	if (result < 0)
		damaged(r, hs_error_sys(HS_ERROR_SYSTEM, (int)-result,
					"the target cannot write its dump"));
	else if ((uint64_t)result < len)
		damaged(r, hs_error_new(HS_ERROR_SYSTEM,
					"the target wrote only %" PRId64
					" of %" PRIu64 " bytes of its dump",
					result, len));
	if (r->written > r->most) {
		refuse(r, too_large(r));
		return;
	}
	if (r->written - r->drained < DRAIN_AT)
		return;
	err = drain(r);
	*drained = !err;
	if (err)
		refuse(r, err);
}

struct hs_error *dump_reader_end(struct dump_reader *r)
{
	struct hs_error *err = r->damage;

	r->damage = NULL;
	return err || r->refuses ? err : drain(r);
}

bool dump_reader_progressed(struct dump_reader *r)
{
	bool more = r->written > r->seen;

	r->seen = r->written;
	return more && !r->refuses;
}

int64_t dump_reader_most(void)
{
	const uint64_t most = (uint64_t)4 << 30;
	const uint64_t part = meminfo_available() / 4;

	return (int64_t)(part && part < most ? part : most);
}
