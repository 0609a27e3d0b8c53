# heapsnap: plain GNU make, nothing to configure.
#
#	make			./heapsnap
#	make demo		a leaking service, and what heapsnap says of it
#	make check		all tests; SANITIZE=address,undefined: the same
#				with sanitizers, in a build folder of its own
#	make check-faults	heapsnap killed after every step of a run, in
#				every way to dump, on threads in every wait
#	make check-storm	2,000 snapshots in a row of processes that
#				never rest, and the same by gdb
#	make bench-report	how fast large profiles are reported
#	make check-names	names and lines are those of other symbolizers
#	make bench-names	how fast names are found, beside them
#	make bench-pause	how long a busy server waits for a snapshot
#	make bench-stats	what all statistics of 64 arenas cost
#	make bench-list		how soon a thousand processes are looked at
#	make lint format	the source's own rules; put the source in shape
#	make install		PREFIX=/usr/local DESTDIR=
#	make deps		install the Debian packages that are missing;
#				make build-deps: only those that make needs
#
# CC=clang, CFLAGS=..., WERROR=1 and V=1 (show the commands) as usual.

PREFIX = /usr/local
BINDIR = $(PREFIX)/bin
MANDIR = $(PREFIX)/share/man
DOCDIR = $(PREFIX)/share/doc/heapsnap

ifeq ($(origin CC),default)
CC = gcc
endif
PROVE = prove

comma := ,
empty :=
space := $(empty) $(empty)

# Every build of another kind has a folder of its own.
ifdef SANITIZE
B := build-$(subst $(comma),-,$(SANITIZE))
PROGRAM := $(B)/heapsnap
CFLAGS = -O1 -g -fno-omit-frame-pointer
INSTRUMENT := -fsanitize=$(SANITIZE) -fno-sanitize-recover=undefined
else
B := build
PROGRAM := $(if $(filter build,$(B)),heapsnap,$(B)/heapsnap)
CFLAGS = -O2 -g -U_FORTIFY_SOURCE -D_FORTIFY_SOURCE=2
endif

WARNINGS = -Wall -Wextra -Wshadow -Wvla -Wformat=2 -Wmissing-prototypes \
	-Wstrict-prototypes -Wold-style-definition -Wpointer-arith \
	-Wwrite-strings -Wundef -Wimplicit-fallthrough -Wswitch-enum \
	$(if $(WERROR),-Werror)
ALL_CPPFLAGS = -D_GNU_SOURCE -iquote . $(CPPFLAGS)
ALL_CFLAGS = -std=gnu11 $(WARNINGS) -fstack-protector-strong -fPIE \
	$(INSTRUMENT) $(CFLAGS)
ALL_LDFLAGS = -pie -Wl,-z,relro,-z,now -Wl,--as-needed $(INSTRUMENT) $(LDFLAGS)
LIBS = -lunwind-ptrace -lunwind-generic -lunwind -ldw -lelf -liberty \
	-ljansson -lz -llzma -lzstd -lm

ifdef V
Q =
say = @:
else
Q = @
say = @printf '  %-8s%s\n'
endif

all: $(PROGRAM)

# --- the house ---------------------------------------------------------------

# From the top down; who may use whom (tests/lint/deps.t checks the includes).
FOLDERS := cli snap names output mallctl target attach symbol heap proc base
reach_base := base
reach_proc := proc base
reach_heap := heap proc base
reach_symbol := symbol proc base
reach_attach := attach proc base target symbol
reach_target := target symbol heap attach proc base
reach_mallctl := mallctl target attach symbol heap proc base
reach_output := output heap symbol proc base
reach_names := names heap symbol proc base
reach_snap := snap mallctl target attach symbol heap proc base
reach_cli := $(FOLDERS)

# FILE_MACHINE.c is for that machine only.
MACHINES := x86_64 aarch64
MACHINE := $(firstword $(subst -, ,$(shell $(CC) -dumpmachine 2>/dev/null)))
OTHERS := $(filter-out $(MACHINE),$(MACHINES))

