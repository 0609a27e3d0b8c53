# The victims: one program a tests/victims/NAME.c, linked with jemalloc unless
# a rule of its own is here.

V_SHARED := tests/victims/victim.c
V_DEFAULT := $(patsubst tests/victims/%.c,$(V_DIR)/%,\
	$(filter-out $(V_SHARED) $(patsubst %,tests/victims/%.c,plain leaver tiny32 wrapper dumper execer deputy twin loader shim without early_sysconf older),\
	$(wildcard tests/victims/*.c)))
V_PREFIXES := je_ _rjem_
VICTIMS := $(V_DEFAULT) $(V_DIR)/plain $(V_DIR)/leaver $(V_DIR)/dumper $(V_DIR)/execer $(V_DIR)/deputy \
	$(V_DIR)/without $(V_DIR)/older $(V_DIR)/tiny32 \
	$(V_DIR)/bare-leaker $(V_DIR)/loader $(V_DIR)/twin-leaker \
	$(V_DIR)/twin-stuck $(V_DIR)/exporting-leaker \
	$(V_DIR)/static-leaker $(V_PREFIXES:%=$(V_DIR)/static-leaker-%) \
	$(V_DIR)/wrapping-leaker \
	$(V_DIR)/embedded-leaker $(V_PREFIXES:%=$(V_DIR)/embedded-leaker-%) \
	$(V_DIR)/static-addresses $(V_DIR)/stripped-addresses \
	$(V_DIR)/exporter $(V_DIR)/static-two $(V_DIR)/newer $(V_DIR)/shop $(V_DIR)/ages \
	$(V_DIR)/stripped-shop \
	$(V_DIR)/shim.so

victims: $(VICTIMS)
.PHONY: victims

$(V_DIR)/%.o: tests/victims/%.c
	@mkdir -p $(@D)
	$(say) CC $<
	$(Q)$(V_CC) $(V_CFLAGS) -MMD -MP -c -o $@ $<

# glibc before 2.34 has libdl and librt apart.
$(V_DEFAULT): $(V_DIR)/%: $(V_DIR)/%.o $(V_DIR)/victim.o
	$(say) LD $@
	$(Q)$(V_CC) -pthread -o $@ $^ -Wl,--no-as-needed -ljemalloc \
		-Wl,--as-needed -ldl -lrt

$(V_DIR)/%.o: tests/victims/%.S
	@mkdir -p $(@D)
	$(say) AS $<
	$(Q)$(V_CC) -c -o $@ $<

$(V_DIR)/registers: $(V_DIR)/registers_trip.o

# Without jemalloc; dumper, execer, deputy and older have functions of its names.
$(V_DIR)/plain $(V_DIR)/dumper $(V_DIR)/execer $(V_DIR)/older: $(V_DIR)/%: $(V_DIR)/%.o $(V_DIR)/victim.o
	$(say) LD $@
	$(Q)$(V_CC) -pthread -o $@ $^

$(V_DIR)/deputy: $(V_DIR)/deputy.o $(V_DIR)/victim.o
	$(say) LD $@
	$(Q)$(V_CC) -pthread -rdynamic -o $@ $^

$(V_DIR)/leaver $(V_DIR)/without: $(V_DIR)/%: $(V_DIR)/%.o
	$(say) LD $@
	$(Q)$(V_CC) -pthread -o $@ $^

$(V_DIR)/bare-leaker: $(V_DIR)/leaker.o $(V_DIR)/victim.o
	$(say) LD $@
	$(Q)$(V_CC) -pthread -o $@ $^

$(V_DIR)/loader: $(V_DIR)/loader.o $(V_DIR)/victim.o
	$(say) LD $@
	$(Q)$(V_CC) -pthread -o $@ $^ -ldl

$(V_DIR)/twin-leaker: $(V_DIR)/twin.o $(V_DIR)/leaker-je_.o \
		$(V_DIR)/victim.o $(V_DIR)/libjemalloc-je_.a
	$(say) LD $@
	$(Q)$(V_CC) -pthread -o $@ $^ $(V_STATIC_LIBS)

# Inside the one jemalloc, with another one in the program.
$(V_DIR)/twin-stuck: $(V_DIR)/stuck.o $(V_DIR)/victim.o \
		$(V_DIR)/libjemalloc-je_.a
	$(say) LD $@
	$(Q)$(V_CC) -pthread -o $@ -Wl,-u,je_mallctl $^ -ljemalloc \
		$(V_STATIC_LIBS)

# No 32-bit C library is needed for a program without one.
$(V_DIR)/tiny32: tests/victims/tiny32.c
	@mkdir -p $(@D)
	$(say) LD $@
	$(Q)$(V_CC) -m32 -static -nostdlib -ffreestanding -fno-stack-protector \
		-fno-pie -no-pie -O1 -g -Wall -Wextra -o $@ $<

# jemalloc in the program itself, found by symbols alone: "static-" has the C
# library in it too, "embedded-" is dynamic otherwise, as programs in Rust are.
# The ones with a prefix have a jemalloc with the names --with-jemalloc-prefix
# gives it, made from the distribution's by renaming; their C library keeps its
# own malloc. The one without can't profile: glibc 2.36 allocates in
# _dl_non_dynamic_init() before it knows its own program headers, and unwinding
# at that moment, which "prof:true" does, aborts.
JEMALLOC_A := $(shell $(V_CC) -print-file-name=libjemalloc_pic.a 2>/dev/null)
V_STATIC_LIBS = -lm -ldl

$(V_DIR)/static-leaker: $(V_DIR)/leaker.o $(V_DIR)/victim.o \
		$(V_DIR)/early_sysconf.o
	$(say) LD $@
	$(Q)$(V_CC) -static -pthread -o $@ $^ $(JEMALLOC_A) $(V_STATIC_LIBS)

# Its pthread_create() comes before libc's, as the one of a jemalloc that was
# configured with --enable-lazy-lock.
$(V_DIR)/wrapping-leaker: $(V_DIR)/wrapper.o $(V_DIR)/leaker.o \
		$(V_DIR)/victim.o
	$(say) LD $@
	$(Q)$(V_CC) -pthread -o $@ $^ $(JEMALLOC_A) -lstdc++ $(V_STATIC_LIBS)

$(V_DIR)/embedded-leaker: $(V_DIR)/leaker.o $(V_DIR)/victim.o
	$(say) LD $@
	$(Q)$(V_CC) -pthread -o $@ $^ $(JEMALLOC_A) -lstdc++ $(V_STATIC_LIBS)

# strip(1) leaves it the names that it exports, mallctl() among them.
$(V_DIR)/exporting-leaker: $(V_DIR)/leaker.o $(V_DIR)/victim.o
	$(say) LD $@
	$(Q)$(V_CC) -pthread -rdynamic -o $@ $^ $(JEMALLOC_A) -lstdc++ \
		$(V_STATIC_LIBS)

# The object file's name is that of one of jemalloc's, whose functions
# heapsnap knows by such names.
$(V_DIR)/own/stats.o: tests/victims/addresses.c
	@mkdir -p $(@D)
	$(say) CC $<
	$(Q)cp $< $(V_DIR)/own/stats.c
	$(Q)$(V_CC) $(V_CFLAGS) -MMD -MP -c -o $@ $(V_DIR)/own/stats.c

$(V_DIR)/static-addresses: $(V_DIR)/own/stats.o $(V_DIR)/victim.o \
		$(V_DIR)/early_sysconf.o
	$(say) LD $@
	$(Q)$(V_CC) -static -pthread -o $@ $^ $(JEMALLOC_A) $(V_STATIC_LIBS)

# It exports mallctl, but has lost the names of jemalloc's inner functions.
$(V_DIR)/stripped-addresses: $(V_DIR)/addresses.o $(V_DIR)/victim.o
	$(say) LD $@
	$(Q)$(V_CC) -rdynamic -s -pthread -o $@ $^ $(JEMALLOC_A) -lstdc++ \
		$(V_STATIC_LIBS)

# It exports malloc() and the like of its own jemalloc, but no mallctl(), as
# programs in Rust do.
$(V_DIR)/exporter: $(V_DIR)/hammer.o $(V_DIR)/victim.o
	$(say) LD $@
	$(Q)printf '{ malloc; calloc; realloc; free; posix_memalign; %s };\n' \
		'aligned_alloc; memalign; malloc_usable_size;' >$@.list
	$(Q)$(V_CC) -pthread -o $@ $^ -Wl,--dynamic-list=$@.list $(JEMALLOC_A) \
		-lstdc++ $(V_STATIC_LIBS)

# Two allocators, one of which is no jemalloc, in a program that is static.
$(V_DIR)/static-two: $(V_DIR)/leaker-je_.o $(V_DIR)/victim.o \
		$(V_DIR)/libjemalloc-je_.a
	$(say) LD $@
	$(Q)$(V_CC) -static -pthread -Wl,-u,malloc -o $@ $^ -ltcmalloc_minimal -lstdc++ \
		$(V_STATIC_LIBS)

$(V_DIR)/newer.o $(V_DIR)/shop.o $(V_DIR)/ages.o: $(V_DIR)/%.o: tests/victims/%.cc
	@mkdir -p $(@D)
	$(say) CXX $<
	$(Q)$(CXX) -O1 -g -Wall -Wextra $(if $(WERROR),-Werror) -iquote . \
		-MMD -MP -c -o $@ $<

$(V_DIR)/newer $(V_DIR)/shop $(V_DIR)/ages: $(V_DIR)/%: $(V_DIR)/%.o $(V_DIR)/victim.o
	$(say) LD $@
	$(Q)$(CXX) -pthread -o $@ $^ -Wl,--no-as-needed -ljemalloc

# strip(1) leaves it no name but those of types, which C++ itself needs.
$(V_DIR)/stripped-shop: $(V_DIR)/shop
	$(say) STRIP $@
	$(Q)strip -o $@ $<

$(V_DIR)/shim.so: tests/victims/shim.c
	@mkdir -p $(@D)
	$(say) LD $@
	$(Q)$(V_CC) $(V_CFLAGS) -fno-builtin -O2 -shared -fPIC -o $@ $<

# With the hooks of glibc before 2.34 libc's own malloc would be this one.
PUBLIC := malloc calloc realloc free posix_memalign aligned_alloc memalign \
	valloc malloc_usable_size malloc_stats_print malloc_message \
	malloc_conf malloc_conf_2_conf_harder mallctl mallctlnametomib \
	mallctlbymib mallocx rallocx xallocx sallocx dallocx sdallocx nallocx \
	__libc_malloc __libc_calloc __libc_realloc __libc_free \
	__libc_memalign __libc_valloc \
	$(foreach f,malloc realloc memalign free,__$(f)_hook)

define prefixed_rules
$(V_DIR)/libjemalloc-$(1).a: $(JEMALLOC_A) tests/victims/victims.mk
	@mkdir -p $$(@D)
	$$(say) PREFIX $$@
	$$(Q)objcopy $(foreach s,$(PUBLIC),--redefine-sym $(s)=$(1)$(s)) $$< $$@

$(V_DIR)/leaker-$(1).o: tests/victims/leaker.c
	@mkdir -p $$(@D)
	$$(say) CC $$<
	$$(Q)$$(V_CC) $$(V_CFLAGS) -DPREFIX=$(1) -MMD -MP -c -o $$@ $$<

$(V_DIR)/static-leaker-$(1): $(V_DIR)/early_sysconf.o
$(V_DIR)/static-leaker-$(1) $(V_DIR)/embedded-leaker-$(1): \
		$(V_DIR)/leaker-$(1).o $(V_DIR)/victim.o \
		$(V_DIR)/libjemalloc-$(1).a
	$$(say) LD $$@
	$$(Q)$$(V_CC) $$(if $$(findstring static-,$$@),-static) -pthread \
		-o $$@ $$^ $$(V_STATIC_LIBS)
endef
$(foreach p,$(V_PREFIXES),$(eval $(call prefixed_rules,$(p))))

-include $(wildcard $(V_DIR)/*.d)
