# The service of `make demo', built as anybody would build one.

DEMO := build/demo/session-service

$(DEMO): tests/demo/session_service.c
	@mkdir -p $(@D)
	$(say) LD $@
	$(Q)$(V_CC) -std=gnu11 -D_GNU_SOURCE -O2 -g -Wall -Wextra \
		$(if $(WERROR),-Werror) -pthread -o $@ $< -ljemalloc
