/*
 * Runtimes whose functions have no names: told by their modules, or by Python's
 * loop, from a tenth of the bytes on; with the words that say what to do.
 */
#include "heap/runtime.h"

#include <stdio.h>

#include "base/array.h"
#include "base/strbuf.h"
#include "heap/hints.h"
#include "output/hint_text.h"
#include "tests/unit/heap_read.h"
#include "tests/unit/hs_check.h"

/* 90 KiB from a file's code below code without a file, and 10 KiB from the
 * file's alone. */
#define DUMP(path)                                                      \
	"heap_v2/1\n  t*: 2: 102400 [0: 0]\n"                           \
	"@ 0x1001 0x5001 0x1101\n  t*: 1: 92160 [0: 0]\n"               \
	"@ 0x1001 0x1101\n  t*: 1: 10240 [0: 0]\n\nMAPPED_LIBRARIES:\n" \
	"1000-2000 r-xp 0 fe:00 1 " path "\n5000-6000 rwxp 0 00:00 0 \n"

/* The same through Python's loop; @through names a frame within it. */
#define PYTHON(through, objects)                                    \
	"--- symbol\nbinary=/usr/bin/python3\n0x1001 " through "\n" \
	"0x1200 _PyEval_EvalFrameDefault\n---\n"                    \
	"heap_v2/1\n  t*: " objects ": 102400 [0: 0]\n"             \
	"@ 0x1001 0x1201\n  t*: " objects ": 102400 [0: 0]\n"

#define PASSES "% of what is live passes through functions of "
#define JAVASCRIPT                                                   \
	"90" PASSES "JavaScript,\nwhich have no names here: 'node "  \
	"--perf-basic-prof' writes them, with\n"                     \
	"--interpreted-frames-native-stack also those that are not " \
	"compiled."
#define RUBY                                                               \
	"90" PASSES "Ruby, which have\nno names here: 'ruby --yjit-perf' " \
	"writes those that are compiled (3.3 and\nlater)."
#define OF_PYTHON                                                      \
	"100" PASSES "Python, which\nhave no names here: 'python3 -X " \
	"perf' writes them (3.12 and later)."

static const struct {
	const char *text, *want; /* want NULL: nothing */
} cases[] = {
	{ DUMP("/srv/app"), NULL },
	{ DUMP("/srv/node-exporter"), NULL },
	{ DUMP("/srv/nodes"), NULL },
	{ DUMP("/usr/lib/jvm/lib/server/libjvm.so"),
	  "90" PASSES "the JVM, which\nhave no names here: 'jcmd PID "
	  "Compiler.perfmap' just before a snapshot\nwrites them (Java 17 and "
	  "later)." },
	{ DUMP("/usr/bin/node"), JAVASCRIPT },
	{ DUMP("/usr/lib/libnode.so.108"), JAVASCRIPT },
	{ DUMP("/usr/lib/libruby-3.3.so.3.3"), RUBY },
	{ DUMP("/usr/bin/ruby3.3"), RUBY },
	{ DUMP("/usr/share/dotnet/libcoreclr.so"),
	  "90" PASSES ".NET, which have\nno names here: "
	  "DOTNET_PerfMapEnabled=1 in its environment writes them." },
	/* Of 1 KiB each: those of up to 512 bytes are not malloc's. */
	{ PYTHON("PyObject_Malloc", "100"),
	  OF_PYTHON "\nObjects of up to 512 bytes are in Python's own arenas, "
		    "not in malloc:\nPYTHONMALLOC=malloc shows them, too." },
	{ PYTHON("PyObject_Malloc", "1000"), OF_PYTHON },
	{ PYTHON("py::main:/srv/app.py", "100"), NULL },
};

START_TEST(each)
{
	struct heap_hint hints[HEAP_HINTS_MAX];
	struct heap_profile p;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(cases); i++) {
		_cleanup_strbuf_ struct strbuf sb = { 0 };

		hs_ck_ok(heap_read(cases[i].text, strlen(cases[i].text),
				   "x.heap", &p));
		ck_assert_msg(heap_hints(&p, hints) == (cases[i].want != NULL),
			      "case %zu", i);
		if (cases[i].want) {
			ck_assert_int_eq(hints[0].kind, HEAP_HINT_RUNTIME);
			hint_text_add(&sb, &hints[0], &p, UNITS_IEC);
			ck_assert_str_eq(strbuf_str(&sb), cases[i].want);
		}
		heap_profile_release(&p);
	}
}
END_TEST

/* Of a live process its number is in the line to type. Less than a tenth is no
 * reason to say anything. */
START_TEST(number_and_share)
{
	static const char little[] =
		"heap_v2/1\n  t*: 2: 1000 [0: 0]\n"
		"@ 0x1001 0x5001\n  t*: 1: 99 [0: 0]\n"
		"@ 0x1001 0x1101\n  t*: 1: 901 [0: 0]\n\nMAPPED_LIBRARIES:\n"
		"1000-2000 r-xp 0 fe:00 1 /usr/bin/node\n"
		"5000-6000 rwxp 0 00:00 0 \n";
	static const char java[] = DUMP(
		"/lib/libjvm.so") "# heapsnap 1\n# heapsnap pid 4711\n# heapsnap end\n";
	_cleanup_strbuf_ struct strbuf sb = { 0 };
	struct heap_hint hints[HEAP_HINTS_MAX];
	struct heap_profile p;

	hs_ck_ok(heap_read(little, strlen(little), "x.heap", &p));
	ck_assert_uint_eq(heap_hints(&p, hints), 0);
	heap_profile_release(&p);
	hs_ck_ok(heap_read(java, strlen(java), "x.heap", &p));
	ck_assert_uint_eq(heap_hints(&p, hints), 1);
	hint_text_add(&sb, &hints[0], &p, UNITS_IEC);
	ck_assert_ptr_nonnull(
		strstr(strbuf_str(&sb), "'jcmd 4711 Compiler.perfmap'"));
	heap_profile_release(&p);
}
END_TEST

int main(void)
{
	return hs_check_run("heap/runtime", each, number_and_share);
}
