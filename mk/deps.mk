# The Debian packages that are needed, and `make deps'.

BUILD_DEPS = gcc libc6-dev libunwind-dev libdw-dev libelf-dev libiberty-dev \
	libjansson-dev zlib1g-dev liblzma-dev libzstd-dev libdebuginfod-dev
DEMO_DEPS = $(BUILD_DEPS) libjemalloc2 libjemalloc-dev
TEST_DEPS = $(DEMO_DEPS) check perl redis-server redis-tools gdb strace mandoc \
	clang libclang-rt-dev clang-format codespell shellcheck jq python3 procps psmisc \
	util-linux hyperfine zstd llvm binutils musl-tools graphviz
BUILD_DEPS += libprotobuf-c-dev protobuf-c-compiler
TEST_DEPS += python3.11-dbg libc6-dbg rustc lld elfutils dwz xz-utils g++
TEST_DEPS += libmimalloc2.0 libtcmalloc-minimal4 libgoogle-perftools-dev
TEST_DEPS += haproxy unbound bind9 libglib2.0-0
TEST_DEPS += build-essential debhelper lintian rpm git
TEST_DEPS += debuginfod golang-go chromium chromium-driver zsh fish python3-jsonschema
TEST_DEPS += libxml2-utils
# `make demo' needs less than `make check', and `make' less than that.
DEPS = $(if $(filter demo,$(MAKECMDGOALS)),$(DEMO_DEPS),$(TEST_DEPS))
build-deps: DEPS = $(BUILD_DEPS)
# For `make analyze'.
dev-deps: DEPS = $(BUILD_DEPS) clang-tidy cppcheck

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

deps build-deps dev-deps:
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

print-build-deps:
	@echo $(BUILD_DEPS)

.PHONY: deps build-deps dev-deps print-build-deps
