/**
 * @file check_report.h - the result of `heapsnap check`: whether a process can
 * be snapshotted, and if not, why not.
 */
#ifndef HEAP_CHECK_REPORT_H
#define HEAP_CHECK_REPORT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum check_answer {
	CHECK_YES,
	CHECK_NO,	/* a run would fail here */
	CHECK_WARNING,	/* a run would do, but not as well */
	CHECK_NOT_KNOWN /* not checked because of another answer */
};

/** A condition of a snapshot. */
struct check_item {
	const char *name; /* "opt.prof"; static */
	enum check_answer answer;
	char *reason; /* owned; never NULL */
	char *remedy; /* owned; NULL: none is needed, or known */
};

/** A frame of a thread. All but the address is NULL or 0 until known. */
struct check_frame {
	uint64_t address; /* the PC, minus 1 for callers */
	char *function;	  /* owned; as it is shown */
	char *file;	  /* owned */
	uint32_t line;
	char *module;	 /* owned path; "[vdso]" and the like; "" anonymous;
			    NULL: nothing is mapped there */
	uint64_t offset; /* in the module's file; the address without module */
};

/** A thread at one moment. */
struct check_thread {
	int64_t tid;
	char name[64];
	char state;		/* as in proc(5) */
	int64_t syscall_number; /* it waits in; -1: none */
	const char *syscall;	/* static; NULL: none, or unknown */
	bool safe;		/* it could have been borrowed */
	char why_unsafe[160];	/* if not: "is inside jemalloc" */
	struct check_frame
		*inside;     /* owned; the evidence for that; NULL: none */
	bool sampled;	     /* it was stopped; frames are its stack */
	bool unwound;	     /* the frames are complete */
	const char *why_not; /* static: why they are not complete */
	struct check_frame *frames; /* owned; innermost first */
	size_t n_frames;
	unsigned look; /* 0: the first look at the threads */
};

/** A file with code. */
struct check_module {
	char *name;	/* owned: without its folder */
	char *build_id; /* owned: hex; NULL: none, or not known */
	char *version;	/* owned: of a glibc, "2.36"; NULL: not known */
};

/** What a snapshot makes in a process. */
enum check_change {
	CHANGE_HELPER_THREADS,
	CHANGE_BACKGROUND_THREADS, /* jemalloc's */
	CHANGE_ARENAS,		   /* jemalloc's */
	CHANGE_STACKS,		   /* that the C library keeps for others */
	CHANGE_RESIDENT,	   /* bytes */
	CHANGE_ADDRESSES,	   /* bytes */
	CHANGE_DESCRIPTORS,
	CHANGE_FILES, /* on a disk */
	CHANGE_COUNT
};

/** How many it makes; -1: not known. */
struct check_made {
	int64_t meanwhile; /* while the snapshot is taken */
	int64_t stays;	   /* of these, for good: the check has made them
			      already, and a snapshot after it makes no more */
};

/** Zero-initialised is an empty one. */
struct check_report {
	int64_t pid;
	const char *command;	  /* borrowed */
	struct check_item *items; /* owned; in the order a run meets them */
	size_t n_items, items_cap;
	bool ok;	  /* it can be snapshotted */
	int exit_status;  /* of heapsnap */
	bool attached;	  /* one of its threads was stopped */
	bool borrowed;	  /* and used, as no helper thread could be started */
	int64_t pause_us; /* the longest stop of any thread */
	char stopped_thread[64]; /* its name; "" unknown */
	int64_t stuck_tid;	 /* a thread stuck in a call of ours; 0: none */
	struct check_thread *threads; /* owned; when all were sampled */
	size_t n_threads;	      /* shown: of the first look */
	size_t n_looked;	      /* of all looks, one after the other */
	struct check_module *modules; /* owned */
	size_t n_modules, modules_cap;
	bool changes_known; /* it came so far as to make them */
	struct check_made changes[CHANGE_COUNT];
};

void check_report_release(struct check_report *r);

#endif