# main() is linked by name, and so is attach/fault.c, for which the tests have
# another one.
APART := cli/main.c attach/fault.c

sources = $(filter-out $(APART) $(foreach m,$(OTHERS),$(1)/%_$(m).c),\
	$(filter-out output/page/%,$(wildcard $(1)/*.c $(1)/*/*.c)))
objects = $(patsubst %.c,$(B)/%.o,$(1))
archives = $(foreach d,$(filter $(1),$(FOLDERS)),$(B)/lib$(d).a)

FAULT := $(call objects,$(wildcard attach/fault.c))
TEST_FAULT := $(call objects,$(wildcard tests/fault/fault.c))

define link
$(say) LD $@
$(Q)$(CC) $(ALL_LDFLAGS) -o $@ $(filter %.o,$^) \
	-Wl,--start-group $(filter %.a,$^) -Wl,--end-group $(1) $(LIBS)
endef

$(PROGRAM): $(B)/cli/main.o $(FAULT) $(call archives,$(FOLDERS))
	$(call link)

# heapsnap that kills itself where it is told to (tests/fault/fault.c).
$(B)/heapsnap-fault: $(B)/cli/main.o $(TEST_FAULT) $(call archives,$(FOLDERS))
	$(call link)

# What is made on the way: code of the messages in a .proto file, and the parts
# of the page as texts.
PAGE := $(patsubst output/page/%,$(B)/output/page/%.o,$(wildcard output/page/*))
generated_output := $(B)/output/profile.pb-c.o $(PAGE)
LIBS += -lprotobuf-c

define folder_rules
$(B)/lib$(1).a: $(call objects,$(call sources,$(1))) $(generated_$(1)) \
		$(B)/$(1).list
	$$(say) AR $$@
	$$(Q)rm -f $$@.new && ar rcs $$@.new $$(filter %.o,$$^) && mv $$@.new $$@
$(B)/$(1).list: FORCE
	@$$(call keep,$(call sources,$(1)))
endef
$(foreach d,$(FOLDERS),$(eval $(call folder_rules,$(d))))

$(B)/%.o: %.c $(B)/flags
	@mkdir -p $(@D)
	$(say) CC $<
	$(Q)$(CC) $(ALL_CPPFLAGS) $(ALL_CFLAGS) -MMD -MP -c -o $@ $< || \
		$(blame_deps)

$(B)/%.pb-c.c: %.proto
	@mkdir -p $(@D)
	$(say) PROTOC $<
	$(Q)protoc-c --c_out=$(B) $< || $(blame_deps)

$(B)/%.pb-c.o: $(B)/%.pb-c.c $(B)/flags
	$(say) CC $<
	$(Q)$(CC) -iquote $(B) -std=gnu11 -fPIE $(INSTRUMENT) $(CFLAGS) -c -o $@ $<

$(B)/output/page/%.c: output/page/% Makefile
	@mkdir -p $(@D)
	$(say) TEXT $<
	$(Q){ printf '#include "output/page_assets.h"\n'; \
		printf 'const unsigned char page_$(subst .,_,$*)[] = {\n'; \
		od -An -v -tu1 $< | sed 's/  *\([0-9][0-9]*\)/\1,/g'; \
		printf '0};\n'; } >$@

$(PAGE): %.o: %.c $(B)/flags
	$(say) CC $<
	$(Q)$(CC) $(ALL_CPPFLAGS) $(ALL_CFLAGS) -MMD -MP -c -o $@ $<

$(B)/output/pprof.o: $(B)/output/profile.pb-c.c
$(B)/output/pprof.o: ALL_CPPFLAGS += -iquote $(B)

# A file that changes only when its content does: what it holds is a
# prerequisite like any other.
keep = mkdir -p $(@D) && echo '$(1)' | cmp -s - $@ || echo '$(1)' >$@
$(B)/flags: FORCE
	@$(call keep,$(CC) $(ALL_CPPFLAGS) $(ALL_CFLAGS) $(ALL_LDFLAGS))

# --- tests -------------------------------------------------------------------

# One program a tests/unit/test_NAME.c, linked with what the folders it
# includes may reach, and with the helpers next to it.
CHECK_LIBS = -lcheck_pic -lsubunit -lrt -lm -pthread
UNIT_SOURCES := $(wildcard tests/unit/test_*.c)
UNIT := $(UNIT_SOURCES:%.c=$(B)/%)
HELPERS := $(call objects,$(filter-out $(UNIT_SOURCES),\
	$(wildcard tests/unit/*.c)))

includes = $(filter $(FOLDERS),\
	$(shell sed -n 's|^.include "\([a-z]*\)/.*|\1|p' $(1)))
reached = $(sort $(foreach d,$(call includes,$(1)),$(reach_$(d))))

define unit_rules
$(B)/$(1): $(B)/$(1).o $(HELPERS) $(call archives,$(call reached,$(1).c)) \
		$(if $(filter attach,$(call reached,$(1).c)),$(FAULT))
	$$(call link,$$(CHECK_LIBS))
endef
$(foreach t,$(UNIT_SOURCES:%.c=%),$(eval $(call unit_rules,$(t))))

# The programs heapsnap is pointed at: as their makers would build them, never
# with our flags or sanitizers.
V_DIR := build/victims
V_CFLAGS = -std=gnu11 -D_GNU_SOURCE -O1 -g -Wall -Wextra \
	$(if $(WERROR),-Werror) -iquote . -pthread
-include tests/victims/victims.mk tests/storm/storm.mk tests/demo/demo.mk

LINT := $(wildcard tests/lint/*.t)
E2E := $(wildcard tests/e2e/*.t)
TESTS := $(UNIT) $(E2E) $(if $(SANITIZE),,$(LINT))

# One after the other: tests that measure time have the machine to themselves.
PROVE_FLAGS = $(if $(V),-v) --exec ''

check: deps
	+$(Q)$(MAKE) --no-print-directory run-tests

tests: all $(UNIT) $(VICTIMS) $(DEMO) $(if $(TEST_FAULT),$(B)/heapsnap-fault)

run-tests: tests
	$(Q)HEAPSNAP=$(abspath $(PROGRAM)) \
		HEAPSNAP_FAULT=$(abspath $(B)/heapsnap-fault) \
		VICTIMS=$(abspath $(V_DIR)) \
		$(PROVE) $(PROVE_FLAGS) $(TESTS)

lint: all
	$(Q)HEAPSNAP=$(abspath $(PROGRAM)) $(PROVE) $(PROVE_FLAGS) $(LINT)

C_FILES = $(foreach d,$(FOLDERS) tests/*,$(wildcard $(d)/*.c $(d)/*.h))

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
	$(Q)$(PROVE) $(if $(V),-v) --exec '' tests/names/check.py :: \
		$(abspath $(PROGRAM)) $(abspath $(ASK))

check-faults: deps tests
	$(Q)HEAPSNAP=$(abspath $(PROGRAM)) \
		HEAPSNAP_FAULT=$(abspath $(B)/heapsnap-fault) \
		VICTIMS=$(abspath $(V_DIR)) FAULT_STRIDE=1 \
		$(PROVE) $(PROVE_FLAGS) tests/e2e/040*-fault*.t tests/e2e/0480-changes.t

STORM_SNAPSHOTS = 2000

check-storm: deps tests
	$(Q)HEAPSNAP=$(abspath $(PROGRAM)) VICTIMS=$(abspath $(V_DIR)) \
		STORM_SNAPSHOTS=$(STORM_SNAPSHOTS) \
		STORM_TABLE=$(abspath $(B)/storm.md) \
		$(PROVE) -v --exec '' tests/e2e/0450-storm.t
	$(Q)VICTIMS=$(abspath $(V_DIR)) tests/storm/gdb.sh >>$(B)/storm.md
	$(Q)cat $(B)/storm.md

bench-names: deps all $(ASK)
	$(Q)tests/bench/names $(abspath $(PROGRAM)) $(abspath $(ASK)) $(LIBRARY)

bench-report: all $(VICTIMS)
	$(Q)tests/bench/report $(PROGRAM) $(V_DIR)

bench-pause: deps all
	$(Q)tests/bench/pause $(abspath $(PROGRAM))

bench-stats bench-list: bench-%: all $(VICTIMS)
	$(Q)tests/bench/$* $(abspath $(PROGRAM)) $(abspath $(V_DIR))

# --- packages ----------------------------------------------------------------

BUILD_DEPS = gcc libc6-dev libunwind-dev libdw-dev libelf-dev libiberty-dev \
	libjansson-dev zlib1g-dev liblzma-dev libzstd-dev libdebuginfod-dev
DEMO_DEPS = $(BUILD_DEPS) libjemalloc2 libjemalloc-dev
TEST_DEPS = $(DEMO_DEPS) check perl redis-server redis-tools gdb strace mandoc \
	clang clang-format codespell shellcheck jq python3 procps psmisc \
	util-linux hyperfine zstd llvm binutils musl-tools graphviz
BUILD_DEPS += libprotobuf-c-dev protobuf-c-compiler
TEST_DEPS += python3.11-dbg libc6-dbg rustc lld elfutils dwz xz-utils g++
TEST_DEPS += debuginfod golang-go chromium chromium-driver zsh fish python3-jsonschema
# `make demo' needs less than `make check', and `make' less than that.
DEPS = $(if $(filter demo,$(MAKECMDGOALS)),$(DEMO_DEPS),$(TEST_DEPS))
build-deps: DEPS = $(BUILD_DEPS)

# In the shell: $missing are those of $(1) that are not installed.
find_missing = have=" `dpkg-query -W -f '$${Package}=$${db:Status-Status} ' \
		$(1) 2>/dev/null`"; \
	missing=; \
	for p in $(1); do \
		case $$have in \
		*" $$p=installed "*) ;; \
		*) missing="$$missing $$p" ;; \
		esac; \
	done

# What a compiler says of a header that is not there is half of it.
blame_deps = { \
	! command -v dpkg-query >/dev/null || { \
		$(call find_missing,$(BUILD_DEPS)); \
		[ -z "$$missing" ] || \
			echo "make: missing packages ('make build-deps'):$$missing" >&2; \
	}; exit 1; }

deps build-deps:
	@command -v dpkg-query >/dev/null || { \
		echo '$@: not a Debian system; these are needed: $(DEPS)'; \
		exit 0; }; \
	$(call find_missing,$(DEPS)); \
	[ -n "$$missing" ] || exit 0; \
	echo "$@: missing:$$missing"; \
	if [ "$$(id -u)" = 0 ]; then as_root=env; \
	elif command -v sudo >/dev/null; then as_root='sudo env'; \
	else \
		echo "$@: as root, run: apt-get update &&" \
			"apt-get install --no-install-recommends$$missing" >&2; \
		exit 1; \
	fi; \
	$$as_root apt-get update -q && \
	$$as_root DEBIAN_FRONTEND=noninteractive \
		apt-get install -qy --no-install-recommends $$missing </dev/null

# --- the rest ----------------------------------------------------------------

install: all
	install -d $(DESTDIR)$(BINDIR)
	install -m 755 $(PROGRAM) $(DESTDIR)$(BINDIR)/heapsnap
	install -d $(DESTDIR)$(DOCDIR)
	install -m 644 docs/heapsnap-1.schema.json $(DESTDIR)$(DOCDIR)
	$(Q)for page in $(wildcard man/*.[1-8]); do \
		dir=$(DESTDIR)$(MANDIR)/man$${page##*.}; \
		install -d $$dir && install -m 644 $$page $$dir || exit 1; \
	done

clean:
	rm -rf build build-* heapsnap

FORCE:
.PHONY: all check tests run-tests lint format demo bench-report check-names \
	check-faults check-storm bench-names bench-pause bench-stats bench-list deps \
	build-deps install clean FORCE
.DELETE_ON_ERROR:
.SECONDARY:

-include $(shell find $(B) -name '*.d' 2>/dev/null)
