# The tests, benchmarks and checks of the source.
#
#	make check		all tests; SANITIZE=address,undefined: the same
#				with sanitizers, in a build folder of its own
#	make lint format	the source's own rules; put the source in shape
#	make demo		a leaking service, and what heapsnap says of it
#	make check-faults	heapsnap killed after every step of a run, in
#				every way to dump, on threads in every wait
#	make check-storm	2,000 snapshots in a row of processes that
#				never rest, and the same by gdb
#	make check-names	names and lines are those of other symbolizers
#	make check-viewers	speedscope of the npm registry reads folded stacks
#	make check-field	25 snapshots of each of twenty services of
#				Debian under load: tests/bench/FIELD.md
#	make check-leaks	what the unit tests never free, by `heapsnap run',
#				each allocation recorded
#	make check-when		whether --when is in time, 20 services that leak
#				in groups of 64 MiB, and what its wait costs
#	make check-distros	in roots of Debian 11, 12 and 13, as root: a build, the
#				unit tests and the core of the others
#	make check-kernels	in machines of Debian 11's kernel and systemd, with
#				and without XSAVE, after check-distros
#	make bench		every table of tests/bench/RESULTS.md anew, in
#				build/bench/tables.md, and pictures of them beside
#				it, in 20 minutes; PARTS="pause report" of them
#	make bench-report	how fast large profiles are reported
#	make bench-names	how fast names are found, beside them
#	make bench-kept		what names that were kept save the next run
#	make bench-pause	how long a busy server waits for a snapshot
#	make bench-stats	what all statistics of 64 arenas cost
#	make bench-list		how soon a thousand processes are looked at
#	make bench-run		what `heapsnap run' costs, beside others
#	make bench-change	how sure changes are, in simulated processes

PROVE = prove

TEST_FAULT := $(call objects,$(wildcard tests/fault/fault.c))

# heapsnap that kills itself where it is told to (tests/fault/fault.c).
$(B)/heapsnap-fault: $(MAIN) $(TEST_FAULT) $(call archives,$(FOLDERS))
	$(call link)

# heapsnap in which a file takes over what reads it (tests/takeover/takeover.c).
TAKEN_OVER := heap_dialect_find elf_file_open confine_paths
$(B)/heapsnap-takeover: $(B)/tests/takeover/takeover.o $(MAIN) $(FAULT) \
		$(call archives,$(FOLDERS))
	$(call link,$(addprefix -Wl$(comma)--wrap=,$(TAKEN_OVER)))

