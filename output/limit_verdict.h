/**
 * @file limit_verdict.h - what a limit on growth has to say of a report.
 */
#ifndef OUTPUT_LIMIT_VERDICT_H
#define OUTPUT_LIMIT_VERDICT_H

#include <stdbool.h>

/** Zero-initialised: there is no limit. */
struct limit_verdict {
	bool given;	   /* there is one */
	const char *above; /* the sentence that says that it was passed; NULL:
			      it was not. Borrowed. */
};

#endif
