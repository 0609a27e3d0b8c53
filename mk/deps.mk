# The packages that are needed, and `make deps'. NAME/OTHER: as the release has it.

BUILD_DEPS = gcc libc6-dev libunwind-dev libdw-dev libelf-dev libiberty-dev \
	libjansson-dev libdeflate-dev zlib1g-dev liblzma-dev libzstd-dev libdebuginfod-dev
DEMO_DEPS = $(BUILD_DEPS) libjemalloc2 libjemalloc-dev
TEST_DEPS = $(DEMO_DEPS) check perl redis-server redis-tools gdb strace mandoc \
	clang libclang-rt-dev clang-format codespell shellcheck jq python3 procps psmisc \
	util-linux hyperfine zstd llvm binutils musl-tools graphviz
BUILD_DEPS += libprotobuf-c-dev protobuf-c-compiler
TEST_DEPS += python3-dbg libc6-dbg rustc lld elfutils dwz xz-utils g++
TEST_DEPS += libmimalloc2.0/libmimalloc3 \
	libtcmalloc-minimal4/libtcmalloc-minimal4t64 libgoogle-perftools-dev
TEST_DEPS += haproxy unbound bind9 libglib2.0-0/libglib2.0-0t64
TEST_DEPS += build-essential debhelper lintian rpm git
TEST_DEPS += debuginfod golang-go chromium chromium-driver zsh fish python3-jsonschema
TEST_DEPS += libxml2-utils meson cmake libdevel-nytprof-perl
# `make demo' needs less than `make check', and `make' less than that.
DEPS = $(if $(filter demo,$(MAKECMDGOALS)),$(DEMO_DEPS),$(TEST_DEPS))
build-deps: DEPS = $(BUILD_DEPS)
# For the unit tests and the core of the others, without what is large.
core-deps: DEPS = $(filter-out chromium chromium-driver golang-go rustc \
	clang-format codespell shellcheck zsh fish hyperfine mandoc graphviz haproxy \
	unbound bind9 debuginfod rpm,$(TEST_DEPS))
# For `make analyze'.
dev-deps: DEPS = $(BUILD_DEPS) clang-tidy cppcheck

# What the same are in Fedora and its like, and in Alpine.
DNF_DEPS = gcc make glibc-devel libunwind-devel elfutils-devel \
	elfutils-libelf-devel elfutils-debuginfod-client-devel binutils-devel \
	jansson-devel libdeflate-devel zlib-devel xz-devel libzstd-devel protobuf-c-devel \
	protobuf-c-compiler
APK_DEPS = gcc make musl-dev linux-headers libunwind-dev elfutils-dev \
	binutils-dev jansson-dev libdeflate-dev zlib-dev xz-dev zstd-dev protobuf-c-dev \
	protobuf-c-compiler

# What a compiler says of a header that is not there is half of it.
blame_deps = { \
	! command -v dpkg-query >/dev/null || { \
		missing=`mk/deps.sh missing $(BUILD_DEPS)`; \
		[ -z "$$missing" ] || \
			echo "make: missing packages ('make build-deps'):$$missing" >&2; \
	}; exit 1; }

deps build-deps core-deps dev-deps:
	@if command -v dpkg-query >/dev/null; then \
		mk/deps.sh install $@ $(DEPS); \
	else \
		echo '$@: not a Debian system; to build, one of:'; \
		echo '  dnf install $(DNF_DEPS)'; \
		echo '  apk add $(APK_DEPS)'; \
	fi

print-build-deps:
	@echo $(BUILD_DEPS)

print-dnf-deps:
	@echo $(DNF_DEPS)

.PHONY: deps build-deps core-deps dev-deps print-build-deps print-dnf-deps
