# heapsnap: plain GNU make, nothing to configure.
#
#	make			./heapsnap
#	make static		./heapsnap-static: one file for any Linux, stripped;
#				without debuginfod and name services
#	make install		PREFIX=/usr/local DESTDIR=; install-strip: without
#				its symbols
#	make uninstall		what install has put there
#	make help		these lines, and those of mk/
#	make deps		install the Debian packages that are missing;
#				make build-deps: only those that make needs
#	make check		all tests; mk/tests.mk has more
#
# CC=clang, CFLAGS=..., WERROR=1 and V=1 (show the commands) as usual.

ifeq ($(origin CC),default)
CC = gcc
endif

comma := ,
empty :=
space := $(empty) $(empty)

# The flags @1, when the compiler has them.
takes = $(shell $(CC) -Werror -O2 $(1) -include stdlib.h -x c -S -o /dev/null \
	/dev/null 2>/dev/null && echo '$(1)')

# Every build of another kind has a folder of its own.
ifdef SANITIZE
B := build-$(subst $(comma),-,$(SANITIZE))
PROGRAM := $(B)/heapsnap
CFLAGS = -O1 -g -fno-omit-frame-pointer
INSTRUMENT := -fsanitize=$(SANITIZE) -fno-sanitize-recover=undefined
else
B := build
PROGRAM := $(if $(filter build,$(B)),heapsnap,$(B)/heapsnap)
CFLAGS = -O2 -g -U_FORTIFY_SOURCE -D_FORTIFY_SOURCE=$(FORTIFY)
FORTIFY := $(if $(call takes,-U_FORTIFY_SOURCE -D_FORTIFY_SOURCE=3),3,2)
# Locals that begin as zeros give no bytes of earlier calls away; clang below 16
# takes this with a promise only.
ZEROED := -ftrivial-auto-var-init=zero
HARDENING := $(call takes,-fstack-clash-protection) \
	$(call takes,-fcf-protection) $(call takes,-mbranch-protection=standard) \
	$(or $(call takes,$(ZEROED)),$(call takes,$(ZEROED) \
	-enable-trivial-auto-var-init-zero-knowing-it-will-be-removed-from-clang))
endif

WARNINGS = -Wall -Wextra -Wshadow -Wvla -Wformat=2 -Wmissing-prototypes \
	-Wstrict-prototypes -Wold-style-definition -Wpointer-arith \
	-Wwrite-strings -Wundef -Wimplicit-fallthrough -Wswitch-enum \
	$(if $(WERROR),-Werror)
ALL_CPPFLAGS = -D_GNU_SOURCE -iquote . $(CPPFLAGS)
ALL_CFLAGS = -std=gnu11 $(WARNINGS) -fstack-protector-strong -fPIE \
	$(HARDENING) $(INSTRUMENT) $(CFLAGS)
ALL_LDFLAGS = -pie -Wl,-z,relro,-z,now -Wl,--as-needed $(INSTRUMENT) $(LDFLAGS)
LIBS = -lunwind-ptrace -lunwind-generic -lunwind -lelf -liberty \
	-ljansson -lprotobuf-c -ldeflate -lz -llzma -lzstd -lm -ldl -lpthread

ifdef V
Q =
say = @:
else
Q = @
say = @printf '  %-8s%s\n'
endif

all: $(PROGRAM)

# --- the house ---------------------------------------------------------------

# "FOLDER:" and "FOLDER:OTHER" for each line of mk/arrows and each arrow of it.
ARROWS := $(shell awk -F: '/^[a-z]/ { print $$1 ":"; n = split($$2, to, " "); \
	for (i = 1; i <= n; i++) { sub("/.*", "", to[i]); print $$1 ":" to[i] } \
	}' mk/arrows)
FOLDERS := $(foreach d,$(patsubst %:,%,$(filter %:,$(ARROWS))),\
	$(if $(wildcard $(d)/.),$(d)))

# What a folder reaches, itself among it.
arrows_of = $(filter-out :,$(patsubst $(1):%,%,$(filter $(1):%,$(ARROWS))))
reach = $(sort $(1) $(foreach d,$(call arrows_of,$(1)),$(call reach,$(d))))

