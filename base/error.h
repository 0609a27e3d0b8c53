/**
 * @file error.h - errors as values.
 *
 * A function that can fail returns a struct hs_error pointer: NULL is success.
 * The caller owns a returned error and either passes it up (mostly wrapped
 * with what it was doing) or frees it. Only cli/ prints errors or exits.
 *
 * A message reads from the outside in: "cannot snapshot process 42: cannot
 * attach: Operation not permitted"; a hint says what to do next. Messages are
 * lower case, without full stop, with the subject in single quotes.
 */
#ifndef BASE_ERROR_H
#define BASE_ERROR_H

#define hs_must_check __attribute__((warn_unused_result))
#define hs_printf(fmt, args) __attribute__((format(printf, fmt, args)))

/** What kind of failure it was; cli/ turns it into an exit status. */
enum hs_error_code {
	HS_ERROR_NOMEM,	      /* out of memory */
	HS_ERROR_SYSTEM,      /* the operating system or the output failed */
	HS_ERROR_USAGE,	      /* the command line is wrong */
	HS_ERROR_INPUT,	      /* a file cannot be read or is damaged */
	HS_ERROR_NOT_FOUND,   /* something that was searched for is not there */
	HS_ERROR_UNPROFILED,  /* the target has no jemalloc that can be
				 called */
	HS_ERROR_NO_PROFILE,  /* it has one, which does not profile */
	HS_ERROR_DENIED,      /* the target cannot be attached to */
	HS_ERROR_GONE,	      /* the target ended meanwhile */
	HS_ERROR_UNSAFE,      /* no safe moment was found; target untouched */
	HS_ERROR_TIMEOUT,     /* a deadline passed */
	HS_ERROR_INTERRUPTED, /* a signal asked us to stop */
	HS_ERROR_GREW,	      /* more than the user allows */
};

struct hs_error;

/** A new error. Never returns NULL: without memory it is the static
 *  out-of-memory error. */
struct hs_error *hs_error_new(enum hs_error_code code, const char *fmt, ...)
	hs_printf(2, 3) hs_must_check;

/** A new error of a system call; @errnum is errno, read at once by the caller.
 *  Appends ": " and its text to the message. */
struct hs_error *hs_error_sys(enum hs_error_code code, int errnum,
			      const char *fmt, ...)
	hs_printf(3, 4) hs_must_check;

/** The out-of-memory error: static, hs_error_free() ignores it. */
struct hs_error *hs_error_nomem(void) hs_must_check;

/** Puts "<text>: " before the message of @err. Takes @err and gives it back;
 *  NULL stays NULL. */
struct hs_error *hs_error_wrap(struct hs_error *err, const char *fmt, ...)
	hs_printf(2, 3) hs_must_check;

/** Sets what the user can do about it, unless it has a hint already. Takes @err
 *  and gives it back; NULL stays NULL. */
struct hs_error *hs_error_hint(struct hs_error *err, const char *fmt, ...)
	hs_printf(2, 3) hs_must_check;

/** Takes the hint away, for a caller that knows a better one. Takes @err and
 *  gives it back; NULL stays NULL. */
struct hs_error *hs_error_drop_hint(struct hs_error *err) hs_must_check;

/** Keeps the first of two errors and adds the second's message to it
 *  ("...; also: ..."). Takes both. For undo steps that fail as well. */
struct hs_error *hs_error_join(struct hs_error *err,
			       struct hs_error *more) hs_must_check;

/** Gives the error another code. Takes @err and gives it back. */
struct hs_error *hs_error_recode(struct hs_error *err,
				 enum hs_error_code code) hs_must_check;

enum hs_error_code hs_error_code(const struct hs_error *err);

/** errno of the system call that failed, or 0. */
int hs_error_errno(const struct hs_error *err);

/** Valid until @err is freed or wrapped. */
const char *hs_error_message(const struct hs_error *err);

/** NULL when there is none. Valid until @err is freed. */
const char *hs_error_hint_text(const struct hs_error *err);

/** NULL is fine. */
void hs_error_free(struct hs_error *err);

#endif
