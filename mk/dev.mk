# What helps at writing: for editors, and what looks at the source without
# running it, or at what the tests run of it.
#
#	make quick		after an edit: builds, and runs the tests that
#				take no time (below a minute)
#	make compile_commands	compile_commands.json, for clangd and the like
#	make analyze		clang-tidy and cppcheck have nothing to say
#	make coverage		which lines the unit tests run, and which of
#				the tests runs each file; TESTS=... of others

C_SOURCES := $(foreach d,$(FOLDERS),$(call sources,$(d))) $(wildcard $(APART))

# --- editors ------------------------------------------------------------------

# The files of the house and the tests as they are compiled, one a line.
COMMAND = $(lastword $(CC)) $(ALL_CPPFLAGS) -iquote $(B) $(ALL_CFLAGS) -c
command = {"directory": "$(CURDIR)", "file": "$(1)", \
	"command": "$(subst ",\",$(COMMAND)) $(1)"}
COMMANDS_OF = $(sort $(C_SOURCES) \
	$(filter-out tests/data/%,$(filter tests/%.c,$(C_FILES))))

compile_commands: $(B)/heap/format/profile.pb-c.c
	$(file >compile_commands.json,[)
	$(foreach f,$(COMMANDS_OF),$(file >>compile_commands.json,\
		$(call command,$(f))$(if $(filter $(f),\
		$(lastword $(COMMANDS_OF))),,$(comma))))
	$(file >>compile_commands.json,])
	$(say) WROTE compile_commands.json

# --- analysis -----------------------------------------------------------------

# What clang-tidy says of a file, made anew when the file is compiled anew. It
# reads one file at a time: never_null.h knows what the others do.
TIDY = clang-tidy --quiet
KNOWN = -include tests/analyze/never_null.h
TIDIED = $(patsubst %.c,$(B)/%.tidy,$(C_SOURCES))

$(B)/%.tidy: $(B)/%.o .clang-tidy tests/analyze/never_null.h
	$(say) TIDY $*.c
	$(Q)$(TIDY) $*.c -- $(ALL_CPPFLAGS) -iquote $(B) $(ALL_CFLAGS) $(KNOWN) \
		>$@ 2>/dev/null || [ -s $@ ]

# Of itself, the macros would take the place of what they call.
$(B)/base/error.tidy: KNOWN =

analyze: dev-deps
	+$(Q)$(MAKE) --no-print-directory run-analyze

run-analyze: $(TIDIED)
	$(Q)cat $(TIDIED) | tests/analyze/run $(C_SOURCES)

# --- coverage -----------------------------------------------------------------

# In a build of its own. TESTS are scripts in tests/e2e, too.
coverage: deps
	+$(Q)$(MAKE) --no-print-directory B=build-coverage CFLAGS='-O0 -g' \
		INSTRUMENT='--coverage' run-coverage

COVERED = $(if $(filter command line,$(origin TESTS)),$(TESTS),$(UNIT))

run-coverage: tests
	$(Q)$(tested) tests/coverage.py $(B) $(COVERED)

# --- quick --------------------------------------------------------------------

# They build, or read, large files.
SLOW := test_symbolizer% test_truth test_neighbours test_snapshot
QUICK_UNIT = $(foreach t,$(UNIT),$(if $(filter $(SLOW),$(notdir $(t))),,$(t)))
QUICK_LINT = $(filter-out %/shell.t %/headers.t,$(LINT))

quick: all $(QUICK_UNIT)
	$(Q)$(prove) -j $(JOBS) $(QUICK_LINT) $(QUICK_UNIT)

.PHONY: compile_commands analyze run-analyze coverage run-coverage quick
