# The process of the storms, in C and C++, what it executes and what it loads.

STORM_PARTS := $(filter-out %/storm_child.c %/storm_plugin.c,\
	$(wildcard tests/storm/*.c))
STORM_O := $(patsubst tests/storm/%.c,$(V_DIR)/storm/%.o,$(STORM_PARTS)) \
	$(V_DIR)/storm/storm_throw.o
STORM := $(V_DIR)/storm/storm $(V_DIR)/storm/storm-child \
	$(V_DIR)/storm/storm-plugin.so
VICTIMS += $(STORM)

$(V_DIR)/storm/%.o: tests/storm/%.c
	@mkdir -p $(@D)
	$(say) CC $<
	$(Q)$(V_CC) $(V_CFLAGS) -MMD -MP -c -o $@ $<

CXX = $(if $(findstring clang,$(V_CC)),clang++,g++)
$(V_DIR)/storm/%.o: tests/storm/%.cc
	@mkdir -p $(@D)
	$(say) CXX $<
	$(Q)$(CXX) -O1 -g -Wall -Wextra $(if $(WERROR),-Werror) -MMD -MP -c \
		-o $@ $<

$(V_DIR)/storm/storm: $(STORM_O) $(V_DIR)/victim.o
	$(say) LD $@
	$(Q)$(CXX) -pthread -o $@ $^ -Wl,--no-as-needed -ljemalloc \
		-Wl,--as-needed -ldl -lrt

$(V_DIR)/storm/storm-child: $(V_DIR)/storm/storm_child.o
	$(say) LD $@
	$(Q)$(V_CC) -o $@ $^

$(V_DIR)/storm/storm-plugin.so: tests/storm/storm_plugin.c
	@mkdir -p $(@D)
	$(say) LD $@
	$(Q)$(V_CC) $(V_CFLAGS) -shared -fPIC -o $@ $<

-include $(wildcard $(V_DIR)/storm/*.d)
