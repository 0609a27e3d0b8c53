#include "heap/default_suppressions.h"

/*
 * None of these frames is below a function of the program that could free what
 * they allocate. ld.so's are named by its file, too, whose inner functions have
 * no names where it is stripped: what is below is what it allocates, for
 * threads' own variables among others, and what shared libraries do while they
 * are loaded, such as the memory that libstdc++ keeps for exceptions when no
 * other is left (libsupc++/eh_alloc.cc).
 */
static const char rules[] = "leak:/ld-linux\n"
			    "leak:/ld-2.\n"
			    "leak:^_dl_init$\n"
			    "leak:^_dl_allocate_tls$\n"
			    /* streams that are not closed: their buffers */
			    "leak:^_IO_file_doallocate$\n"
			    "leak:^_IO_wfile_doallocate$\n"
			    "leak:^__GI__IO_file_doallocate$\n"
			    /* locale */
			    "leak:^setlocale$\n"
			    "leak:^__GI_setlocale$\n"
			    "leak:^newlocale$\n"
			    "leak:^_nl_\n"
			    "leak:^bindtextdomain$\n"
			    "leak:^textdomain$\n"
			    "leak:^__dcigettext$\n"
			    "leak:^__gconv_\n"
			    "leak:^std::locale::\n"
			    "leak:^std::ios_base::Init::Init\n"
			    /* time zone, exit handlers, environment, names of
			     * users and hosts */
			    "leak:^tzset_internal$\n"
			    "leak:^__tzfile_read$\n"
			    "leak:^__new_exitfn$\n"
			    "leak:^__add_to_environ$\n"
			    "leak:^__nss_\n"
			    "leak:^_nss_\n"
			    "leak:^__res_\n";

struct hs_error *heap_default_suppressions(struct heap_suppressions *s)
{
	return heap_suppressions_parse(s, rules, sizeof(rules) - 1,
				       "built-in rules");
}
