#!/bin/bash
# The program has what compiler, linker and C library can add against faults that a
# hostile file or process might use: by what is in it, not by what make was told.
. "${0%/*}/lib.sh"

needs readelf
needs objdump
needs nm

segments=$(readelf -lW "$HEAPSNAP")
dynamic=$(readelf -dW "$HEAPSNAP")
imports=$(nm -D --undefined-only "$HEAPSNAP")
producer=$(readelf --debug-dump=info "$HEAPSNAP" 2>/dev/null |
	grep DW_AT_producer | grep -m1 -E 'GNU C11|clang')

like "$segments" 'Elf file type is DYN' 'it lies at another address each time'
like "$segments" 'GNU_STACK .* RW ' 'its stack is no code'
unlike "$segments" ' RWE ' 'nor is anything that can be written to'
like "$segments" GNU_RELRO 'what the linker fills in'
like "$dynamic" 'BIND_NOW|FLAGS .* NOW' 'is filled in at once and cannot be written to'
like "$imports" __stack_chk_fail 'stacks are checked'
like "$imports" '__(memcpy|snprintf|vsnprintf|fprintf|vfprintf|read)_chk' \
	'so are the sizes of buffers'

if [ "$(uname -m)" = x86_64 ]; then
	like "$(objdump -d --no-show-raw-insn --disassemble=main "$HEAPSNAP")" \
		'<main>:[^:]*:[[:space:]]*endbr64' \
		'calls by address reach the beginning of functions only'
else
	pass 'calls by address # SKIP not x86-64'
fi
# gcc writes down what it was told.
if [[ $producer == *'GNU C11'* ]]; then
	like "$producer" fstack-clash-protection 'no stack reaches over its guard page'
	if gcc -ftrivial-auto-var-init=zero -x c -S -o "$TMP/s" - </dev/null \
		2>/dev/null; then
		like "$producer" ftrivial-auto-var-init=zero 'locals begin as zeros'
	else
		pass 'locals # SKIP gcc before 12 has no such flag'
	fi
else
	pass 'the guard page # SKIP clang does not say'
	pass 'locals # SKIP clang does not say'
fi
done_testing