# FILE_MACHINE.c is for that machine only, FILE_static.c takes the place of FILE.c
# in the static program.
MACHINES := x86_64 aarch64
MACHINE := $(firstword $(subst -, ,$(shell $(CC) -dumpmachine 2>/dev/null)))
OTHERS := $(filter-out $(MACHINE),$(MACHINES))

# main() is linked by name, and so is attach/fault.c, for which the tests have
# another one.
APART := cli/main.c attach/fault.c

sources = $(filter-out $(APART) $(1)/%_static.c \
	$(foreach m,$(OTHERS),$(1)/%_$(m).c),\
	$(wildcard $(1)/*.c $(1)/*/*.c))
objects = $(patsubst %.c,$(B)/%.o,$(1))
# From the top down, so that the linker has asked before it comes by.
archives = $(foreach d,$(filter $(1),$(FOLDERS)),$(B)/lib$(d).a)

FAULT := $(call objects,$(wildcard attach/fault.c))

define link
$(say) LD $@
$(Q)$(CC) $(ALL_LDFLAGS) -o $@ $(filter %.o,$^) $(filter %.a,$^) $(1) $(LIBS)
endef

# What sanitizers need to work is among what confine() gives up.
MAIN := $(call objects,cli/main.c $(if $(SANITIZE),tests/sanitize/confine.c))

$(PROGRAM): $(MAIN) $(FAULT) $(call archives,$(FOLDERS))
	$(call link)

