/**
 * @file sample_names.h - the names in tests/data/searchd-*.heap for people:
 * what reports show does not depend on who makes them.
 */
#ifndef TESTS_UNIT_SAMPLE_NAMES_H
#define TESTS_UNIT_SAMPLE_NAMES_H

#include <string.h>

#include "base/array.h"
#include "base/demangle_style.h"

/** A demangle_writer. */
static inline void sample_name(struct strbuf *sb, const char *name,
			       enum demangle_style style)
{
	/* In the order of their styles. */
	static const char *const names[][2] = {
		{ "core::ops::function::FnOnce::call_once",
		  "core::ops::function::FnOnce::call_once" },
		{ "index::shared::Postings::merge",
		  "index::shared::Postings::merge" },
		{ "search::Cache::put",
		  "search::Cache::put(std::__cxx11::basic_string<char, "
		  "std::char_traits<char>, std::allocator<char> > const&, "
		  "search::Entry)" },
		{ "search::Server::handle_keepalive",
		  "search::Server::handle_keepalive(int)" },
		{ "search::Session::query",
		  "search::Session::query(search::Request const&)" },
		{ "std::__new_allocator::allocate",
		  "std::__new_allocator<search::Entry>::allocate(unsigned "
		  "long, void const*)" },
		{ "operator new", "operator new(unsigned long)" },
	};
	static const char *const mangled[ARRAY_SIZE(names)] = {
		"_ZN4core3ops8function6FnOnce9call_once17h0123456789abcdefE",
		"_ZN5index6shared8Postings5merge17hfedcba9876543210E",
		("_ZN6search5Cache3putERKNSt7__cxx1112basic_stringIcSt11char_"
		 "traitsIcESaIcEEENS_5EntryE"),
		"_ZN6search6Server16handle_keepaliveEi",
		"_ZN6search7Session5queryERKNS_7RequestE",
		"_ZNSt15__new_allocatorIN6search5EntryEE8allocateEmPKv",
		"_Znwm",
	};
	size_t i;

	for (i = 0; i < ARRAY_SIZE(mangled) && style != DEMANGLE_NONE; i++)
		if (strcmp(name, mangled[i]) == 0)
			name = names[i][style];
	strbuf_adds(sb, name);
}

#endif