# One program a test_NAME.c in tests/unit's folders, linked with what the folders
# it includes may reach, with the helpers next to it and with those in tests/unit.
CHECK_LIBS = -lcheck_pic -lsubunit -lrt -lm -pthread
UNIT_SOURCES := $(wildcard tests/unit/*/test_*.c tests/unit/*/*/test_*.c)
UNIT := $(UNIT_SOURCES:%.c=$(B)/%)
helpers = $(call objects,$(filter-out $(UNIT_SOURCES),\
	$(sort $(wildcard tests/unit/*.c $(dir $(1))*.c))))

# "FILE:FOLDER" for each include of theirs.
UNIT_INCLUDES := $(if $(UNIT_SOURCES),$(shell awk -F'"' '/^.include "/ { \
	sub("/.*", "", $$2); print FILENAME ":" $$2 }' $(UNIT_SOURCES)))
includes = $(sort $(patsubst $(1):%,%,$(filter $(1):%,$(UNIT_INCLUDES))))
reached = $(sort $(foreach d,$(filter $(FOLDERS),$(call includes,$(1))),\
	$(call reach,$(d))))

define unit_rules
$(B)/$(1): $(B)/$(1).o $(call helpers,$(1)) \
		$(call archives,$(call reached,$(1).c)) \
		$(if $(filter attach,$(call reached,$(1).c)),$(FAULT))
	$$(call link,$$(CHECK_LIBS))
endef
$(foreach t,$(UNIT_SOURCES:%.c=%),$(eval $(call unit_rules,$(t))))

# The targets for libFuzzer, by tests/fuzz/run. Each reaches what its replay does.
define fuzz_rules
$(B)/tests/fuzz/fuzz_$(1): $(B)/tests/fuzz/fuzz_$(1).o \
		$(call archives,$(call reached,tests/unit/fuzz/test_$(1).c)) \
		$(if $(filter attach,$(call reached,tests/unit/fuzz/test_$(1).c)),\
		$(FAULT))
	$$(call link,-fsanitize=fuzzer)
endef
$(foreach t,$(patsubst tests/fuzz/fuzz_%.c,%,$(wildcard tests/fuzz/fuzz_*.c)),\
	$(eval $(call fuzz_rules,$(t))))

# The programs heapsnap is pointed at: as their makers would build them, never
# with our flags or sanitizers; nor by clang, which takes away allocations that
# nobody looks at.
V_DIR := build/victims
V_CC = $(if $(findstring clang,$(CC)),gcc,$(CC))
V_CFLAGS = -std=gnu11 -D_GNU_SOURCE -O1 -g -Wall -Wextra \
	$(if $(WERROR),-Werror) -iquote . -pthread
-include tests/victims/victims.mk tests/storm/storm.mk tests/demo/demo.mk

# Tests have machine and time to share, JOBS at a time, since most of them wait.
# Those that measure time say so in their heads, `# Alone: why', and have the
# machine to themselves when the others are over. Those that take longest say
# `# First' there, so that nobody waits for them at the end.
LINT := $(wildcard tests/lint/*.t)
# What is packed, and what says `# Plain: why', is tested as it is built to be
# used: without sanitizers, once.
E2E := $(wildcard tests/e2e/*/*.t)
PLAIN := tests/e2e/package/% $(shell grep -ls '^\# Plain: ' $(E2E))
E2E := $(filter-out $(if $(filter build,$(B)),,$(PLAIN)),$(E2E))
ALONE := $(shell grep -ls '^\# Alone: ' $(E2E))
FIRST := $(shell grep -ls '^\# First' $(E2E))
TESTS := $(FIRST) $(filter-out $(FIRST),$(E2E)) $(if $(SANITIZE),,$(LINT)) \
	$(UNIT)
JOBS = $(shell echo $$((2 * $$(nproc))))

# A kill is the same with sanitizers, and all else takes several times as long.
tested = $(if $(SANITIZE),FAULT_SPACING=10) \
	HEAPSNAP=$(abspath $(PROGRAM)) \
	HEAPSNAP_FAULT=$(abspath $(B)/heapsnap-fault) \
	VICTIMS=$(abspath $(V_DIR)) XDG_CACHE_HOME=/nonexistent
prove = $(tested) $(PROVE) $(if $(V),-v) --timer --exec ''

# What tests say of their failures comes last, where it is seen.
run = $(if $(2),$(prove) $(1) $(2) 2>>$(B)/failures || failed=1,:)

check: deps
	+$(Q)$(MAKE) --no-print-directory run-tests

tests: all $(UNIT) $(VICTIMS) $(DEMO) $(B)/heapsnap-fault \
	$(if $(filter build,$(B)),$(if $(STATIC_LINKS),static) $(B)/heapsnap-takeover)

run-tests: tests
	$(Q)failed=0; : >$(B)/failures; \
	$(call run,-j $(JOBS),$(filter-out $(ALONE),$(TESTS))); \
	$(call run,,$(filter $(ALONE),$(TESTS))); \
	cat $(B)/failures >&2; exit $$failed

lint: all
	$(Q)$(prove) -j $(JOBS) $(LINT)

C_FILES = $(foreach d,$(FOLDERS) tests/* tests/unit/*,\
	$(wildcard $(d)/*.[ch] $(d)/*/*.[ch]))

format:
	$(Q)clang-format -i $(C_FILES)

demo: deps
	+$(Q)$(MAKE) --no-print-directory all $(DEMO)
	$(Q)tests/demo/run $(abspath $(PROGRAM)) $(DEMO)

# The symbolizer as a program of its own, for comparisons.
ASK := $(B)/tests/names/ask
$(ASK): $(B)/tests/names/ask.o $(call archives,symbol base)
	$(call link)

check-names: deps all $(ASK)
	$(Q)$(prove) tests/names/check.py :: \
		$(abspath $(PROGRAM)) $(abspath $(ASK))

# npm's package, from its registry: CI has no network but Debian's.
check-viewers: deps all
	$(Q)$(prove) tests/viewers/speedscope.py :: $(abspath $(PROGRAM))

# As root. The packages of the services are installed, and stay.
check-field: all
	$(Q)tests/field/run --install >$(B)/FIELD.md; \
	status=$$?; cp $(B)/FIELD.md tests/bench/FIELD.md; exit $$status

# Each allocation of those, too, of which `make check' looks at some.
check-leaks: deps tests
	$(Q)EACH=1 $(prove) tests/e2e/run/own-unit-tests.t

# As root, for some minutes.
check-when: all $(VICTIMS)
	$(Q)tests/bench/when $(abspath $(PROGRAM)) $(abspath $(V_DIR))

RELEASES = bullseye bookworm trixie

check-distros: static
	$(Q)tests/distros/run $(RELEASES)

check-kernels:
	$(Q)tests/distros/boot bullseye prove --exec '' tests/distros/systemd.t
	$(Q)tests/distros/boot bullseye prove --exec '' tests/distros/unit.t
	$(Q)CPU=qemu64 tests/distros/boot bullseye \
		prove --exec '' tests/distros/no-xsave.t
	$(Q)KERNEL_ARGS=psi=1 tests/distros/boot bullseye \
		prove --exec '' tests/distros/groups-v2.t

check-faults: deps tests
	$(Q)FAULT_STRIDE=1 $(prove) $(wildcard tests/e2e/safety/fault*.t) \
		tests/e2e/safety/changes.t

STORM_SNAPSHOTS = 2000

check-storm: deps tests
	$(Q)rm -f $(B)/storm.md
	$(Q)STORM_SNAPSHOTS=$(STORM_SNAPSHOTS) \
		STORM_TABLE=$(abspath $(B)/storm.md) \
		$(prove) -v $(wildcard tests/e2e/safety/storm*.t)
	$(Q)VICTIMS=$(abspath $(V_DIR)) tests/storm/gdb.sh >>$(B)/storm.md
	$(Q)cat $(B)/storm.md

bench-names: deps all $(ASK)
	$(Q)tests/bench/names $(abspath $(PROGRAM)) $(abspath $(ASK)) $(LIBRARY)

bench-report: all $(VICTIMS)
	$(Q)tests/bench/report $(PROGRAM) $(V_DIR)

BENCH_CHANGE := $(B)/tests/bench/change
$(BENCH_CHANGE): $(B)/tests/bench/change.o $(B)/tests/unit/heap/sim_process.o \
		$(call archives,$(call reach,heap))
	$(call link,$(CHECK_LIBS))

bench-change: $(BENCH_CHANGE)
	$(Q)$(BENCH_CHANGE)

bench-kept: deps all
	$(Q)tests/bench/kept $(abspath $(PROGRAM))

bench-pause: deps all $(VICTIMS)
	$(Q)tests/bench/pause $(abspath $(PROGRAM)) $(abspath $(V_DIR))

bench-stats bench-list: bench-%: all $(VICTIMS)
	$(Q)tests/bench/$* $(abspath $(PROGRAM)) $(abspath $(V_DIR))

# What is missing is left out.
bench: deps all $(VICTIMS) $(ASK) $(BENCH_CHANGE)
	$(Q)tests/bench/all $(abspath $(B)/bench) $(abspath $(PROGRAM)) \
		$(abspath $(V_DIR)) $(abspath $(ASK)) $(abspath $(BENCH_CHANGE)) \
		$(PARTS); status=$$?; \
	tests/bench/plot $(B)/bench/tables.md $(B)/bench && exit $$status

# What docs/ shows of the tables.
bench-plots:
	$(Q)tests/bench/plot tests/bench/RESULTS.md docs

bench-run: all
	$(Q)tests/bench/run $(abspath $(PROGRAM))

.PHONY: check tests run-tests lint format demo check-names check-viewers check-faults \
	check-field \
	check-when check-leaks check-distros check-kernels \
	check-storm bench-names bench-kept bench-report bench-pause bench-stats bench-list \
	bench-change bench-run bench bench-plots
