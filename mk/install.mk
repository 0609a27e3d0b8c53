# Where the program goes, and what goes with it.

PREFIX = /usr/local
BINDIR = $(PREFIX)/bin
MANDIR = $(PREFIX)/share/man
DOCDIR = $(PREFIX)/share/doc/heapsnap
BASHDIR = $(PREFIX)/share/bash-completion/completions
ZSHDIR = $(PREFIX)/share/zsh/site-functions
FISHDIR = $(PREFIX)/share/fish/vendor_completions.d

# "FOLDER/NAME" of each file, below DESTDIR.
MAN_PAGES := $(wildcard man/*.[1-8])
DOCS := README.md SAFETY.md NEWS.md LICENSE docs/heapsnap-1.schema.json \
	docs/CONTAINERS.md docs/Dockerfile
COMPLETIONS = $(BASHDIR)/heapsnap $(ZSHDIR)/_heapsnap $(FISHDIR)/heapsnap.fish
INSTALLED = $(BINDIR)/heapsnap $(addprefix $(DOCDIR)/,$(notdir $(DOCS))) \
	$(foreach m,$(MAN_PAGES),$(MANDIR)/man$(subst .,,$(suffix $(m)))/$(notdir $(m))) \
	$(COMPLETIONS)

# put FILE...,MODE,FOLDER
put = install -d $(DESTDIR)$(3) && install -m $(2) $(1) $(DESTDIR)$(3)

install: all
	install -d $(DESTDIR)$(BINDIR)
	install $(STRIP_FLAG) -m 755 $(PROGRAM) $(DESTDIR)$(BINDIR)/heapsnap
	$(call put,$(DOCS),644,$(DOCDIR))
	$(Q)for page in $(MAN_PAGES); do \
		dir=$(DESTDIR)$(MANDIR)/man$${page##*.}; \
		install -d $$dir && install -m 644 $$page $$dir || exit 1; \
	done
	install -d $(dir $(addprefix $(DESTDIR),$(COMPLETIONS)))
	$(abspath $(PROGRAM)) completion bash >$(DESTDIR)$(BASHDIR)/heapsnap
	$(abspath $(PROGRAM)) completion zsh >$(DESTDIR)$(ZSHDIR)/_heapsnap
	$(abspath $(PROGRAM)) completion fish >$(DESTDIR)$(FISHDIR)/heapsnap.fish
	chmod 644 $(addprefix $(DESTDIR),$(COMPLETIONS))

install-strip: STRIP_FLAG = -s
install-strip: install

# Folders that nothing else is in go, too: but for DOCDIR they are everybody's.
uninstall:
	rm -f $(addprefix $(DESTDIR),$(INSTALLED))
	-rmdir $(DESTDIR)$(DOCDIR)

print-installed:
	@echo $(INSTALLED)

.PHONY: install install-strip uninstall print-installed
