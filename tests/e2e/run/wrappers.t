#!/bin/bash
# `heapsnap run --wrap' as the wrapper of test suites, by the examples of
# docs/test-suites: the test that leaks fails, the other one passes, with meson,
# ctest and cargo.
# Plain: a wrapper is the same with sanitizers.
. "${0%/*}/../lib.sh"

export TMPDIR=$TMP
cp -r "$ROOT/docs/test-suites" "$TMP/suites"
cd "$TMP/suites" || exit 1

# --- alone ---

gcc -g -o leaks leaks.c
gcc -g -o frees frees.c
run heapsnap run --wrap ./leaks
is "$status" 1 'a test that leaks fails'
like "$err" '2,0[0-9]{2} bytes in 2 objects that were never freed are above 0' 'which is said'
run heapsnap run --wrap ./frees
is "$status" 0 'one that does not passes'
run heapsnap run --wrap --fail-above 1M ./leaks
is "$status" 0 'another limit'
gcc -static -o static -x c - <<<'int main(void) { return 7; }'
run heapsnap run --wrap ./static
is "$status" 7 'one without jemalloc is run'
like "$err" '^heapsnap: warning: what it leaves is not seen: .* is a static program without jemalloc' \
	'which is said, too'

# --- with the tools ---

if command -v meson >/dev/null; then
	ok 'meson: it is set up' meson setup by-meson
	run meson test -C by-meson --wrapper "$HEAPSNAP run --wrap --" \
		--print-errorlogs
	like "$out" 'frees +OK ' 'meson: the clean one passes'
	like "$out" 'leaks +FAIL ' 'meson: the other one fails'
	like "$out" $'\n *forget +[^ ]*leaks\\.c:8\n' 'meson: with the stack'
fi

if command -v cmake >/dev/null; then
	ok 'ctest: it is set up' cmake -B by-cmake -DCMAKE_BUILD_TYPE=Debug \
		-DCMAKE_CROSSCOMPILING_EMULATOR="$HEAPSNAP;run;--wrap;--"
	ok 'ctest: it is built' cmake --build by-cmake
	run env -C by-cmake ctest --output-on-failure
	like "$out" 'frees \.+ +Passed ' 'ctest: the clean one passes'
	like "$out" 'leaks \.+\*\*\*Failed ' 'ctest: the other one fails'
	like "$out" $'\n *forget +[^ ]*leaks\\.c:8\n' 'ctest: with the stack'
fi

if command -v cargo >/dev/null && [ "$(uname -m)" = x86_64 ]; then
	export CARGO_TARGET_X86_64_UNKNOWN_LINUX_GNU_RUNNER="$HEAPSNAP run --wrap --fail-above 8K --"
	run cargo test --offline --test frees
	is "$status" 0 'cargo: the clean one passes' || diag "$err"
	run cargo test --offline --test leaks
	is_not "$status" 0 'cargo: the other one fails'
	like "$err" 'leaks::forget' 'cargo: with the stack'
fi
done_testing