# Debian's libunwind-*.a are not made for a program that is moved: no static-pie.
# Debian 11's libunwind.a has functions of libgcc_eh.a's (_Unwind_ForcedUnwind()).
STATIC := $(call objects,$(wildcard $(addsuffix /*_static.c,$(FOLDERS))))

$(B)/heapsnap-static: $(MAIN) $(FAULT) $(STATIC) \
		$(call archives,$(FOLDERS))
	$(say) LD $@
	$(Q)$(CC) -static $(filter-out -pie,$(ALL_LDFLAGS)) -o $@ \
		$(filter %.o,$^) $(filter %.a,$^) \
		-Wl,--start-group $(LIBS) -Wl,--end-group \
		-Wl,--allow-multiple-definition

heapsnap-static: $(B)/heapsnap-static
	$(say) STRIP $@
	$(Q)strip -o $@ $<

# Debian 13's libelf.a (elfutils 0.192) lacks functions that it calls.
STATIC_LINKS := $(shell nm `$(CC) -print-file-name=libelf.a` 2>/dev/null | \
	awk '/ [TU] eu_tsearch$$/ { has[$$(NF - 1)] = 1 } \
	END { print has["U"] && !has["T"] ? "" : "yes" }')

static: $(if $(STATIC_LINKS),heapsnap-static,no-static)

no-static:
	@echo "make: libelf.a of this system is not whole: 'make static' on another" >&2
	@exit 1

# Files that the program has in it as texts: FOLDER/SUB/NAME.EXT is
# SUB_NAME_EXT, declared in FOLDER/SUB_assets.h.
PAGE_SCRIPT := $(patsubst %,output/page/%.js,page flame chart table main)
TEXTS := $(patsubst %,$(B)/%.c,$(filter-out $(PAGE_SCRIPT),\
	$(wildcard output/page/* options/shells/*)))
# The whole script of the page, and the hashes by which its policy allows script
# and style.
MADE_TEXTS := $(patsubst %,$(B)/output/page/%.c,\
	script.js script.js.sha256 page.css.sha256)
EMBEDDED := $(patsubst %.c,%.o,$(TEXTS) $(MADE_TEXTS))

define folder_rules
$(B)/lib$(1).a: $(call objects,$(call sources,$(1))) $(generated_$(1)) \
		$(filter $(B)/$(1)/%,$(EMBEDDED)) $(B)/$(1).list
	$$(say) AR $$@
	$$(Q)rm -f $$@.new && ar qcs $$@.new $$(filter %.o,$$^) && mv $$@.new $$@
$(B)/$(1).list: FORCE
	@$$(call keep,$(call sources,$(1)))
endef
generated_heap := $(B)/heap/format/profile.pb-c.o
$(foreach d,$(FOLDERS),$(eval $(call folder_rules,$(d))))

$(B)/%.o: %.c $(B)/flags
	@mkdir -p $(@D)
	$(say) CC $<
	$(Q)$(CC) $(ALL_CPPFLAGS) $(ALL_CFLAGS) -MMD -MP -c -o $@ $< || \
		$(blame_deps)

define embed
$(say) TEXT $<
$(Q){ printf '#include "$(patsubst $(B)/%,%,$(<D))_assets.h"\n'; \
	printf 'const unsigned char $(notdir $(<D))_$(subst .,_,$(<F))[] = {\n'; \
	od -An -v -tu1 $< | sed 's/  *\([0-9][0-9]*\)/\1,/g'; \
	printf '0};\n'; } >$@
endef

$(TEXTS): $(B)/%.c: % Makefile
	@mkdir -p $(@D)
	$(embed)

$(MADE_TEXTS): %.c: % Makefile
	$(embed)

# All that is between <script> and </script>, byte by byte.
$(B)/output/page/script.js: $(PAGE_SCRIPT) Makefile
	@mkdir -p $(@D)
	$(Q){ printf "\n'use strict';\n(() => {\n"; cat $(PAGE_SCRIPT); \
		printf '})();\n'; } >$@

sha256 = sha256sum <$< | cut -c-64 | tr a-f A-F | basenc --base16 -d | \
	base64 | tr -d '\n' >$@

$(B)/output/page/script.js.sha256: $(B)/output/page/script.js
	$(Q)$(sha256)

$(B)/output/page/page.css.sha256: output/page/page.css
	@mkdir -p $(@D)
	$(Q)$(sha256)

$(EMBEDDED): %.o: %.c $(B)/flags
	$(say) CC $<
	$(Q)$(CC) $(ALL_CPPFLAGS) $(ALL_CFLAGS) -MMD -MP -c -o $@ $<

# The messages of a .proto file.
$(B)/%.pb-c.c: %.proto
	@mkdir -p $(@D)
	$(say) PROTOC $<
	$(Q)protoc-c --c_out=$(B) $< || $(blame_deps)

$(B)/%.pb-c.o: $(B)/%.pb-c.c $(B)/flags
	$(say) CC $<
	$(Q)$(CC) -iquote $(B) -std=gnu11 -fPIE $(HARDENING) $(INSTRUMENT) \
		$(CFLAGS) -c -o $@ $<

# Those that include their header.
PROTO_USERS := $(patsubst %.c,$(B)/%.o,output/pprof.c $(wildcard \
	heap/format/pprof_*.c heap/format/read_pprof.c))
$(PROTO_USERS): $(B)/heap/format/profile.pb-c.c
$(PROTO_USERS): ALL_CPPFLAGS += -iquote $(B)

# A file that changes only when its content does: what it holds is a
# prerequisite like any other.
keep = mkdir -p $(@D) && echo '$(1)' | cmp -s - $@ || echo '$(1)' >$@
$(B)/flags: FORCE
	@$(call keep,$(CC) $(ALL_CPPFLAGS) $(ALL_CFLAGS) $(ALL_LDFLAGS))

# The version is the last tag's; of a tree without one, NEWS.md's first.
VERSION := $(or $(patsubst v%,%,$(shell git describe --tags --match 'v[0-9]*' \
	2>/dev/null)),$(shell sed -n 's/^## \([0-9.]*\).*/\1/p;T;q' NEWS.md))

# As Debian and rpm write and order it: 1.2.0~rc1, 1.2.0, 1.2.0+3.g1234567.
package-version:
	@echo '$(VERSION)' | sed 's/-rc/~rc/; s/-/+/; s/-/./g'

$(B)/version: FORCE
	@$(call keep,$(VERSION))
$(B)/cli/version.o: $(B)/version
$(B)/cli/version.o: ALL_CPPFLAGS += -DHEAPSNAP_VERSION='"$(VERSION)"'

include mk/deps.mk mk/install.mk mk/tests.mk mk/dev.mk

help:
	@sed -n '/^#\tmake/,/^#$$/s/^#\t//p' Makefile
	@sed -n '/^#\tmake/,/^[^#]/s/^#\t//p;/^$$/q' mk/tests.mk
	@sed -n '/^#\tmake/,/^[^#]/s/^#\t//p;/^$$/q' mk/dev.mk

clean:
	rm -rf build build-* heapsnap heapsnap-static

FORCE:
.PHONY: all static no-static help package-version clean FORCE
.DELETE_ON_ERROR:
.SECONDARY:

-include $(shell find $(B) -name '*.d' 2>/dev/null)
