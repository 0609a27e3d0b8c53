/*
 * Two jemallocs in one process: the leaker's own, whose names begin with "je_"
 * and which profiles unless MALLOC_CONF says otherwise, and the one that this
 * program is started with in LD_PRELOAD.
 */

/* jemalloc(3), "TUNING": read before the environment. */
extern const char *je_malloc_conf;

const char *je_malloc_conf = "prof:true,lg_prof_sample:0";
